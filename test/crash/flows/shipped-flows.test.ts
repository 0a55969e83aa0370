// Kills the engine at every point of every shipped flow, and compares the order, the mails and what the payment provider did
// with those of a story that nobody disturbs.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { flowsDirectory } from '../../../server/engine/flows-directory.js';
import { type FlowStory, playFlow } from './flow-world.js';

const nothing = { amount: null, comment: null };
const customer = {
  number: 'ALFKI',
  name: 'Maria Anders',
  account: 'Alfreds Futterkiste',
  email: 'maria@alfki.example',
};
const address = { name: 'Maria Anders', street: 'Obere Str. 57', city: 'Berlin', country: 'DE' };

const stories: Readonly<Record<string, FlowStory>> = {
  'cancel-items, pay-out': {
    flow: 'cancel-items',
    order: '11075',
    input: { items: [{ line: '11075-1', quantity: 1 }] },
  },
  'cancel-order': { flow: 'cancel-order', order: '11045' },
  'return-items': {
    flow: 'return-items',
    order: '11069',
    input: { items: [{ line: '11069-1', quantity: 2 }] },
    answers: [
      {
        as: 'agent',
        element: 'receive',
        payload: { values: { received: [{ returnLine: 'R1-1', quantity: 2 }], complete: false } },
      },
      { as: 'agent', element: 'inspect', payload: { values: { rejected: [] } } },
      { as: 'supervisor', element: 'decideRefund', payload: { values: nothing } },
    ],
  },
  'change-order, collect-payment': {
    flow: 'change-order',
    order: '11075',
    input: {
      quantities: [{ line: '11075-1', quantity: 8 }],
      add: [{ sku: 'NW-038', quantity: 1 }],
      appeasement: { amount: '-1.00', currency: 'CHF' },
      paymentMethod: 'pm_card_visa',
    },
  },
  'exchange-items': {
    flow: 'exchange-items',
    order: '11069',
    input: { items: [{ line: '11069-1', quantity: 10 }], add: [{ sku: 'NW-011', quantity: 1 }] },
    answers: [{ as: 'supervisor', element: 'decideRefund', payload: { values: nothing } }],
  },
  'credit-memo': {
    flow: 'credit-memo',
    order: '11069',
    before: { flow: 'change-order', input: { appeasement: { amount: '-10.00', currency: 'USD' } } },
    answers: [{ as: 'supervisor', element: 'decideRefund', payload: { values: nothing } }],
  },
  'submit-order, approve-order, release-after-remorse': {
    flow: 'submit-order',
    input: { customer, address, items: [{ sku: 'NW-011', quantity: 60 }], paymentMethod: 'pm_card_visa' },
    answers: [{ as: 'approver', element: 'ask', payload: { approved: true, comment: 'fine' } }],
    passMs: 7_200_000,
  },
  'hold-order': { flow: 'hold-order', order: '11069', input: { reason: 'possible fraud' }, isInternal: true },
  'lift-hold': {
    flow: 'lift-hold',
    order: '11069',
    before: { flow: 'hold-order', input: { reason: 'possible fraud' } },
    input: { hold: 'H1', reason: 'checked' },
    isInternal: true,
  },
  'open-case': {
    flow: 'open-case',
    order: '11069',
    input: { subject: 'Where is my parcel?' },
    isInternal: true,
  },
  'close-case': {
    flow: 'close-case',
    order: '11069',
    before: { flow: 'open-case', input: { subject: 'Where is my parcel?' } },
    input: { case: 'K1001', resolution: 'It came on Tuesday.' },
    isInternal: true,
  },
};

describe('a crash at every point of the shipped flows', () => {
  let points = 0;
  let deaths = 0;

  for (const [name, story] of Object.entries(stories)) {
    it(`${name}: the order, the mails and the money end as if nothing had happened`, async function () {
      this.timeout(300_000);
      const undisturbed = await playFlow(story);
      const { messages, effects } = undisturbed.outcome;
      for (const told of [messages, effects]) assert.equal(told.length === 0, story.isInternal === true);
      for (const { number, name: what, side } of undisturbed.points) {
        const at = `killed at point ${number} of ${undisturbed.points.length}, ${side} ${what}`;
        const attempt = await playFlow(story, [number]).catch((cause: unknown) => {
          throw new Error(at, { cause });
        });
        points += 1;
        deaths += attempt.deaths;
        assert.deepEqual(attempt.outcome, undisturbed.outcome, at);
      }
    });
  }

  it('covers every shipped flow', () => {
    const shipped = readdirSync(flowsDirectory(), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const played = Object.keys(stories).flatMap((name) => name.split(', '));
    assert.deepEqual(
      shipped.filter((flow) => !played.includes(flow)),
      [],
    );
    assert.ok(points > 100, `only ${points} points`);
    assert.equal(deaths, points);
  });

  after(() => {
    console.log(`      ${points} crash points of shipped flows, ${deaths} deaths`);
  });
});
