// The payment provider: the one that is configured, or in demo mode the simulator, which moves no money.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { fromMinor } from '../../engine/money/money.js';
import { toStripeAmount } from '../../orders/adapters/stripe/stripe-amount.js';
import { createStripePayments } from '../../orders/adapters/stripe/stripe-payments.js';
import type { PaymentPort } from '../../orders/ports/payment.js';
import type { PaymentRecord } from '../../orders/records/payment.js';
import { type Simulator, startSimulator } from '../../orders/simulator/simulator.js';
import type { SimulatedPayment } from '../../orders/simulator/simulated-payment.js';
import type { Models } from '../../store/connect.js';
import { readSetting, writeSetting } from '../settings.js';

const keyLifetimeMs = 86_400_000;
const simulatorKey = 'sk_test_simulator';
const marker = 'simulated-payments';

export interface PaymentProvider {
  readonly port: PaymentPort;
  /** Tells the simulator of the payments of the sample orders, once. */
  prepare(models: Models): Promise<void>;
  close(): Promise<void>;
}

/** A provider that speaks Stripe's API. */
export function configuredProvider(url: string, apiKey: string): PaymentProvider {
  return {
    port: createStripePayments({ url, apiKey }),
    prepare: async () => {},
    close: async () => {},
  };
}

/** The simulator, inside this process, with its log in the data directory. */
export async function simulatedProvider(
  dataDir: string,
): Promise<PaymentProvider & { simulator: Simulator }> {
  const directory = join(dataDir, 'payment-simulator');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const simulator = await startSimulator({
    port: 0,
    controlPort: 0,
    data: join(directory, 'effects.jsonl'),
    keyLifetimeMs,
    now: Date.now,
  });
  return {
    simulator,
    port: createStripePayments({ url: simulator.url, apiKey: simulatorKey }),
    async prepare(models) {
      if ((await readSetting(models, marker)) === 'known') return;
      const payments = await models.payments
        .find({ method: mongoose.trusted({ $in: ['card', 'wallet'] }) } as never)
        .setOptions({ useBigInt64: true })
        .lean<PaymentRecord[]>();
      simulator.adopt(payments.map(toSimulated).filter((payment) => payment !== undefined));
      await writeSetting(models, marker, 'known');
    },
    close: () => simulator.close(),
  };
}

/** A payment of the sample orders as the simulator keeps it. */
export function toSimulated(payment: PaymentRecord): SimulatedPayment | undefined {
  const { currency, authorized, captured, transactions } = payment;
  const [first] = transactions;
  if (first === undefined) return undefined;
  const whole = (minor: bigint): number =>
    BigInt(minor) === 0n ? 0 : toStripeAmount(fromMinor(BigInt(minor), currency));
  const created = Math.floor(first.at.getTime() / 1_000);
  const isVoided = transactions.some(({ type }) => type === 'void');
  return {
    id: first.reference,
    charge: `ch_${first.reference}`,
    amount: whole(first.amount),
    currency: currency.toLowerCase(),
    method: 'pm_card_visa',
    customer: null,
    status: isVoided ? 'canceled' : authorized > 0n ? 'requires_capture' : 'succeeded',
    capturable: isVoided ? 0 : whole(authorized),
    received: whole(captured),
    metadata: {},
    created,
    canceledAt: isVoided ? created : null,
    cancellationReason: null,
    refunds: [],
  };
}
