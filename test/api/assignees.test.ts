// Work for roles and users of a server: what the check says of names that nobody has, and what becomes of a run that meets one.
import assert from 'node:assert/strict';
import { openSampleApp, type SampleApp } from './sample-app.js';

const flow = (name: string, assignee: object) => ({
  format: 1,
  name,
  label: name,
  start: { trigger: { type: 'action' }, next: 'look' },
  elements: {
    look: { type: 'task', label: 'Look', subject: 'Look at it', assignee, next: 'done' },
    done: { type: 'end', label: 'Done' },
  },
});

describe('work for people over HTTP', () => {
  let app: SampleApp;
  let admin: string;
  let keys = 0;
  before(async () => {
    app = await openSampleApp({ engine: true });
    admin = await app.signIn('admin' as 'agent');
  });
  after(() => app.close());

  const send = (method: 'put' | 'post', path: string, body: object, seen = '0') => {
    keys += 1;
    return app
      .request()
      [method](`/api/v1/${path}`)
      .set({ authorization: admin, 'if-match': `"${seen}"`, 'idempotency-key': `a${keys}` })
      .send(body);
  };
  const begin = async (name: string, assignee: object) => {
    const flows = { [name]: flow(name, assignee) };
    await send('post', 'flow-import', { format: 1, flows, activate: true }).expect(200);
    return (await send('post', `flows/${name}/runs`, {}).expect(201)).body.run;
  };

  it('is warned of with the name that was probably meant, and let pass', async () => {
    const problemsOf = async (assignee: object) => {
      const { body } = await send('post', 'flows/validate', { text: JSON.stringify(flow('f', assignee)) });
      assert.equal(body.valid, true);
      return body.problems.map(({ code, severity, pointer, didYouMean }: Record<string, string>) => [
        code,
        severity,
        pointer,
        didYouMean,
      ]);
    };
    const at = '/elements/look/assignee';
    for (const [kind, wrong, meant] of [
      ['group', 'supervisr', 'supervisor'],
      ['queue', 'aprover', 'approver'],
      ['user', 'operater', 'operator'],
    ] as const) {
      assert.deepEqual(await problemsOf({ [kind]: wrong }), [
        ['flow.assignee-unknown', 'warning', `${at}/${kind}`, meant],
      ]);
      assert.deepEqual(await problemsOf({ [kind]: meant }), []);
    }
  });

  it('is warned of, too, when a draft is saved and when it is made active', async () => {
    const text = JSON.stringify(flow('for-guests', { group: 'guests' }));
    const codes = ({ body }: { body: { warnings: { code: string }[] } }) =>
      body.warnings.map(({ code }) => code);
    const saved = await send('put', 'flows/for-guests/draft', { text }).expect(201);
    assert.deepEqual(codes(saved), ['flow.assignee-unknown']);
    const active = await send('post', 'flows/for-guests/activate', { version: 1 }, '1').expect(200);
    assert.deepEqual(codes(active), ['flow.assignee-unknown']);
  });

  it('stops the run where nobody is there, and goes on when a role is made and the run tried again', async () => {
    const run = await begin('for-clerks', { group: 'clerks' });
    assert.equal(run.status, 'incident');
    assert.equal(run.incident.error.code, 'work.assignee-unknown');
    await send('put', 'roles/clerks', { title: 'Clerks', permissions: ['tasks.work'] }).expect(201);
    await send('post', `runs/${run.id}/retry`, { reason: 'there are clerks now' }).expect(200);
    const { body } = await app
      .request()
      .get(`/api/v1/runs/${run.id}`)
      .set('authorization', admin)
      .expect(200);
    assert.equal(body.status, 'waiting');
  });

  it('is for users who may sign in, and for whom a key acts', async () => {
    assert.equal((await begin('for-operator', { user: 'operator' })).status, 'waiting');
    assert.equal((await begin('for-key', { user: 'operator/scanner' })).status, 'waiting');
    await send('put', 'users/former', { displayName: 'Former', roles: ['agent'] }).expect(201);
    assert.equal((await begin('for-former', { user: 'former' })).status, 'waiting');
    const change = { displayName: 'Former', roles: ['agent'], active: false };
    const { headers } = await app.request().get('/api/v1/users/former').set('authorization', admin);
    await send('put', 'users/former', change, String(headers['etag']).replaceAll('"', '')).expect(200);
    assert.equal((await begin('for-former-again', { user: 'former' })).status, 'incident');
  });

  it('is seen by operators when nobody can do it any more', async () => {
    const withoutTaker = async (): Promise<string[]> => {
      const { body } = await app
        .request()
        .get('/api/v1/tasks/without-taker')
        .set('authorization', admin)
        .expect(200);
      return body.items.map(({ assignee }: { assignee: string }) => assignee).sort();
    };
    const setUser = async (name: string, change: object) => {
      const seen = await app.request().get(`/api/v1/users/${name}`).set('authorization', admin);
      const version = seen.status === 404 ? '0' : String(seen.headers['etag']).replaceAll('"', '');
      const body = { displayName: name, roles: ['agent'], ...change };
      assert.ok((await send('put', `users/${name}`, body, version)).status < 300);
    };
    await send('put', 'roles/packers', { title: 'Packers', permissions: ['tasks.work'] }).expect(201);
    await setUser('leaver', { roles: ['packers'] });
    await begin('for-leaver', { user: 'leaver' });
    await begin('for-packers', { queue: 'packers' });
    const before = await withoutTaker();
    assert.ok(!before.some((each) => /leaver|packers/.test(each)));
    await setUser('leaver', { roles: ['packers'], active: false });
    assert.deepEqual(await withoutTaker(), [...before, 'queue:packers', 'user:leaver'].sort());
    await setUser('leaver', { roles: ['agent'] });
    assert.deepEqual(await withoutTaker(), [...before, 'queue:packers'].sort());
    const removed = await app
      .request()
      .delete('/api/v1/roles/packers')
      .set({ authorization: admin, 'if-match': '"1"' });
    assert.deepEqual([removed.status, removed.body.code], [409, 'server.role-in-use']);
  });

  it('goes back to the group when who has claimed it may not sign in any more', async () => {
    const run = await begin('for-agents', { group: 'agent' });
    const claim = (authorization: string, key: string) =>
      app
        .request()
        .post(`/api/v1/runs/${run.id}/answers`)
        .set({ authorization, 'idempotency-key': key })
        .send({ element: 'look', visit: 1, name: 'claim' });
    const body = { displayName: 'Temp', roles: ['agent'] };
    const { password } = (await send('put', 'users/temp', body).expect(201)).body;
    const signed = await app.request().post('/api/v1/sign-in').send({ username: 'temp', password });
    await claim(`Bearer ${signed.body.token}`, 'c1').expect(200);
    const agent = await app.signIn('agent');
    assert.equal((await claim(agent, 'c2')).body.code, 'run.answer-invalid');
    await send('put', 'users/temp', { ...body, active: false }, '1').expect(200);
    const { body: listed } = await app.request().get('/api/v1/tasks').set('authorization', agent);
    assert.ok(listed.items.some((each: { run: string }) => each.run === run.id));
    await claim(agent, 'c3').expect(200);
  });
});
