// Who may do what: every route of the table, without a token, with a bad one, and as each role; and the headers that
// every answer carries.
import assert from 'node:assert/strict';
import { builtInPermissions } from '../../server/auth/permissions.js';
import type { Route } from '../../server/routes/route.js';
import { roles } from '../../store/models/user.js';
import { assertProblem } from './problem.js';
import { openSampleApp, type SampleApp } from './sample-app.js';

describe('access to the routes', () => {
  let app: SampleApp;
  before(async () => {
    app = await openSampleApp({ orders: false });
  });
  after(() => app.close());

  const pathOf = ({ path }: Route): string => path.replace(/:\w+/g, 'x');
  const ask = (route: Route, authorization?: string) => {
    const request = app.request()[route.method](pathOf(route));
    return authorization === undefined ? request : request.set('authorization', authorization);
  };

  it('is open for health and sign-in only', () => {
    const open = app.routes.filter(({ access }) => access === 'open').map(({ path }) => path);
    assert.deepEqual(open, ['/health', '/openapi.json', '/api/v1/sign-in']);
  });

  it('needs a token everywhere else', async () => {
    const closed = app.routes.filter(({ access }) => access !== 'open');
    assert.ok(closed.length >= 5, `${closed.length} routes were walked`);
    for (const route of closed) {
      for (const header of [
        undefined,
        'Bearer',
        'Bearer x',
        `Bearer ${'A'.repeat(43)}`,
        'Basic YWRtaW46eA==',
      ]) {
        const response = await ask(route, header);
        assertProblem(response, 401, 'server.sign-in-required');
        assert.match(response.headers['www-authenticate'] ?? '', /^Bearer/);
      }
    }
  });

  it('tells a stranger nothing about the paths behind the door', async () => {
    assertProblem(await app.request().get('/api/v1/nothing'), 401, 'server.sign-in-required');
    assertProblem(await app.request().delete('/api/v1/orders'), 401, 'server.sign-in-required');
  });

  it('gives each role what its permissions say, and 403 for the rest', async () => {
    const refused = new Set<string>();
    for (const { username, roles: own } of app.users) {
      const authorization = await app.signIn(username);
      for (const route of app.routes) {
        const { access } = route;
        if (typeof access !== 'object') continue;
        const response = await ask(route, authorization);
        if (builtInPermissions(own).includes(access.permission)) {
          assert.ok(![401, 403].includes(response.status), `${username} ${route.path}: ${response.status}`);
        } else {
          refused.add(`${username} ${access.permission}`);
          assert.match(
            assertProblem(response, 403, 'server.forbidden').detail,
            new RegExp(access.permission),
          );
        }
      }
    }
    assert.deepEqual(
      [...refused].filter((line) => line.startsWith('agent ')).map((line) => line.slice('agent '.length)),
      [
        'metrics.read',
        'runs.operate',
        'events.publish',
        'flows.edit',
        'flows.activate',
        'templates.edit',
        'users.manage',
        'roles.manage',
        'keys.manage',
        'store.back-up',
        'store.restore',
        'audit.read',
      ],
    );
  });

  it('has a first user of every role', () => {
    assert.deepEqual(new Set(app.users.flatMap((user) => user.roles)), new Set(roles));
  });

  it('puts the security headers on every answer, errors included', async () => {
    const answers = [
      await app.request().get('/health'),
      await app.request().get('/nothing'),
      await app.request().put('/health'),
      await app.request().get('/api/v1/orders'),
      await app.request().post('/api/v1/sign-in').set('content-type', 'application/json').send('{'),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 404, 405, 401, 400],
    );
    for (const { headers } of answers) {
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.match(headers['content-security-policy'] ?? '', /default-src 'none'.*frame-ancestors 'none'/);
      assert.match(headers['strict-transport-security'] ?? '', /max-age=31536000/);
      assert.equal(headers['x-powered-by'], undefined);
      assert.match(headers['x-request-id'] ?? '', /^[0-9a-f-]{36}$/);
    }
  });

  it('keeps a harmless request id of the caller and replaces a harmful one', async () => {
    const kept = await app.request().get('/health').set('x-request-id', 'order-desk-00042');
    assert.equal(kept.headers['x-request-id'], 'order-desk-00042');
    const replaced = await app.request().get('/health').set('x-request-id', 'a"b <script>');
    assert.match(replaced.headers['x-request-id'] ?? '', /^[0-9a-f-]{36}$/);
  });

  it('is unavailable while it starts and stops', async () => {
    try {
      app.phase = 'starting';
      assertProblem(await app.request().get('/health'), 503, 'server.unavailable');
      const early = await app.request().get('/api/v1/orders');
      assertProblem(early, 503, 'server.unavailable');
      assert.equal(early.headers['retry-after'], '1');
      app.phase = 'stopping';
      assertProblem(await app.request().get('/health'), 503, 'server.unavailable');
    } finally {
      app.phase = 'ready';
    }
    await app.request().get('/health').expect(200, { status: 'ready' });
  });
});
