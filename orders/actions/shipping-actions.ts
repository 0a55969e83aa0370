// What flows ask of fulfilment: a label for a parcel that comes back.
import type { Action } from '../../engine/actions/action.js';
import type { Json } from '../../engine/definition/flow.js';
import { actionErrors } from '../../engine/runtime/run-errors.js';
import type { FulfilmentPort, ReturnLabelRequest } from '../ports/fulfilment.js';
import { fields, order, text } from './action-schemas.js';

const dayMs = 86_400_000;

export const returnLabelAction = (fulfilment: FulfilmentPort): Action => ({
  name: 'shipping.returnLabel',
  title: 'Get a return label',
  description:
    'A label with which the customer sends a return back; the carrier tells when the parcel is scanned.',
  effect: 'external',
  repeat: 'keyed',
  keyLifetimeMs: dayMs,
  timeoutMs: 20_000,
  retry: { attempts: 8, delayMs: 1_000, factor: 3, delayMsMax: 900_000 },
  input: fields({ order, returnOrder: text('Id of the return order.', 'R1', 40) }, ['order', 'returnOrder'], {
    order: '10248',
    returnOrder: 'R1',
  }),
  output: fields(
    {
      label: text('What is printed.', 'L-10248-R1', 4_000),
      carrier: text('Who carries it.', 'Parcel service'),
      trackingNumber: text('By which the parcel is known.', 'T1Z999'),
    },
    ['label', 'carrier', 'trackingNumber'],
  ),
  undo: { none: 'A label that is not used expires.' },
  perform: async ({ input, key, signal }) => {
    const result = await fulfilment.returnLabel(input as unknown as ReturnLabelRequest, { key, signal });
    if (result.outcome === 'done') return result.value as unknown as Json;
    if (result.outcome === 'notDone') throw result.error;
    throw actionErrors.error('outcome-unknown', result.error.message);
  },
});
