// Whom flows can give work to: users who may sign in, and groups and queues, which are called like the roles of their members.
import type { AssigneeKind, AssigneePort, ValidationContext } from '../../engine/index.js';
import type { Models } from '../../store/connect.js';
import { roles as builtInRoles } from '../../store/models/user.js';

/** Where there are more users, the check of flows does not look at their names. */
const usersMax = 10_000;

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
    // A run that a program has started, by a key of a user, acts for `<user>/<key>`.
    const [owner = ''] = name.split('/');
    return (await users.exists({ _id: owner, active: true })) !== null;
  }

  /** All names, for the check of flows. */
  async names(): Promise<NonNullable<ValidationContext['assignees']>> {
    const own = await this.#models.roles.find({}, { _id: 1 }).lean<{ _id: string }[]>();
    const roles = new Set([...builtInRoles, ...own.map(({ _id }) => _id)]);
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
