// Who changed what: noted before it is done, completed with what came of it, without secrets, for whoever may read it.
import assert from 'node:assert/strict';
import { assertProblem } from './problem.js';
import { openSampleApp, type SampleApp } from './sample-app.js';

interface Entry {
  readonly by: string;
  readonly action: string;
  readonly path: string;
  readonly body: unknown;
  readonly status: number | null;
}

describe('the audit of changes', () => {
  let app: SampleApp;
  let admin: string;
  let analyst: string;
  beforeEach(async () => {
    app = await openSampleApp({ engine: true });
    [admin, analyst] = [await app.signIn('admin'), await app.signIn('analyst')];
  });
  afterEach(() => app.close());

  const send = (method: 'put' | 'post' | 'delete', path: string, by: string, body?: object, seen = '0') => {
    app.clock.advance(1);
    const request = app
      .request()
      [method](`/api/v1/${path}`)
      .set('authorization', by)
      .set('if-match', `"${seen}"`)
      .set('idempotency-key', path);
    return body === undefined ? request : request.send(body);
  };
  const entries = async (query = ''): Promise<Entry[]> =>
    (
      (await app.request().get(`/api/v1/audit${query}`).set('authorization', admin).expect(200)).body as {
        items: Entry[];
      }
    ).items;

  it('keeps the order of what was done in one millisecond', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `clerk-${index}`);
    for (const name of names) {
      await send('put', `roles/${name}`, admin, { title: name, permissions: [] }).expect(201);
      app.clock.advance(-1);
    }
    const found = (await entries()).reverse() as (Entry & { at: string })[];
    assert.equal(new Set(found.map(({ at }) => at)).size, 1);
    assert.deepEqual(
      found.map(({ path }) => path),
      names.map((name) => `/api/v1/roles/${name}`),
    );
  });

  it('has accounts, roles, keys, flows and templates, with who, what and what came of it', async () => {
    const carla = { displayName: 'Carla', roles: ['agent'] };
    const { body } = await send('put', 'users/carla', admin, carla).expect(201);
    const clerk = { title: 'Clerk', permissions: ['orders.read'] };
    await send('put', 'roles/clerk', admin, clerk).expect(201);
    await send('put', 'roles/clerk', admin, clerk).expect(412);
    await send('post', 'admin/users/carla/reset-password', admin).expect(200);
    await send('delete', 'users/nobody/sessions', admin).expect(404);
    await send('post', 'flows/cancel-items/retire', analyst, {}, '1').expect(200);
    await send('post', 'flows/cancel-items/activate', analyst, { version: 1 }, '0').expect(200);
    const found = await entries();
    assert.deepEqual(
      found.reverse().map(({ by, action, path, body: asked, status }) => [by, action, path, asked, status]),
      [
        ['admin', 'PUT /api/v1/users/{name}', '/api/v1/users/carla', carla, 201],
        ['admin', 'PUT /api/v1/roles/{role}', '/api/v1/roles/clerk', clerk, 201],
        ['admin', 'PUT /api/v1/roles/{role}', '/api/v1/roles/clerk', clerk, 412],
        [
          'admin',
          'POST /api/v1/admin/users/{name}/reset-password',
          '/api/v1/admin/users/carla/reset-password',
          {},
          200,
        ],
        ['admin', 'DELETE /api/v1/users/{name}/sessions', '/api/v1/users/nobody/sessions', {}, 404],
        ['analyst', 'POST /api/v1/flows/{flow}/retire', '/api/v1/flows/cancel-items/retire', {}, 200],
        [
          'analyst',
          'POST /api/v1/flows/{flow}/activate',
          '/api/v1/flows/cancel-items/activate',
          { version: 1 },
          200,
        ],
      ],
    );
    const { password } = body as { password: string };
    assert.ok(!JSON.stringify(found).includes(password));
    assert.deepEqual(
      new Set((await entries('?by=Analyst&limit=1')).map(({ by }) => by)),
      new Set(['analyst']),
    );
  });

  it('keeps no password, and no text that keeps versions of its own', async () => {
    const current = app.passwordOf('analyst');
    const password = 'another long password';
    await send('put', 'me/password', analyst, { current, password }).expect(204);
    const { body } = await app.request().get('/api/v1/flows/cancel-items').set('authorization', admin);
    const { text } = body as { text: string };
    await send('put', 'flows/cancel-items/draft', admin, { text }, '1').expect(200);
    const found = await entries();
    assert.deepEqual(
      found.map(({ action, body: asked }) => [action, asked]),
      [
        ['PUT /api/v1/flows/{flow}/draft', null],
        ['PUT /api/v1/me/password', null],
      ],
    );
    assert.ok(!JSON.stringify(await app.database.models.audit.find().lean()).includes(password));
  });

  it('has what was begun and never ended, and nothing of what was refused at the door', async () => {
    await send('put', 'users/carla', analyst, { displayName: 'C', roles: [] }).expect(403);
    await send('put', 'users/carla', admin, { displayName: 5 }).expect(400);
    assert.deepEqual(await entries(), []);
    const { users } = app.database.models;
    const create = users.create.bind(users);
    // The process ends here: the note is there, the user is not.
    Object.assign(users, { create: () => new Promise(() => undefined) });
    void send('put', 'users/carla', admin, { displayName: 'C', roles: [] }).then(
      () => undefined,
      () => undefined,
    );
    while ((await app.database.models.audit.countDocuments({})) === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    Object.assign(users, { create });
    assert.deepEqual(
      (await entries()).map(({ path, status }) => [path, status]),
      [['/api/v1/users/carla', null]],
    );
  });

  it('is for administrators, and for whoever is given the permission', async () => {
    assertProblem(
      await app.request().get('/api/v1/audit').set('authorization', analyst),
      403,
      'server.forbidden',
    );
  });

  it('misses no route that changes accounts, roles, keys, flows, templates or the store', () => {
    const missing = app.routes
      .filter(
        ({ method, path, audited }) =>
          method !== 'get' &&
          audited === undefined &&
          /v1\/(users|roles|keys|admin|flow|templates|me\/password)/.test(path),
      )
      .map(({ method, path }) => `${method} ${path}`);
    // They change nothing that stays, or a run keeps who began it.
    assert.deepEqual(missing.sort(), [
      'post /api/v1/flows/:flow/runs',
      'post /api/v1/flows/validate',
      'post /api/v1/templates/:template/preview',
      'post /api/v1/templates/:template/test',
      'post /api/v1/templates/:template/validate',
    ]);
  });
});
