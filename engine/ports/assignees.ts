// Who work can be given to: users, groups and queues are kept by whoever embeds the engine.

export const assigneeKinds = ['user', 'group', 'queue'] as const;
export type AssigneeKind = (typeof assigneeKinds)[number];

export interface AssigneePort {
  /** Whether somebody of this name could be given work now. @throws {RecourseError} retryable ones, when that can't be known */
  exists(kind: AssigneeKind, name: string): Promise<boolean>;
  /** Whether a user may do now what that is given to: is the user, or is one of the group or queue. @throws {RecourseError} as `exists` */
  includes(kind: AssigneeKind, name: string, user: string): Promise<boolean>;
}
