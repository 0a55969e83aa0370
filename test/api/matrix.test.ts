// The permission matrix, from the OpenAPI document alone: every operation with every role, on a shopper's own data, on
// another customer's, and on what is not there.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Permission, builtInPermissions } from '../../server/auth/permissions.js';
import { roles, type Role } from '../../store/models/user.js';
import { assertProblem } from './problem.js';
import { openSampleApp, type SampleApp } from './sample-app.js';
import { Client } from './flows/client.js';

interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly access: string;
  readonly needs: readonly string[];
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly 'x-access'?: string;
            readonly operationId: string;
            readonly parameters: readonly {
              readonly name: string;
              readonly in: string;
              readonly required: boolean;
            }[];
          }
        >
      >
    >
  >;
}

describe('the permission matrix', () => {
  let app: SampleApp;
  let document: Document;
  let operations: Operation[];
  const tokens = new Map<Role, string>();

  before(async () => {
    app = await openSampleApp({ engine: true });
    document = (await app.request().get('/openapi.json').expect(200)).body as Document;
    operations = Object.entries(document.paths).flatMap(([path, byMethod]) =>
      Object.entries(byMethod).map(([method, { 'x-access': access, parameters }]) => ({
        method: method as Operation['method'],
        path,
        access: access ?? '',
        needs: parameters.filter((each) => each.in === 'header').map(({ name }) => name),
      })),
    );
    for (const role of roles) tokens.set(role, await app.signIn(role === 'administrator' ? 'admin' : role));
  });
  after(() => app.close());

  const ask = ({ method, path, needs }: Operation, values: Readonly<Record<string, string>>, role?: Role) => {
    const request = app
      .request()
      [method](path.replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? 'none'));
    if (role !== undefined) void request.set('authorization', tokens.get(role)!);
    if (needs.includes('Idempotency-Key')) void request.set('idempotency-key', randomUUID());
    if (needs.includes('If-Match')) void request.set('if-match', '"9999"');
    return request;
  };
  /** What would end the sessions of this test, or its store, is asked by whoever may not only. */
  const isHarmless = ({ path }: Operation): boolean => !/^\/api\/v1\/(sign-out|admin\/)/.test(path);

  it('has every route of the server in it, each with who may use it', () => {
    assert.equal(operations.length, app.routes.length);
    assert.ok(operations.length >= 70, `${operations.length} operations`);
    const known = new Set<string>(['open', 'signed-in', ...builtInPermissions(['administrator'])]);
    assert.deepEqual(
      operations.filter(({ access }) => !known.has(access)),
      [],
    );
    const ids = Object.values(document.paths).flatMap((each) =>
      Object.values(each).map(({ operationId }) => operationId),
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('lets nobody in without a token, and every role in exactly where it says', async () => {
    let asked = 0;
    for (const operation of operations.filter(({ access }) => access !== 'open')) {
      assertProblem(await ask(operation, {}), 401, 'server.sign-in-required');
      for (const role of roles) {
        const may =
          operation.access === 'signed-in' ||
          builtInPermissions([role]).includes(operation.access as Permission);
        if (may && !isHarmless(operation)) continue;
        const answer = await ask(operation, {}, role);
        const where = `${role} ${operation.method} ${operation.path}: ${answer.status}`;
        assert.equal(answer.status === 403, !may, where);
        assert.ok(answer.status < 500, where);
        asked += 1;
      }
    }
    assert.ok(asked > 400, `${asked} were asked`);
  });

  it('refuses each change of something editable without having seen it, and after somebody else has changed it', async () => {
    const editable = operations.filter(
      ({ method, path }) =>
        (method !== 'get' && /(activate|retire)$/.test(path)) ||
        ((method === 'put' || method === 'delete') && !/\/(me|sessions|keys)(\/|$)/.test(path)),
    );
    const admin = new Client(app, tokens.get('administrator')!);
    const { text } = (await admin.get('/api/v1/flows/cancel-items').expect(200)).body as { text: string };
    const { files } = (await admin.get('/api/v1/templates/refund').expect(200)).body as { files: object };
    // A sound change of each, so that it is the version that it is refused for.
    const changes: Readonly<Record<string, [Record<string, string>, object]>> = {
      'put /api/v1/flows/{flow}/draft': [{ flow: 'cancel-items' }, { text }],
      'post /api/v1/flows/{flow}/activate': [{ flow: 'cancel-items' }, { version: 1 }],
      'post /api/v1/flows/{flow}/retire': [{ flow: 'cancel-items' }, {}],
      'put /api/v1/templates/{template}': [{ template: 'refund' }, { files }],
      'post /api/v1/templates/{template}/activate': [{ template: 'refund' }, { version: 1 }],
      'put /api/v1/users/{name}': [{ name: 'agent' }, { displayName: 'Alex', roles: ['agent'] }],
      'put /api/v1/roles/{role}': [{ role: 'agent' }, { title: 'Agent', permissions: [] }],
      'delete /api/v1/roles/{role}': [{ role: 'agent' }, {}],
    };
    assert.deepEqual(
      editable.map(({ method, path }) => `${method} ${path}`).sort(),
      Object.keys(changes).sort(),
    );
    for (const operation of editable) {
      const [values, change] = changes[`${operation.method} ${operation.path}`]!;
      assert.deepEqual(operation.needs, ['If-Match'], operation.path);
      const unseen = await ask({ ...operation, needs: [] }, values, 'administrator').send(change);
      assertProblem(unseen, 428, 'server.if-match-required');
      const stale = await ask(operation, values, 'administrator').send(change);
      assert.equal(stale.status, 412, `${operation.path} ${JSON.stringify(stale.body)}`);
    }
  });

  it('shows a shopper their own data, and another customer’s exactly as if it were not there', async () => {
    const agent = new Client(app, tokens.get('agent')!);
    const returnOf = async (customer: string): Promise<Record<string, string>> => {
      const { body } = await agent
        .get(`/api/v1/orders?status=Fulfilled&customer=${customer}&limit=1`)
        .expect(200);
      const [{ number }] = (body as { items: [{ number: string }] }).items;
      const line = (await agent.order(number)).lines.find(
        ({ returnable, availableToReturn }) => returnable && availableToReturn > 0,
      )!;
      const run = await agent.start(number, 'return-items', {
        items: [{ line: line.id, quantity: 1, reason: 'broken' }],
      });
      return {
        number,
        order: number,
        run: run.id,
        document: `${number}-R1`,
        figure: 'total',
        flow: 'cancel-order',
      };
    };
    const [own, foreign] = [await returnOf('ALFKI'), await returnOf('ANTON')];
    const nowhere = {
      number: '99999',
      order: '99999',
      run: 'nobody',
      document: '99999-R1',
      figure: 'total',
      flow: 'cancel-order',
    };
    const named = operations.filter(
      ({ method, path, access }) =>
        /\{(number|run)\}|returns\/\{document\}/.test(path) &&
        (access === 'signed-in' || builtInPermissions(['shopper']).includes(access as Permission)) &&
        !(method === 'post' && path.endsWith('/actions/{flow}')),
    );
    assert.ok(named.length >= 6, `${named.length} operations`);
    for (const operation of named) {
      // A body that is sound, so that it is the access that is seen.
      const body = operation.path.endsWith('/answers') ? { element: 'receive', visit: 1 } : {};
      const send = (values: Record<string, string>) =>
        operation.method === 'get'
          ? ask(operation, values, 'shopper')
          : ask(operation, values, 'shopper').send(body);
      const [mine, other, none] = [await send(own), await send(foreign), await send(nowhere)];
      const where = `${operation.method} ${operation.path}`;
      assert.ok(mine.status !== 404, `${where} ${mine.status} ${JSON.stringify(mine.body)}`);
      const shown = ({ status, body: answer }: typeof other, values: Record<string, string>) => {
        const { code, detail } = answer as { code: string; detail: string };
        return [
          status,
          code,
          Object.values(values).reduce((text, value) => text.replaceAll(value, '…'), detail),
        ];
      };
      assert.equal(other.status, 404, where);
      assert.deepEqual(shown(other, foreign), shown(none, nowhere), where);
    }
  });
});
