// Users: what administrators do with them, and what everybody does with their own account.
import type { Request, Response } from 'express';
import type { Models } from '../../store/connect.js';
import type { SessionRecord } from '../../store/models/session.js';
import type { UserRecord } from '../../store/models/user.js';
import { items, json, none, page } from '../answers/answer.js';
import { meAnswer, newUser, session, wholeUser } from '../answers/server-answers.js';
import type { Auth } from '../auth/compose-auth.js';
import type { Principal } from '../auth/sessions.js';
import type { SignInThrottle } from '../auth/sign-in-throttle.js';
import { toUserName, type UserProfile, userNameShape } from '../auth/users.js';
import { type Input, InputCheck, refuse } from '../input.js';
import { addressOf, ifMatch, requireSeen, signedIn } from '../request/conditions.js';
import { limit, limitDefault, word } from '../request/inputs.js';
import { toPage } from '../request/page.js';
import { serverErrors } from '../server-errors.js';
import { requireOwn } from './access.js';
import type { Route } from './route.js';

const listQuery = new InputCheck({
  type: 'object',
  properties: { limit, after: { ...word, description: '`next` of the page before' } },
  additionalProperties: false,
});
const userBody = new InputCheck({
  type: 'object',
  properties: {
    displayName: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description: 'a text of 1 to 100 characters',
    },
    roles: {
      type: 'array',
      items: { type: 'string', maxLength: 40 },
      maxItems: 20,
      uniqueItems: true,
      description: 'names of roles',
    },
    customer: { ...word, description: 'of a shopper: the number of their customer' },
    active: { type: 'boolean', description: 'whether the user may sign in; true if absent' },
  },
  required: ['displayName', 'roles'],
  additionalProperties: false,
});
const passwordBody = new InputCheck({
  type: 'object',
  properties: {
    current: { type: 'string', minLength: 1, maxLength: 1024, description: 'the present password' },
    password: {
      type: 'string',
      minLength: 12,
      maxLength: 1024,
      description: 'the new password, a text of 12 to 1024 characters',
    },
  },
  required: ['current', 'password'],
  additionalProperties: false,
});

const userJson = (user: UserRecord): Record<string, unknown> => ({
  username: user._id,
  displayName: user.displayName,
  roles: user.roles,
  customer: user.customer ?? null,
  active: user.active,
  createdAt: user.createdAt,
  version: user.version,
});

/** How many digits of a session's hash name it: nobody finds a token by them. */
const sessionIdLength = 16;
const sessionJson = (
  { _id, createdAt, lastUsedAt, expiresAt }: SessionRecord,
  own: string | undefined,
): Record<string, unknown> => ({
  id: _id.slice(0, sessionIdLength),
  createdAt,
  lastUsedAt,
  expiresAt,
  isThisOne: _id === own,
});

const nameOf = (request: Request): string => toUserName(String(request.params['name']));

function answer(response: Response, user: UserRecord, more: object = {}): void {
  response.setHeader('ETag', `"${user.version}"`);
  response.json({ ...userJson(user), ...more });
}

export function userRoutes(
  models: Models,
  { users, sessions, roles }: Auth,
  throttle: SignInThrottle,
): Route[] {
  const toProfile = async (body: Input, principal: Principal): Promise<UserProfile> => {
    const { displayName, customer, active = true } = body;
    const names = body['roles'] as string[];
    const known = await roles.all();
    const unknown = names.filter((name) => !known.has(name));
    if (unknown.length > 0) {
      refuse([
        {
          pointer: `/roles/${names.indexOf(unknown[0]!)}`,
          code: 'server.invalid-field',
          detail: `there is no role ${unknown.join(', ')}`,
          expected: `one of ${[...known.keys()].join(', ')}`,
        },
      ]);
    }
    if (customer !== undefined && (await models.customers.exists({ _id: String(customer) })) === null) {
      refuse([
        {
          pointer: '/customer',
          code: 'server.invalid-field',
          detail: `there is no customer ${String(customer)}`,
          expected: 'the number of a customer',
        },
      ]);
    }
    requireOwn(principal, await roles.permissionsOf(names));
    return {
      displayName: String(displayName),
      roles: names,
      active: active === true,
      ...(customer === undefined ? {} : { customer: String(customer) }),
    };
  };
  /** A session of the caller, by the beginning of its hash. */
  const ownSession = async (principal: Principal, id: string): Promise<SessionRecord | undefined> =>
    (await sessions.listOf(principal.userName)).find(({ _id }) => _id.slice(0, sessionIdLength) === id);
  return [
    {
      method: 'get',
      path: '/api/v1/me',
      access: 'signed-in',
      summary: 'Who I am, and what I may do.',
      answers: { 200: meAnswer },
      async handle(_request, response) {
        const { userName, roles: own, permissions, customer } = signedIn(response);
        const user = await users.find(userName);
        response.json({
          username: userName,
          displayName: user?.displayName ?? null,
          roles: own,
          permissions: [...permissions].sort(),
          customer: customer ?? null,
        });
      },
    },
    {
      method: 'put',
      path: '/api/v1/me/password',
      access: 'signed-in',
      summary: 'Choose a new password; all other sessions end.',
      body: passwordBody,
      audited: 'without-body',
      answers: { 204: none },
      async handle(request, response, { body }) {
        const { userName, sessionId } = signedIn(response);
        const address = addressOf(request);
        // Whoever has found an open session doesn't get to guess at the password either.
        throttle.admit(userName, address);
        if (sessionId === undefined || (await users.check(userName, String(body['current']))) === undefined)
          throw serverErrors.error('sign-in-refused', 'the present password is wrong');
        throttle.succeed(userName, address);
        await users.choosePassword(userName, String(body['password']), sessionId);
        response.status(204).end();
      },
    },
    {
      method: 'get',
      path: '/api/v1/me/sessions',
      access: 'signed-in',
      summary: 'My sessions, the newest first.',
      answers: { 200: items(session) },
      async handle(_request, response) {
        const { userName, sessionId } = signedIn(response);
        const found = await sessions.listOf(userName);
        response.json({ items: found.map((each) => sessionJson(each, sessionId)) });
      },
    },
    {
      method: 'delete',
      path: '/api/v1/me/sessions/:session',
      access: 'signed-in',
      summary: 'End one of my sessions.',
      answers: { 204: none },
      async handle(request, response) {
        const found = await ownSession(signedIn(response), String(request.params['session']));
        if (found === undefined) throw serverErrors.error('not-found', 'you have no such session');
        await sessions.end(found._id);
        response.status(204).end();
      },
    },
    {
      method: 'get',
      path: '/api/v1/users',
      access: { permission: 'users.manage' },
      summary: 'Users, by name.',
      query: listQuery,
      answers: { 200: page(wholeUser) },
      async handle(_request, response, { query }) {
        const { after, limit: count = limitDefault } = query;
        const found = await users.list(after === undefined ? undefined : String(after), Number(count) + 1);
        const { rows, next } = toPage(found, Number(count), ({ _id }) => _id);
        response.json({ items: rows.map(userJson), next });
      },
    },
    {
      method: 'get',
      path: '/api/v1/users/:name',
      access: { permission: 'users.manage' },
      summary: 'One user.',
      answers: { 200: json(wholeUser) },
      async handle(request, response) {
        answer(response, await users.get(nameOf(request)));
      },
    },
    {
      method: 'put',
      path: '/api/v1/users/:name',
      access: { permission: 'users.manage' },
      summary: 'Make a user (If-Match "0"), whose password is told here only, or change one.',
      needs: 'if-match',
      body: userBody,
      audited: 'with-body',
      answers: { 200: json(wholeUser), 201: newUser },
      async handle(request, response, { body }) {
        const seen = ifMatch(request);
        const name = nameOf(request);
        if (!userNameShape.test(name)) {
          refuse([
            {
              pointer: '',
              parameter: 'name',
              code: 'server.invalid-parameter',
              detail: `${JSON.stringify(name.slice(0, 64))} can't be a user name`,
              expected: '1 to 64 of a-z, 0-9, dot, underscore and hyphen, beginning with a letter or digit',
            },
          ]);
        }
        const profile = await toProfile(body, signedIn(response));
        const before = await users.find(name);
        const version = before?.version ?? 0;
        const refused = () => requireSeen('', [version], `${name} was changed meanwhile`, { version });
        requireSeen(seen, [version], `the version of ${name} is ${version}, not ${seen}`, { version });
        if (before !== undefined) {
          // Nobody takes rights from, or changes, somebody who has more of them.
          requireOwn(signedIn(response), await roles.permissionsOf(before.roles));
          if (!(await users.change(name, profile, version))) refused();
          answer(response, await users.get(name));
          return;
        }
        const password = await users.create(name, profile);
        if (password === undefined) refused();
        response.status(201);
        answer(response, await users.get(name), { password });
      },
    },
    {
      method: 'get',
      path: '/api/v1/users/:name/sessions',
      access: { permission: 'users.manage' },
      summary: 'The sessions of a user, the newest first.',
      answers: { 200: items(session) },
      async handle(request, response) {
        const { _id } = await users.get(nameOf(request));
        const { sessionId } = signedIn(response);
        response.json({ items: (await sessions.listOf(_id)).map((each) => sessionJson(each, sessionId)) });
      },
    },
    {
      method: 'delete',
      path: '/api/v1/users/:name/sessions',
      access: { permission: 'users.manage' },
      summary: 'End all sessions of a user.',
      audited: 'with-body',
      answers: { 204: none },
      async handle(request, response) {
        const { _id, roles: held } = await users.get(nameOf(request));
        requireOwn(signedIn(response), await roles.permissionsOf(held));
        await sessions.endAllOf(_id);
        response.status(204).end();
      },
    },
  ];
}
