// Users, roles, sessions and API keys over HTTP: nobody gives what they don't have, nobody is locked out for good, and
// whatever is taken away is gone with the next request.
import assert from 'node:assert/strict';
import { permissions } from '../../server/auth/permissions.js';
import { assertProblem } from './problem.js';
import { openSampleApp, type SampleApp } from './sample-app.js';

describe('users, roles and keys over HTTP', () => {
  let app: SampleApp;
  let admin: string;
  beforeEach(async () => {
    app = await openSampleApp();
    admin = await app.signIn('admin');
  });
  afterEach(() => app.close());

  type Method = 'get' | 'put' | 'post' | 'delete';
  const ask = (method: Method, path: string, authorization = admin, body?: object, seen?: string) => {
    const request = app.request()[method](`/api/v1/${path}`).set('authorization', authorization);
    if (seen !== undefined) void request.set('if-match', `"${seen}"`);
    return body === undefined ? request : request.send(body);
  };
  const token = async (username: string, password: string): Promise<string> => {
    const { body } = await app.request().post('/api/v1/sign-in').send({ username, password }).expect(200);
    return `Bearer ${(body as { token: string }).token}`;
  };
  const carla = { displayName: 'Carla', roles: ['agent'] };
  const makeCarla = async (): Promise<{ authorization: string; password: string }> => {
    const { body } = await ask('put', 'users/carla', admin, carla, '0').expect(201);
    const { password } = body as { password: string };
    return { authorization: await token('carla', password), password };
  };

  it('lists, makes and changes users, and loses nobody’s change', async () => {
    const { authorization } = await makeCarla();
    const { body: me } = await ask('get', 'me', authorization).expect(200);
    assert.deepEqual((me as { roles: string[] }).roles, ['agent']);
    const { body, headers } = await ask('get', 'users/Carla').expect(200);
    assert.equal(headers['etag'], '"1"');
    assert.equal((body as { displayName: string }).displayName, 'Carla');
    assertProblem(await ask('put', 'users/carla', admin, carla), 428, 'server.if-match-required');
    assertProblem(await ask('put', 'users/carla', admin, carla, '0'), 412, 'server.edited-meanwhile');
    const both = await Promise.all(
      ['Carla B', 'Carla C'].map((displayName) =>
        ask('put', 'users/carla', admin, { ...carla, displayName }, '1'),
      ),
    );
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412]);
    const made = await Promise.all([1, 2].map(() => ask('put', 'users/dora', admin, carla, '0')));
    assert.deepEqual(made.map(({ status }) => status).sort(), [201, 412]);
    const names: string[] = [];
    for (let after = ''; ; ) {
      const { body: found } = await ask(
        'get',
        `users?limit=2${after === '' ? '' : `&after=${after}`}`,
      ).expect(200);
      const { items, next } = found as { items: { username: string }[]; next: string | null };
      names.push(...items.map(({ username }) => username));
      if (next === null) break;
      after = next;
    }
    assert.deepEqual(names, [...app.users.map(({ username }) => username), 'carla', 'dora'].sort());
    assert.ok(!JSON.stringify(body).includes('argon2'));
  });

  it('refuses what can’t be: names, roles, customers, fields', async () => {
    for (const name of ['-x', 'a%20b', 'a'.repeat(65), '%24ne', 'ä']) {
      assertProblem(await ask('put', `users/${name}`, admin, carla, '0'), 400, 'server.invalid-request');
    }
    for (const [change, pointer] of [
      [{ roles: ['agent', 'emperor'] }, '/roles/1'],
      [{ customer: 'NOBODY' }, '/customer'],
      [{ passwordHash: 'x' }, '/passwordHash'],
      [{ roles: { $ne: null } }, '/roles'],
      [{ displayName: '' }, '/displayName'],
      [{ version: 7 }, '/version'],
    ] as const) {
      const answer = await ask('put', 'users/carla', admin, { ...carla, ...change }, '0');
      const { problems } = assertProblem(answer, 400, 'server.invalid-request');
      assert.deepEqual(
        problems!.map((problem) => problem.pointer),
        [pointer],
      );
    }
    assertProblem(await ask('get', 'users/carla'), 404, 'server.unknown-user');
  });

  it('lets roles count from the next request on, and ends the sessions of who may not come in', async () => {
    const { authorization } = await makeCarla();
    await ask('get', 'orders?limit=1', authorization).expect(200);
    await ask('put', 'users/carla', admin, { ...carla, roles: [] }, '1').expect(200);
    assertProblem(await ask('get', 'orders?limit=1', authorization), 403, 'server.forbidden');
    await ask('put', 'users/carla', admin, { ...carla, active: false }, '2').expect(200);
    assertProblem(await ask('get', 'me', authorization), 401, 'server.sign-in-required');
    await ask('put', 'users/carla', admin, carla, '3').expect(200);
    assertProblem(await ask('get', 'me', authorization), 401, 'server.sign-in-required');
  });

  it('keeps one administrator who can come in', async () => {
    const locked = { displayName: 'Ada', roles: ['agent'] };
    assertProblem(await ask('put', 'users/admin', admin, locked, '1'), 409, 'server.last-administrator');
    const gone = { displayName: 'Ada', roles: ['administrator'], active: false };
    assertProblem(await ask('put', 'users/admin', admin, gone, '1'), 409, 'server.last-administrator');
    await ask('put', 'users/carla', admin, { ...carla, roles: ['administrator'] }, '0').expect(201);
    await ask('put', 'users/admin', admin, locked, '1').expect(200);
  });

  it('makes roles, changes them at once for everybody who has them, and removes them when nobody has', async () => {
    const clerk = { title: 'Clerk', permissions: ['orders.read', 'cases.read'] };
    await ask('put', 'roles/clerk', admin, clerk, '0').expect(201);
    await ask('put', 'users/carla', admin, { ...carla, roles: ['clerk'] }, '0').expect(201);
    const { body } = await ask('post', 'admin/users/carla/reset-password').expect(200);
    const authorization = await token('carla', (body as { password: string }).password);
    await ask('get', 'cases', authorization).expect(200);
    await ask('put', 'roles/clerk', admin, { ...clerk, permissions: ['orders.read'] }, '1').expect(200);
    assertProblem(await ask('get', 'cases', authorization), 403, 'server.forbidden');
    await ask('get', 'orders?limit=1', authorization).expect(200);
    assertProblem(await ask('delete', 'roles/clerk', admin, undefined, '2'), 409, 'server.role-in-use');
    assertProblem(await ask('delete', 'roles/clerk', admin, undefined, '1'), 412, 'server.edited-meanwhile');
    await ask('put', 'users/carla', admin, carla, '1').expect(200);
    await ask('delete', 'roles/clerk', admin, undefined, '2').expect(204);
    assertProblem(await ask('get', 'roles/clerk'), 404, 'server.not-found');
  });

  it('changes a built-in role and takes it back, but for the administrator’s', async () => {
    const authorization = await app.signIn('agent');
    assertProblem(await ask('get', 'metrics-of-nothing', authorization), 404, 'server.not-found');
    const less = { title: 'Agent', permissions: ['cases.read'] };
    await ask('put', 'roles/agent', admin, less, '0').expect(200);
    assertProblem(await ask('get', 'orders', authorization), 403, 'server.forbidden');
    await ask('delete', 'roles/agent', admin, undefined, '1').expect(204);
    await ask('get', 'orders?limit=1', authorization).expect(200);
    for (const method of ['put', 'delete'] as const) {
      const answer = await ask(
        method,
        'roles/administrator',
        admin,
        method === 'put' ? less : undefined,
        '0',
      );
      assertProblem(answer, 409, 'server.fixed-role');
    }
    const { body } = await ask('get', 'permissions').expect(200);
    const { items } = body as { items: { name: string; roles: string[] }[] };
    assert.deepEqual(
      items.map(({ name }) => name),
      [...permissions],
    );
    assert.ok(items.every(({ roles }) => roles.includes('administrator')));
  });

  it('lets nobody give, or take, what they do not have', async () => {
    const hr = {
      title: 'People',
      permissions: ['users.manage', 'roles.manage', 'keys.manage', 'cases.read'],
    };
    await ask('put', 'roles/people', admin, hr, '0').expect(201);
    const { body } = await ask(
      'put',
      'users/hal',
      admin,
      { displayName: 'Hal', roles: ['people'] },
      '0',
    ).expect(201);
    const hal = await token('hal', (body as { password: string }).password);
    for (const roles of [['administrator'], ['agent'], ['people', 'operator']]) {
      assertProblem(
        await ask('put', 'users/hal', hal, { displayName: 'Hal', roles }, '1'),
        403,
        'server.forbidden',
      );
      assertProblem(
        await ask('put', 'users/ida', hal, { displayName: 'Ida', roles }, '0'),
        403,
        'server.forbidden',
      );
    }
    const fewer = { displayName: 'Ada', roles: [] };
    assertProblem(await ask('put', 'users/agent', hal, fewer, '1'), 403, 'server.forbidden');
    const more = { title: 'People', permissions: [...hr.permissions, 'store.back-up'] };
    assertProblem(await ask('put', 'roles/people', hal, more, '1'), 403, 'server.forbidden');
    assertProblem(await ask('delete', 'roles/agent', hal, undefined, '0'), 403, 'server.forbidden');
    const key = { name: 'x', owner: 'admin', permissions: ['store.back-up'] };
    assertProblem(await ask('post', 'keys', hal, key), 403, 'server.forbidden');
    assertProblem(await ask('post', 'admin/users/admin/reset-password', hal), 403, 'server.forbidden');
    await ask('put', 'users/ida', hal, { displayName: 'Ida', roles: ['people'] }, '0').expect(201);
  });

  it('gives a program a key with some rights of its owner, as long as the owner has them', async () => {
    const wanted = { name: 'desk', owner: 'agent', permissions: ['orders.read', 'cases.read'], days: 30 };
    const { body, status } = await ask('post', 'keys', admin, wanted);
    assert.equal(status, 201, JSON.stringify(body));
    const { token: secret, id } = body as { token: string; id: string };
    const key = `Bearer ${secret}`;
    assert.ok(!JSON.stringify(await app.database.models.apiKeys.find({}).lean()).includes(secret));
    const { body: me } = await ask('get', 'me', key).expect(200);
    assert.deepEqual(
      [(me as { username: string }).username, (me as { permissions: string[] }).permissions],
      ['agent/desk', ['cases.read', 'orders.read']],
    );
    await ask('get', 'orders?limit=1', key).expect(200);
    assertProblem(await ask('get', 'returns', key), 403, 'server.forbidden');
    assertProblem(await ask('post', 'keys', admin, wanted), 409, 'server.key-exists');
    const beyond = await ask('post', 'keys', admin, { ...wanted, name: 'x', permissions: ['users.manage'] });
    assertProblem(beyond, 400, 'server.invalid-request');
    assertProblem(
      await ask('put', 'me/password', key, { current: 'x', password: 'y'.repeat(12) }),
      401,
      'server.sign-in-refused',
    );

    await ask('put', 'roles/agent', admin, { title: 'Agent', permissions: ['cases.read'] }, '0').expect(200);
    assertProblem(await ask('get', 'orders', key), 403, 'server.forbidden');
    await ask('delete', 'roles/agent', admin, undefined, '1').expect(204);
    app.clock.advance(30 * 24 * 60 * 60_000);
    assertProblem(await ask('get', 'orders', key), 401, 'server.sign-in-required');
    app.clock.advance(-30 * 24 * 60 * 60_000);
    await ask('get', 'orders?limit=1', key).expect(200);
    await ask('delete', `keys/${id}`).expect(204);
    assertProblem(await ask('get', 'orders', key), 401, 'server.sign-in-required');
    assertProblem(await ask('delete', `keys/${id}`), 404, 'server.not-found');
  });

  it('shows everybody their sessions, ends one of them, and all others with a new password', async () => {
    const { authorization, password } = await makeCarla();
    const other = await token('carla', password);
    const third = await token('carla', password);
    const sessions = async () =>
      (
        (await ask('get', 'me/sessions', authorization).expect(200)).body as {
          items: { id: string; isThisOne: boolean }[];
        }
      ).items;
    assert.equal((await sessions()).length, 3);
    assert.equal((await sessions()).filter(({ isThisOne }) => isThisOne).length, 1);
    const foreign = (
      (await ask('get', 'users/carla/sessions').expect(200)).body as { items: { id: string }[] }
    ).items;
    const agent = await app.signIn('agent');
    assertProblem(await ask('delete', `me/sessions/${foreign[0]!.id}`, agent), 404, 'server.not-found');
    const wrong = { current: 'not it', password: 'a much longer one' };
    assertProblem(await ask('put', 'me/password', authorization, wrong), 401, 'server.sign-in-refused');
    const short = { current: password, password: 'short' };
    assertProblem(await ask('put', 'me/password', authorization, short), 400, 'server.invalid-request');
    await ask('put', 'me/password', authorization, {
      current: password,
      password: 'a much longer one',
    }).expect(204);
    await ask('get', 'me', authorization).expect(200);
    for (const ended of [other, third])
      assertProblem(await ask('get', 'me', ended), 401, 'server.sign-in-required');
    const fourth = await token('carla', 'a much longer one');
    const [newest] = (await sessions()).filter(({ isThisOne }) => !isThisOne);
    await ask('delete', `me/sessions/${newest!.id}`, authorization).expect(204);
    assertProblem(await ask('get', 'me', fourth), 401, 'server.sign-in-required');
    await ask('delete', 'users/carla/sessions').expect(204);
    assertProblem(await ask('get', 'me', authorization), 401, 'server.sign-in-required');
  });

  it('lets nobody with an open session guess at the password', async () => {
    const { authorization, password } = await makeCarla();
    const guess = (current: string) =>
      ask('put', 'me/password', authorization, { current, password: 'a much longer one' });
    for (let guesses = 0; guesses < 5; guesses += 1)
      assertProblem(await guess(`guess ${guesses}`), 401, 'server.sign-in-refused');
    const { headers } = await guess(password);
    assert.equal(headers['retry-after'], '1');
    assertProblem(await guess(password), 429, 'server.sign-in-throttled');
    app.clock.advance(1_000);
    await guess(password).expect(204);
  });
});
