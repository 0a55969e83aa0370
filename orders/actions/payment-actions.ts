// The actions of flows that move money, over whichever payment provider is configured. Each is sent at most once per key
// and attempt; the engine sends it again under the same key while the provider remembers it.
import type { Action, ActionCall } from '../../engine/actions/action.js';
import type { Json, Schema } from '../../engine/definition/flow.js';
import { actionErrors } from '../../engine/runtime/run-errors.js';
import type { CallResult, NotDone } from '../ports/call-result.js';
import {
  type Authorization,
  type Capture,
  type PaymentPort,
  type PaymentState,
  paymentStatuses,
  type Refund,
  type RefundState,
  type Release,
  refundStatuses,
} from '../ports/payment.js';
import { fields, unsignedMoney as money } from './action-schemas.js';
import { KnownAttempts } from './known-attempts.js';

const payment: Schema = {
  type: 'string',
  pattern: '^[A-Za-z0-9_]{1,255}$',
  description: "The payment provider's id of the payment, as `payments.authorize` gave it.",
  examples: ['pi_3MtwBwLkdIwHu7ix28a3tqPa'],
};

const state = fields(
  {
    payment,
    status: {
      type: 'string',
      enum: paymentStatuses,
      description:
        'authorized: held. captured: taken, and nothing is held any more. voided: released. pending: undecided. failed: nothing was held.',
    },
    authorized: money('Held, and can still be captured.'),
    captured: money('Taken from the customer, refunds not deducted.'),
    refunded: money('Given back of it; left out where the provider did not say.'),
    reference: { type: 'string', description: 'Ours: the key of the authorization.' },
  },
  ['payment', 'status', 'authorized', 'captured'],
  {
    payment: 'pi_3MtwBwLkdIwHu7ix28a3tqPa',
    status: 'authorized',
    authorized: { amount: '12.30', currency: 'EUR' },
    captured: { amount: '0.00', currency: 'EUR' },
    reference: 'run-1:main:authorize:1',
  },
);

const refundState = fields(
  {
    refund: {
      type: 'string',
      description: "The provider's id of the refund.",
      examples: ['re_1Nispe2eZvKYlo2C'],
    },
    payment,
    status: {
      type: 'string',
      enum: refundStatuses,
      description: 'pending: on its way, which counts as made.',
    },
    amount: money('What is given back.'),
  },
  ['refund', 'payment', 'status', 'amount'],
  {
    refund: 're_1Nispe2eZvKYlo2C',
    payment: 'pi_3MtwBwLkdIwHu7ix28a3tqPa',
    status: 'succeeded',
    amount: { amount: '5.00', currency: 'EUR' },
  },
);

const retry = { attempts: 8, delayMs: 1_000, factor: 3, delayMsMax: 900_000 } as const;
const timeoutMs = 20_000;
const minimumCallMs = 10 * 60 * 1_000;

export interface PaymentActionSettings {
  /**
   * How long after the first attempt a key is still sent again; by default what the provider remembers, less ten minutes for
   * clocks that differ and attempts under way.
   */
  readonly keyLifetimeMs?: number;
}

/** `payments.authorize`, `.capture`, `.void`, `.refund` and `.status`. */
export function paymentActions(port: PaymentPort, settings: PaymentActionSettings = {}): readonly Action[] {
  const known = new KnownAttempts();
  const keyLifetimeMs = settings.keyLifetimeMs ?? Math.max(port.keyLifetimeMs - minimumCallMs, 1);
  const external = { effect: 'external', repeat: 'keyed', keyLifetimeMs, timeoutMs, retry } as const;
  const performing = <T extends object, Call extends ActionCall>({ send, find }: Sending<T, Call>) => ({
    perform: async (call: Call): Promise<Json> => settle(known, call, await send(call), () => find(call)),
    lookUp: async (call: Call): Promise<Json | undefined> => toJson(await find(call)),
  });
  const release = <Call extends ActionCall>(of: (call: Call) => Release): Sending<PaymentState, Call> => ({
    send: (call) => port.release(of(call), call),
    find: (call) => port.findRelease(of(call), call.key, call.signal),
  });
  const refund = <Call extends ActionCall>(of: (call: Call) => Refund): Sending<RefundState, Call> => ({
    send: (call) => port.refund(of(call), call),
    find: (call) => port.findRefund(of(call), call.key, call.signal),
  });

  const authorize: Action = {
    ...external,
    name: 'payments.authorize',
    title: 'Authorize a payment',
    description:
      "Holds an amount on the customer's means of payment; nothing is taken yet. Undone by releasing it.",
    input: fields(
      {
        amount: money('What is held; greater than zero.'),
        method: {
          type: 'string',
          pattern: '^[A-Za-z0-9_]{1,255}$',
          not: { pattern: '^\\d{12,19}$' },
          description: "The provider's token of the means of payment. Never a card number.",
          examples: ['pm_card_visa'],
        },
        customer: {
          type: 'string',
          pattern: '^[A-Za-z0-9_]{1,255}$',
          description: "The provider's id of the customer whose means of payment it is.",
          examples: ['cus_NffrFeUfNV2Hib'],
        },
        order: { type: 'string', maxLength: 100, description: 'Our order number.', examples: ['10248'] },
      },
      ['amount', 'method'],
      { amount: { amount: '12.30', currency: 'EUR' }, method: 'pm_card_visa', order: '10248' },
    ),
    output: state,
    ...performing({
      send: (call) => port.authorize(call.input as unknown as Authorization, call),
      find: ({ key, signal }) => port.findAuthorization(key, signal),
    }),
    undo: performing(
      release(({ output }: ActionCall & { readonly output: Json }) => ({
        payment: (output as unknown as PaymentState).payment,
      })),
    ).perform,
  };
  const capture: Action = {
    ...external,
    name: 'payments.capture',
    title: 'Capture a payment',
    description:
      'Takes money that is held. What is left of it is released, unless `final` is false. Undone by a refund.',
    input: fields(
      {
        payment,
        amount: money('What is taken; at most what is held.'),
        final: {
          type: 'boolean',
          description:
            'False: the rest stays held for later captures, where the provider allows it. True if left out.',
        },
      },
      ['payment', 'amount'],
      { payment: 'pi_3MtwBwLkdIwHu7ix28a3tqPa', amount: { amount: '12.30', currency: 'EUR' } },
    ),
    output: state,
    ...performing({
      send: (call) => port.capture(call.input as unknown as Capture, call),
      find: ({ input, key, signal }) => port.findCapture(input as unknown as Capture, key, signal),
    }),
    undo: performing(
      refund(({ input }) => {
        const { payment, amount } = input as unknown as Capture;
        return { payment, amount };
      }),
    ).perform,
  };
  const releasing: Action = {
    ...external,
    name: 'payments.void',
    title: 'Release an authorized payment',
    description:
      'Releases money that is held and was not taken: all of it, or all but `keep`. Where the provider can not lower a hold, the rest goes when the payment is captured.',
    input: fields(
      {
        payment,
        keep: {
          anyOf: [money('What stays held.'), { type: 'null' }],
          description: 'What stays held; everything is released if it is null or left out.',
          examples: [{ amount: '7.30', currency: 'EUR' }],
        },
      },
      ['payment'],
      { payment: 'pi_3MtwBwLkdIwHu7ix28a3tqPa', keep: { amount: '7.30', currency: 'EUR' } },
    ),
    output: state,
    ...performing(release(({ input }) => toRelease(input))),
    undo: {
      none: 'What was released is held again only by a new authorization, which the customer may have to confirm.',
    },
  };
  const refunding: Action = {
    ...external,
    name: 'payments.refund',
    title: 'Refund a payment',
    description: 'Gives captured money back to the means of payment that it came from.',
    input: fields(
      {
        payment,
        amount: money('What is given back; at most what was captured and not refunded yet.'),
        reason: {
          type: 'string',
          enum: ['duplicate', 'fraudulent', 'requested_by_customer'],
          description: "For the provider's records.",
        },
      },
      ['payment', 'amount'],
      {
        payment: 'pi_3MtwBwLkdIwHu7ix28a3tqPa',
        amount: { amount: '5.00', currency: 'EUR' },
        reason: 'requested_by_customer',
      },
    ),
    output: refundState,
    ...performing(refund(({ input }) => input as unknown as Refund)),
    undo: { none: 'Money that was given back can not be taken again without the customer.' },
  };
  const status: Action = {
    name: 'payments.status',
    title: 'Status of a payment',
    description:
      'What the payment provider says is held, captured and refunded of a payment; changes nothing.',
    effect: 'query',
    timeoutMs,
    input: fields({ payment }, ['payment'], { payment: 'pi_3MtwBwLkdIwHu7ix28a3tqPa' }),
    output: state,
    perform: async ({ input, signal }) => {
      const { payment } = input as unknown as { payment: string };
      return toJson(await port.status(payment, signal))!;
    },
  };
  return [authorize, capture, releasing, refunding, status];
}

function toRelease(input: Json): Release {
  const { payment, keep } = input as unknown as { payment: string; keep?: Release['keep'] | null };
  return keep === undefined || keep === null ? { payment } : { payment, keep };
}

/** One call that moves money, and the question whether it was made. */
interface Sending<T, Call extends ActionCall> {
  send(call: Call): Promise<CallResult<T>>;
  find(call: Call): Promise<T | undefined>;
}

/** What is known of a payment, as JSON; the port's values are plain data. */
const toJson = (value: object | undefined): Json | undefined => value as unknown as Json | undefined;

/**
 * The value of a call that was made. Where an attempt may have been made, and another one doesn't tell, the provider is asked:
 * what it finds is proof, what it doesn't find is none.
 *
 * @throws {RecourseError} the port's error only where it is sure that no attempt under the key was made, else
 *   `action.outcome-unknown`
 */
async function settle<T extends object>(
  known: KnownAttempts,
  { key, attempt }: ActionCall,
  result: CallResult<T>,
  find: () => Promise<T | undefined>,
): Promise<Json> {
  if (result.outcome === 'done' || (result.outcome === 'notDone' && result.settles === 'key')) {
    known.forget(key);
    if (result.outcome === 'notDone') throw result.error;
    return toJson(result.value)!;
  }
  if (result.outcome === 'unknown') known.doubt(key);
  else if (known.notDone(key, attempt)) throw result.error;
  // The first attempt may still be under way, and is worth sending again before anyone is asked.
  const found = attempt > 1 ? await find().catch(() => undefined) : undefined;
  if (found === undefined) throw result.outcome === 'unknown' ? result.error : inDoubt(result);
  known.forget(key);
  return toJson(found)!;
}

/** This attempt was not made; one before it may have been. */
const inDoubt = ({ error }: NotDone) =>
  actionErrors.error(
    'outcome-unknown',
    `an earlier attempt may have been made; this one was not: ${error.message}`,
    {
      data: { ...error.data, code: error.code },
    },
  );
