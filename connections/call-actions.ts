// The actions of flows that call other systems.
import type { Action, ActionCall } from '../engine/actions/action.js';
import type { Json, Schema } from '../engine/definition/flow.js';
import type { CallPort, OutgoingCall } from './call-port.js';

/** How long the other side has to remember an `Idempotency-Key` for `http.sendOnce`. */
const keyLifetimeMs = 23 * 3_600_000;
const timeoutMs = 12_000;
const retry = { attempts: 5, delayMs: 1_000, factor: 4, delayMsMax: 300_000 } as const;

const values = (description: string, types: readonly string[], example: Json): Schema => ({
  type: 'object',
  additionalProperties: { type: types, maxLength: 500 },
  maxProperties: 30,
  description,
  examples: [example],
});

/** `http.get`, `http.send` and `http.sendOnce`. */
export function callActions(port: CallPort): readonly Action[] {
  const connection: Schema = {
    type: 'string',
    pattern: '^[a-z][a-z0-9-]{0,39}$',
    ...(port.names.length === 0 ? {} : { enum: port.names }),
    description: 'Name of the system, as the operator configured it.',
    examples: [port.names[0] ?? 'carrier'],
  };
  const asked = {
    connection,
    path: {
      type: 'string',
      pattern: '^/',
      maxLength: 1_000,
      description: 'Below the address of the connection; `{name}` stands for one of `params`.',
      examples: ['/labels/{tracking}'],
    },
    params: values('Put into the path, encoded.', ['string', 'integer'], { tracking: '1Z999' }),
    query: values('Put behind the path, encoded.', ['string', 'number', 'boolean'], { limit: 10 }),
  };
  const method: Schema = {
    enum: ['POST', 'PUT', 'PATCH', 'DELETE'],
    description: 'POST if left out.',
    examples: ['POST'],
  };
  const body: Schema = { description: 'Sent as JSON.', examples: [{ order: '10248' }] };
  const input = (properties: Readonly<Record<string, Schema>>): Schema => ({
    type: 'object',
    required: ['connection', 'path'],
    additionalProperties: false,
    properties,
  });
  const output: Schema = {
    type: 'object',
    required: ['status', 'body'],
    additionalProperties: false,
    properties: {
      status: { type: 'integer', description: 'Of the answer, 200 to 299.', examples: [200] },
      body: {
        description: 'The answer: parsed where it is JSON, else a text; null where there is none.',
        examples: [{ id: 'L1' }],
      },
    },
  };
  const call = async ({ input, signal }: ActionCall, more: Partial<OutgoingCall>): Promise<Json> => {
    const given = { params: {}, query: {}, ...(input as object) } as Omit<OutgoingCall, 'signal' | 'method'>;
    return (await port.call({ method: 'POST', ...given, ...more, signal })) as unknown as Json;
  };
  const sending = {
    input: input({ ...asked, method, body }),
    output,
    effect: 'external',
    timeoutMs,
    retry,
    undo: { none: 'what the other system did, only the other system can undo: let the flow call it' },
  } as const;
  return [
    {
      name: 'http.get',
      title: 'Ask another system',
      description: 'Asks a system over HTTP, with GET: nothing is changed there. A preview asks too.',
      input: input(asked),
      output,
      effect: 'query',
      timeoutMs,
      retry,
      perform: (given) => call(given, { method: 'GET' }),
    },
    {
      ...sending,
      name: 'http.send',
      title: 'Send to another system',
      description:
        'Changes something in a system over HTTP. When nobody knows whether a call arrived, it is not sent again: an operator says what happened.',
      repeat: 'never',
      perform: (given) => call(given, {}),
    },
    {
      ...sending,
      name: 'http.sendOnce',
      title: 'Send to another system, once',
      description:
        'Changes something in a system over HTTP that honours the header Idempotency-Key for 24 hours: when nobody knows whether a call arrived, it is sent again under the same key.',
      repeat: 'keyed',
      keyLifetimeMs,
      perform: (given) => call(given, { key: given.key }),
    },
  ];
}
