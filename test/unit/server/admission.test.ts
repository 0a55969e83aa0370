// How many starts are let in at once: a burst out of the blue, a server that is busy, one that waits for something outside.
import assert from 'node:assert/strict';
import { Admission, admissionLimits, type Load } from '../../../server/request/admission.js';

/** A machine on which a start takes the event loop for some time, or only waits. */
class Machine implements Load {
  #ms = 0;
  #active = 0;

  now(): number {
    return this.#ms;
  }

  utilization(since?: { active: number; idle: number }) {
    const active = this.#active - (since?.active ?? 0);
    const idle = this.#ms - this.#active - (since?.idle ?? 0);
    return { active, idle, utilization: active + idle === 0 ? 0 : active / (active + idle) };
  }

  pass(ms: number, activeMs: number): void {
    this.#ms += ms;
    this.#active += activeMs;
  }
}

describe('the admission of starts', () => {
  let machine: Machine;
  let admission: Admission;
  let open: (() => void)[];
  let next: number;
  beforeEach(() => {
    machine = new Machine();
    admission = new Admission(machine);
    [open, next] = [[], 0];
  });

  /** Asks for so many more; how many were let in. */
  const ask = async (count: number, key = (): string => `key-${++next}`): Promise<number> => {
    const before = open.length;
    const asked = Array.from({ length: count }, () =>
      admission.admit(key(), () => new Promise<void>((resolve) => open.push(resolve))),
    );
    for (const each of asked) each.catch(() => undefined);
    await Promise.resolve();
    return open.length - before;
  };
  const end = async (count: number): Promise<void> => {
    for (const finish of open.splice(0, count)) finish();
    await new Promise((resolve) => setImmediate(resolve));
  };

  it('takes a burst out of the blue, and refuses the rest with the code that is tried again', async () => {
    assert.equal(await ask(100), admissionLimits.calm);
    await assert.rejects(
      admission.admit('one more', async () => undefined),
      { code: 'run.overloaded', retryable: true },
    );
    await end(1);
    assert.equal(await ask(2), 1);
  });

  it('comes down to half a second of work while the event loop is busy, and up again afterwards', async () => {
    const costMs = 40;
    for (let round = 0; round < 50; round += 1) {
      await ask(100);
      machine.pass(5 * costMs, 5 * costMs);
      await end(5);
    }
    assert.ok(Math.abs(admission.limit - 12) <= 1, `${admission.limit}`);
    await end(open.length);
    for (let second = 0; second < 5; second += 1) {
      machine.pass(1_000, 100);
      await ask(1);
      await end(1);
    }
    assert.equal(admission.limit, admissionLimits.calm);
  });

  it('stays as it is while nobody has to be refused, however busy the event loop is with other things', async () => {
    for (let second = 0; second < 10; second += 1) {
      await ask(20);
      machine.pass(1_000, 1_000);
      await end(20);
    }
    assert.equal(admission.limit, admissionLimits.calm);
  });

  it('grows while what is under way only waits, up to its bound', async () => {
    for (let second = 0; second < 10; second += 1) {
      await ask(200);
      machine.pass(1_000, 300);
      await end(10);
    }
    assert.equal(admission.limit, admissionLimits.most);
  });

  it('never comes down to nothing', async () => {
    for (let second = 0; second < 10; second += 1) {
      await ask(100);
      machine.pass(1_000, 1_000);
      await end(1);
    }
    assert.equal(admission.limit, admissionLimits.least);
  });

  it('counts the same request once, however often it is sent', async () => {
    assert.equal(await ask(100, () => 'the same'), 100);
    assert.equal(await ask(100), admissionLimits.calm - 1);
    await end(100);
    assert.equal(await ask(1), 1);
  });
});
