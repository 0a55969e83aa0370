// Signing in and out: sessions that end, guesses that are slowed down, secrets that stay out of store and log.
import assert from 'node:assert/strict';
import { idleMsMax, sessionMsMax } from '../../server/auth/sessions.js';
import { SignInThrottle } from '../../server/auth/sign-in-throttle.js';
import { tokenHash } from '../../server/auth/tokens.js';
import { assertProblem } from './problem.js';
import { ManualClock, openSampleApp, type SampleApp } from './sample-app.js';

describe('signing in', () => {
  let app: SampleApp;
  beforeEach(async () => {
    app = await openSampleApp({ orders: false });
  });
  afterEach(() => app.close());

  const signIn = (username: string, password: string) =>
    app.request().post('/api/v1/sign-in').send({ username, password });
  const list = (authorization: string) =>
    app.request().get('/api/v1/orders').set('authorization', authorization);

  it('gives a token of 256 bits that the store knows by its hash only', async () => {
    const { body } = await signIn('Agent ', app.passwordOf('agent')).expect(200);
    const { token, tokenType, expiresAt } = body as Record<string, string>;
    assert.equal(tokenType, 'Bearer');
    assert.equal(Buffer.from(token!, 'base64url').length, 32);
    assert.equal(Date.parse(expiresAt!), app.clock.now().getTime() + sessionMsMax);
    const sessions = await app.database.models.sessions.find().lean();
    assert.deepEqual(
      sessions.map(({ _id }) => _id),
      [tokenHash(token!)],
    );
    assert.ok(!JSON.stringify(sessions).includes(token!));
  });

  it('keeps passwords as argon2id of 19 MiB, two passes, one lane', async () => {
    const users = await app.database.models.users.find().lean();
    assert.equal(users.length, app.users.length);
    for (const { passwordHash } of users) assert.match(passwordHash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('says the same for a wrong password and for nobody', async () => {
    const wrong = assertProblem(await signIn('agent', 'wrong'), 401, 'server.sign-in-refused');
    const nobody = assertProblem(await signIn('nobody', 'wrong'), 401, 'server.sign-in-refused');
    assert.equal(wrong.detail, nobody.detail);
  });

  it('refuses a user who is not active, and ends what that user had', async () => {
    const authorization = await app.signIn('agent');
    await app.database.models.users.updateOne({ _id: 'agent' }, { $set: { active: false } });
    assertProblem(await list(authorization), 401, 'server.sign-in-required');
    assertProblem(await signIn('agent', app.passwordOf('agent')), 401, 'server.sign-in-refused');
  });

  it('ends a session at sign-out, and that one only', async () => {
    const [first, second] = [await app.signIn('agent'), await app.signIn('agent')];
    await app.request().post('/api/v1/sign-out').set('authorization', first).expect(204);
    assertProblem(await list(first), 401, 'server.sign-in-required');
    await list(second).expect(200);
  });

  it('ends a session that was idle for half an hour, not one that was used', async () => {
    const [idle, used] = [await app.signIn('agent'), await app.signIn('agent')];
    app.clock.advance(idleMsMax - 1000);
    await list(used).expect(200);
    app.clock.advance(1000);
    assertProblem(await list(idle), 401, 'server.sign-in-required');
    await list(used).expect(200);
  });

  it('ends every session after twelve hours', async () => {
    const authorization = await app.signIn('agent');
    for (let spent = 0; spent + idleMsMax / 2 < sessionMsMax; spent += idleMsMax / 2) {
      await list(authorization).expect(200);
      app.clock.advance(idleMsMax / 2);
    }
    await list(authorization).expect(200);
    app.clock.advance(idleMsMax / 2);
    assertProblem(await list(authorization), 401, 'server.sign-in-required');
  });

  it('slows guessing down from the fifth failure on, for the right password too', async () => {
    for (let failure = 0; failure < 5; failure += 1) {
      assertProblem(await signIn('agent', 'wrong'), 401, 'server.sign-in-refused');
    }
    const throttled = await signIn('agent', app.passwordOf('agent'));
    assertProblem(throttled, 429, 'server.sign-in-throttled');
    assert.equal(throttled.headers['retry-after'], '1');
    await app.signIn('supervisor');
    app.clock.advance(1000);
    assertProblem(await signIn('agent', 'wrong'), 401, 'server.sign-in-refused');
    assert.equal((await signIn('agent', 'wrong')).headers['retry-after'], '2');
    app.clock.advance(2000);
    await app.signIn('agent');
    assertProblem(await signIn('agent', 'wrong'), 401, 'server.sign-in-refused');
  });

  it('counts attempts at once too', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => signIn('agent', 'wrong')));
    assert.equal(answers.filter(({ status }) => status === 401).length, 5);
    assert.equal(answers.filter(({ status }) => status === 429).length, 15);
  });

  it('refuses a body that is not two texts, and lists every mistake', async () => {
    const response = await app
      .request()
      .post('/api/v1/sign-in')
      .send({ username: { $ne: '' }, extra: 1 });
    const { problems = [] } = assertProblem(response, 400, 'server.invalid-request');
    assert.deepEqual(
      problems.map(({ code, pointer }) => [code, pointer]),
      [
        ['server.unknown-field', '/extra'],
        ['server.invalid-field', '/password'],
        ['server.invalid-field', '/username'],
      ],
    );
    assertProblem(await app.request().post('/api/v1/sign-in'), 400, 'server.invalid-request');
  });

  it('logs neither passwords nor tokens, and escapes what a terminal would act on', async () => {
    const authorization = await app.signIn('agent');
    await list(authorization).expect(200);
    await app.request().get(`/nothing${encodeURIComponent('\u009b31m\r\nforged')}`);
    await signIn('\u009b31magent', 'wrong').expect(401);
    const log = app.logged.join('');
    assert.ok(!log.includes(app.passwordOf('agent')));
    assert.ok(!log.includes(authorization.slice('Bearer '.length)));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
    assert.doesNotMatch(log, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    for (const line of app.logged) assert.equal(typeof JSON.parse(line), 'object');
  });

  it('gives a new password to an administrator only, and ends the sessions of the user', async () => {
    const [agent, admin] = [await app.signIn('agent'), await app.signIn('admin')];
    const reset = (authorization: string, name: string) =>
      app.request().post(`/api/v1/admin/users/${name}/reset-password`).set('authorization', authorization);
    assertProblem(await reset(agent, 'agent'), 403, 'server.forbidden');
    assertProblem(await reset(admin, 'nobody'), 404, 'server.unknown-user');
    const { body } = await reset(admin, 'agent').expect(200);
    assertProblem(await list(agent), 401, 'server.sign-in-required');
    assertProblem(await signIn('agent', app.passwordOf('agent')), 401, 'server.sign-in-refused');
    await signIn('agent', (body as { password: string }).password).expect(200);
  });
});

describe('the throttle of sign-ins', () => {
  it('lets at most 60 of 10,000 guesses of an hour through, whatever address of its /56 they come from', () => {
    const clock = new ManualClock();
    const throttle = new SignInThrottle(clock);
    let through = 0;
    for (let guess = 0; guess < 10_000; guess += 1) {
      const address = `2001:db8:0:${(guess % 256).toString(16)}::${(guess + 1).toString(16)}`;
      if (throttle.begin('agent', address) === 0) through += 1;
      clock.advance(360);
    }
    assert.ok(through >= 5 && through <= 60, `${through} were let through`);
  });

  it('takes an IPv4 address and its IPv6 form for one', () => {
    const throttle = new SignInThrottle(new ManualClock());
    for (let guess = 0; guess < 5; guess += 1) throttle.begin('agent', '192.0.2.7');
    assert.ok(throttle.begin('agent', '::ffff:192.0.2.7') > 0);
    assert.equal(throttle.begin('agent', '192.0.2.8'), 0);
  });

  it('slows one address down that tries many accounts', () => {
    const throttle = new SignInThrottle(new ManualClock());
    const waits = Array.from({ length: 100 }, (_, index) => throttle.begin(`user-${index}`, '192.0.2.7'));
    assert.equal(waits.filter((wait) => wait === 0).length, 50);
  });

  it('never waits longer than a quarter of an hour, and forgets after a quiet hour', () => {
    const clock = new ManualClock();
    const throttle = new SignInThrottle(clock);
    let wait = 0;
    for (let guess = 0; guess < 40; guess += 1) {
      wait = throttle.begin('agent', '192.0.2.7');
      clock.advance(wait * 1000);
    }
    throttle.begin('agent', '192.0.2.7');
    assert.equal(throttle.begin('agent', '192.0.2.7'), 15 * 60);
    clock.advance(61 * 60_000);
    for (let guess = 0; guess < 5; guess += 1) assert.equal(throttle.begin('agent', '192.0.2.7'), 0);
  });
});
