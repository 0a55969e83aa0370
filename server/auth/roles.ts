// Roles: the built-in ones, as they are or as this installation has changed them, and further ones.
import type { Models } from '../../store/connect.js';
import { type RoleRecord, roles as builtInRoles } from '../../store/models/user.js';
import { insertOnce } from '../../store/insert-once.js';
import type { Clock } from '../clock.js';
import { serverErrors } from '../server-errors.js';
import { builtInPermissions, isPermission, type Permission } from './permissions.js';

/** Other processes learn of a change within this time. */
const knownMsMax = 1_000;

export interface RoleView {
  readonly name: string;
  readonly title: string;
  readonly permissions: readonly Permission[];
  readonly isBuiltIn: boolean;
  /** 0: a built-in role as it was shipped. */
  readonly version: number;
}

export class Roles {
  readonly #models: Models;
  readonly #clock: Clock;
  #known: { readonly at: number; readonly roles: Promise<ReadonlyMap<string, RoleView>> } | undefined;

  constructor(models: Models, clock: Clock) {
    this.#models = models;
    this.#clock = clock;
  }

  /** All roles by name. */
  all(): Promise<ReadonlyMap<string, RoleView>> {
    const at = this.#clock.now().getTime();
    if (this.#known === undefined || at - this.#known.at >= knownMsMax) {
      const roles = this.#read();
      this.#known = { at, roles };
      roles.catch(() => {
        this.#known = undefined;
      });
    }
    return this.#known.roles;
  }

  async #read(): Promise<ReadonlyMap<string, RoleView>> {
    const stored = await this.#models.roles.find({}).sort({ _id: 1 }).lean<RoleRecord[]>();
    const shipped = builtInRoles.map(
      (name): RoleView => ({
        name,
        title: `${name[0]!.toUpperCase()}${name.slice(1)}`,
        permissions: builtInPermissions([name]),
        isBuiltIn: true,
        version: 0,
      }),
    );
    const own = stored.map(
      ({ _id, title, permissions, version }): RoleView => ({
        name: _id,
        title,
        // A permission of an earlier release may be gone.
        permissions: permissions.filter(isPermission),
        isBuiltIn: builtInRoles.some((name) => name === _id),
        version,
      }),
    );
    return new Map([...shipped, ...own].map((role) => [role.name, role]));
  }

  /** Everything that the roles permit together; a role that is gone permits nothing. */
  async permissionsOf(names: readonly string[]): Promise<ReadonlySet<Permission>> {
    const roles = await this.all();
    return new Set(names.flatMap((name) => roles.get(name)?.permissions ?? []));
  }

  /** Makes or changes a role that has been seen at `version`; false if it is at another one. */
  async save({ name, title, permissions, version }: Omit<RoleView, 'isBuiltIn'>): Promise<boolean> {
    const change = { title, permissions: [...permissions], version: version + 1 };
    this.#known = undefined;
    try {
      if (version === 0) {
        const { collection } = this.#models.roles;
        return (await insertOnce(() => collection.insertOne({ _id: name, ...change } as never))) === 'new';
      }
      const { matchedCount } = await this.#models.roles.collection.updateOne(
        { _id: name as never, version },
        { $set: change },
      );
      return matchedCount === 1;
    } finally {
      this.#known = undefined;
    }
  }

  /**
   * Removes a role, or takes a built-in one back to how it was shipped; false if it is at another version.
   *
   * @throws {RecourseError} `server.role-in-use`
   */
  async remove({ name, isBuiltIn, version }: RoleView): Promise<boolean> {
    if (!isBuiltIn && (await this.#models.users.exists({ roles: name })) !== null) {
      throw serverErrors.error('role-in-use', `there are users with the role ${name}`);
    }
    try {
      const { deletedCount } = await this.#models.roles.collection.deleteOne({ _id: name as never, version });
      return deletedCount === 1;
    } finally {
      this.#known = undefined;
    }
  }
}
