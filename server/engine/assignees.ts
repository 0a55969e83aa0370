// Whom flows can give work to: users who may sign in, and groups and queues, which are called like the roles of their members.
import type { AssigneeKind, AssigneePort, ValidationContext } from '../../engine/index.js';
import type { Models } from '../../store/connect.js';
import { roles as builtInRoles } from '../../store/models/user.js';

/** Where there are more users, the check of flows does not look at their names. */
const usersMax = 10_000;

/** A run that a program has started, by a key of a user, acts for `<user>/<key>`. */
const ownerOf = (name: string): string => name.split('/')[0] ?? '';

export class Assignees implements AssigneePort {
  readonly #models: Models;

  constructor(models: Models) {
    this.#models = models;
  }

  async exists(kind: AssigneeKind, name: string): Promise<boolean> {
    const { users, roles } = this.#models;
    if (kind !== 'user') {
      return builtInRoles.some((role) => role === name) || (await roles.exists({ _id: name })) !== null;
    }
    return (await users.exists({ _id: ownerOf(name), active: true })) !== null;
  }

  async includes(kind: AssigneeKind, name: string, user: string): Promise<boolean> {
    if (kind === 'user') return user === name && this.exists(kind, name);
    return (await this.#models.users.exists({ _id: ownerOf(user), active: true, roles: name })) !== null;
  }

  /** Those whose work nobody can do: users who may not sign in any more, and groups and queues without anybody in them. */
  async withoutAnybody(): Promise<string[]> {
    const { users } = this.#models;
    const gone = await users.find({ active: false }, { _id: 1 }).limit(usersMax).lean<{ _id: string }[]>();
    const taken = new Set(await users.distinct('roles', { active: true }));
    const empty = [...(await this.#roles())].filter((role) => !taken.has(role));
    return [
      ...gone.map(({ _id }) => `user:${_id}`),
      ...empty.flatMap((role) => [`group:${role}`, `queue:${role}`]),
    ];
  }

  async #roles(): Promise<Set<string>> {
    const own = await this.#models.roles.find({}, { _id: 1 }).lean<{ _id: string }[]>();
    return new Set([...builtInRoles, ...own.map(({ _id }) => _id)]);
  }

  /** All names, for the check of flows. */
  async names(): Promise<NonNullable<ValidationContext['assignees']>> {
    const roles = await this.#roles();
    const users = await this.#models.users
      .find({ active: true }, { _id: 1 })
      .limit(usersMax + 1)
      .lean<{ _id: string }[]>();
    return {
      group: roles,
      queue: roles,
      ...(users.length > usersMax ? {} : { user: new Set(users.map(({ _id }) => _id)) }),
    };
  }
}
