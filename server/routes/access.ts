// Roles, permissions and API keys: who may do what, and how programs come in.
import type { Engine } from '../../engine/index.js';
import type { ApiKeyRecord } from '../../store/models/api-key.js';
import { items, json, none } from '../answers/answer.js';
import { listedKey, newKey, permission as permissionAnswer, wholeRole } from '../answers/server-answers.js';
import type { Auth } from '../auth/compose-auth.js';
import { type Permission, permissions } from '../auth/permissions.js';
import type { RoleView } from '../auth/roles.js';
import type { Principal } from '../auth/sessions.js';
import { toUserName } from '../auth/users.js';
import { InputCheck, refuse } from '../input.js';
import { ifMatch, requireSeen, signedIn } from '../request/conditions.js';
import { word } from '../request/inputs.js';
import { serverErrors } from '../server-errors.js';
import type { Route } from './route.js';

const daysDefault = 90;
const daysMax = 366;
const roleName = /^[a-z][a-z0-9-]{0,39}$/;
const permissionList = {
  type: 'array',
  items: { type: 'string', enum: permissions },
  uniqueItems: true,
  maxItems: permissions.length,
  description: `a list of ${permissions.join(', ')}`,
} as const;
const roleBody = new InputCheck({
  type: 'object',
  properties: {
    title: { type: 'string', minLength: 1, maxLength: 100, description: 'a text of 1 to 100 characters' },
    permissions: permissionList,
  },
  required: ['title', 'permissions'],
  additionalProperties: false,
});
const keyBody = new InputCheck({
  type: 'object',
  properties: {
    name: { ...word, description: 'a name, such as warehouse' },
    owner: { ...word, description: 'the user whose rights it has; you if absent' },
    permissions: permissionList,
    days: {
      type: 'integer',
      minimum: 1,
      maximum: daysMax,
      description: `after how many days it expires, 1 to ${daysMax}; ${daysDefault} if absent`,
    },
  },
  required: ['name', 'permissions'],
  additionalProperties: false,
});

/**
 * Nobody gives, or takes, what they don't have.
 *
 * @throws {RecourseError} `server.forbidden`
 */
export function requireOwn(principal: Principal, given: Iterable<Permission>): void {
  const lacking = [...given].filter((each) => !principal.permissions.has(each));
  if (lacking.length > 0)
    throw serverErrors.error('forbidden', `only somebody with ${lacking.join(', ')} can do this`);
}

const keyIdLength = 16;
const keyJson = (key: ApiKeyRecord): Record<string, unknown> => ({
  id: key._id.slice(0, keyIdLength),
  name: key.name,
  owner: key.owner,
  permissions: key.permissions,
  createdAt: key.createdAt,
  createdBy: key.createdBy,
  expiresAt: key.expiresAt,
  lastUsedAt: key.lastUsedAt ?? null,
});

const etagOf = ({ version }: RoleView): string => `"${version}"`;

export function accessRoutes({ roles, users, keys }: Auth, engine: Engine): Route[] {
  const roleOf = async (name: string): Promise<RoleView> => {
    const found = (await roles.all()).get(name);
    if (found === undefined)
      throw serverErrors.error('not-found', `there is no role ${JSON.stringify(name.slice(0, 40))}`);
    return found;
  };
  /** @throws {RecourseError} `server.fixed-role`: an administrator could lock everybody out */
  const requireEditable = (name: string): void => {
    if (name === 'administrator')
      throw serverErrors.error('fixed-role', 'the role administrator has all permissions, always');
  };
  /** @throws {RecourseError} `server.role-in-use`: there would be nobody to do it, and no sign of it */
  const requireWithoutWork = async (role: string): Promise<void> => {
    const { work } = await engine.tasksFor([`group:${role}`, `queue:${role}`], { limit: 1 });
    if (work.length > 0) throw serverErrors.error('role-in-use', `there is work for ${role}`);
  };
  return [
    {
      method: 'get',
      path: '/api/v1/permissions',
      access: { permission: 'roles.manage' },
      summary: 'What there is to be permitted, and which roles have it.',
      answers: { 200: items(permissionAnswer) },
      async handle(_request, response) {
        const all = [...(await roles.all()).values()];
        response.json({
          items: permissions.map((name) => ({
            name,
            roles: all.filter((role) => role.permissions.includes(name)).map((role) => role.name),
          })),
        });
      },
    },
    {
      method: 'get',
      path: '/api/v1/roles',
      access: { permission: 'users.manage' },
      summary: 'Roles, the built-in ones first.',
      answers: { 200: items(wholeRole) },
      async handle(_request, response) {
        response.json({ items: [...(await roles.all()).values()] });
      },
    },
    {
      method: 'get',
      path: '/api/v1/roles/:role',
      access: { permission: 'users.manage' },
      summary: 'One role.',
      answers: { 200: json(wholeRole) },
      async handle(request, response) {
        const role = await roleOf(String(request.params['role']));
        response.setHeader('ETag', etagOf(role));
        response.json(role);
      },
    },
    {
      method: 'put',
      path: '/api/v1/roles/:role',
      access: { permission: 'roles.manage' },
      summary: 'Make a role (If-Match "0"), or change one; it counts from the next request on.',
      needs: 'if-match',
      body: roleBody,
      audited: 'with-body',
      answers: { 200: json(wholeRole), 201: json(wholeRole) },
      async handle(request, response, { body }) {
        const seen = ifMatch(request);
        const name = String(request.params['role']);
        if (!roleName.test(name)) {
          refuse([
            {
              pointer: '',
              parameter: 'role',
              code: 'server.invalid-parameter',
              detail: `${JSON.stringify(name.slice(0, 40))} can't be the name of a role`,
              expected: '1 to 40 of a-z, 0-9 and hyphen, beginning with a letter',
            },
          ]);
        }
        requireEditable(name);
        const before = (await roles.all()).get(name);
        const version = before?.version ?? 0;
        requireSeen(seen, [version], `the version of ${name} is ${version}, not ${seen}`, { version });
        const wanted = body['permissions'] as Permission[];
        requireOwn(signedIn(response), [...wanted, ...(before?.permissions ?? [])]);
        const isSaved = await roles.save({
          name,
          title: String(body['title']),
          permissions: wanted,
          version,
        });
        if (!isSaved) requireSeen('', [version], `${name} was changed meanwhile`, { version });
        const role = await roleOf(name);
        response.status(before === undefined ? 201 : 200).setHeader('ETag', etagOf(role));
        response.json(role);
      },
    },
    {
      method: 'delete',
      path: '/api/v1/roles/:role',
      access: { permission: 'roles.manage' },
      summary: 'Remove a role that nobody has, or take a built-in one back to how it was shipped.',
      needs: 'if-match',
      audited: 'with-body',
      answers: { 204: none },
      async handle(request, response) {
        const seen = ifMatch(request);
        const role = await roleOf(String(request.params['role']));
        requireEditable(role.name);
        const { version } = role;
        requireSeen(seen, [version], `the version of ${role.name} is ${version}, not ${seen}`, { version });
        requireOwn(signedIn(response), role.permissions);
        if (!role.isBuiltIn) await requireWithoutWork(role.name);
        if (version > 0 && !(await roles.remove(role)))
          requireSeen('', [version], `${role.name} was changed meanwhile`, { version });
        response.status(204).end();
      },
    },
    {
      method: 'get',
      path: '/api/v1/keys',
      access: { permission: 'keys.manage' },
      summary: 'API keys, by owner and name.',
      answers: { 200: items(listedKey) },
      async handle(_request, response) {
        response.json({ items: (await keys.list()).map(keyJson) });
      },
    },
    {
      method: 'post',
      path: '/api/v1/keys',
      access: { permission: 'keys.manage' },
      summary: 'Make an API key; its token is told here only.',
      body: keyBody,
      audited: 'with-body',
      answers: { 201: newKey },
      async handle(_request, response, { body }) {
        const principal = signedIn(response);
        const owner = await users.get(toUserName(String(body['owner'] ?? principal.userName)));
        const wanted = body['permissions'] as Permission[];
        const permitted = await roles.permissionsOf(owner.roles);
        const lacking = wanted.filter((name) => !permitted.has(name));
        if (lacking.length > 0) {
          refuse([
            {
              pointer: '/permissions',
              code: 'server.invalid-field',
              detail: `${owner._id} does not have ${lacking.join(', ')}`,
              expected: `permissions of ${owner._id}`,
            },
          ]);
        }
        requireOwn(principal, wanted);
        const { token, key } = await keys.create({
          name: String(body['name']),
          owner: owner._id,
          permissions: wanted,
          days: Number(body['days'] ?? daysDefault),
          createdBy: principal.userName,
        });
        response.status(201).json({ ...keyJson(key), token });
      },
    },
    {
      method: 'delete',
      path: '/api/v1/keys/:key',
      access: { permission: 'keys.manage' },
      summary: 'Revoke an API key; it ends at once.',
      audited: 'with-body',
      answers: { 204: none },
      async handle(request, response) {
        const id = String(request.params['key']);
        const found = (await keys.list()).find(({ _id }) => _id.slice(0, keyIdLength) === id);
        if (found === undefined || !(await keys.revoke(found._id)))
          throw serverErrors.error('not-found', 'there is no such key');
        response.status(204).end();
      },
    },
  ];
}
