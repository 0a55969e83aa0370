// Money in the whole numbers of Stripe's API (docs.stripe.com/currencies), which differ from ISO 4217 in a few currencies.
import { digitsOf } from '../../../engine/money/currency.js';
import { fromMinor, type Money, toMinor } from '../../../engine/money/money.js';
import { orderErrors } from '../../order-errors.js';

/** Where Stripe counts other decimals than ISO 4217: ISK and UGX in hundredths that must be whole, MGA without decimals. */
const otherDigits: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

const digitsAtStripe = (currency: string): number => otherDigits[currency] ?? digitsOf(currency);

/**
 * The amount as Stripe takes it; three-decimal currencies only in steps of ten.
 *
 * @throws {RecourseError} `orders.payment-amount-refused` when Stripe has no whole number for it, or it is not positive;
 *   `money.*`
 */
export function toStripeAmount(money: Money): number {
  const minor = toMinor(money);
  const [ours, theirs] = [digitsOf(money.currency), digitsAtStripe(money.currency)];
  const scaled = minor * 10n ** BigInt(Math.max(0, theirs - ours));
  const divisor = 10n ** BigInt(Math.max(0, ours - theirs));
  const step = theirs === 3 ? 10n * divisor : divisor;
  if (minor <= 0n || scaled % step !== 0n || scaled / divisor > 999_999_999_999n) {
    throw orderErrors.error(
      'payment-amount-refused',
      `${money.amount} ${money.currency} is not an amount that can be sent to the payment provider`,
    );
  }
  return Number(scaled / divisor);
}

/** The money of an amount of Stripe's, whose currency is in lower case; undefined if it has none of ours. */
export function fromStripeAmount(amount: number, currency: string): Money | undefined {
  const code = currency.toUpperCase();
  try {
    const [ours, theirs] = [digitsOf(code), digitsAtStripe(code)];
    const scaled = BigInt(amount) * 10n ** BigInt(Math.max(0, ours - theirs));
    const divisor = 10n ** BigInt(Math.max(0, theirs - ours));
    return scaled % divisor === 0n ? fromMinor(scaled / divisor, code) : undefined;
  } catch {
    return undefined;
  }
}
