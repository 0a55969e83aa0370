// The built-in fulfilment: a warehouse that accepts everything, and ships when it is told to. The same key is the same
// fulfilment, for ever.
import { createHash } from 'node:crypto';
import { RecourseError } from '../../../engine/errors/recourse-error.js';
import { orderErrors } from '../../order-errors.js';
import { type CallResult, done } from '../../ports/call-result.js';
import type {
  Fulfilment,
  FulfilmentPort,
  FulfilmentRequest,
  ReturnLabel,
  ReturnLabelRequest,
} from '../../ports/fulfilment.js';
import { type KeptValues, ValuesInMemory } from './kept-values.js';

export type KeptFulfilment = Fulfilment & { readonly version: number };

export interface Warehouse extends FulfilmentPort {
  /** What the people of the warehouse do. @throws {RecourseError} `orders.fulfilment-unknown`, `orders.fulfilment-too-late` */
  ship(fulfilment: string): Promise<Fulfilment>;
}

const carrier = 'Parcel service';
const linesMax = 1_000;

export function createWarehouse(fulfilments: KeptValues<KeptFulfilment> = new ValuesInMemory()): Warehouse {
  const load = async (id: string): Promise<KeptFulfilment> => {
    const found = await fulfilments.get(id);
    if (found === undefined) throw orderErrors.error('fulfilment-unknown', 'there is no such fulfilment');
    return found;
  };
  /** Tries again when another change came first; the state decides, not who was faster. */
  const become = async (id: string, status: 'shipped' | 'cancelled'): Promise<Fulfilment> => {
    for (;;) {
      const now = await load(id);
      if (now.status === status) return shown(now);
      if (now.status !== 'accepted')
        throw orderErrors.error('fulfilment-too-late', `the fulfilment is ${now.status}`);
      const sent = status === 'shipped' ? { carrier, trackingNumber: `T${hashOf(id)}` } : {};
      const next = { ...now, ...sent, status, version: now.version + 1 };
      if (await fulfilments.put(id, next)) return shown(next);
    }
  };
  return {
    request: (request, { key }) =>
      settling(async () => {
        checkRequest(request);
        const fulfilment = `F${hashOf(key)}`;
        const { order, deliveryGroup, method, lines } = request;
        const made = {
          order,
          deliveryGroup,
          method,
          lines,
          fulfilment,
          status: 'accepted',
          version: 1,
        } as const;
        return shown((await fulfilments.put(fulfilment, made)) ? made : await load(fulfilment));
      }),
    cancel: (fulfilment) => settling(() => become(fulfilment, 'cancelled')),
    status: async (fulfilment) => shown(await load(fulfilment)),
    returnLabel: async ({ order, returnOrder }: ReturnLabelRequest): Promise<CallResult<ReturnLabel>> => {
      const hash = hashOf(JSON.stringify([order, returnOrder]));
      return done({ label: `L${hash}`, carrier, trackingNumber: `R${hash}` });
    },
    ship: (fulfilment) => become(fulfilment, 'shipped'),
  };
}

function checkRequest({ lines }: FulfilmentRequest): void {
  const isBad = lines.some(({ quantity }) => !Number.isSafeInteger(quantity) || quantity < 1);
  const isTwice = new Set(lines.map(({ line }) => line)).size !== lines.length;
  if (isBad || isTwice || lines.length === 0 || lines.length > linesMax) {
    throw orderErrors.error('fulfilment-invalid', `1 to ${linesMax} lines, each once, with whole quantities`);
  }
}

/** Its refusals are its last word: it has no network between. */
async function settling<T>(perform: () => Promise<T>): Promise<CallResult<T>> {
  try {
    return done(await perform());
  } catch (error) {
    if (!(error instanceof RecourseError) || !error.code.startsWith('orders.')) throw error;
    return { outcome: 'notDone', error, settles: 'key' };
  }
}

const hashOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 20).toUpperCase();

const shown = ({ version: _, ...fulfilment }: KeptFulfilment): Fulfilment => fulfilment;
