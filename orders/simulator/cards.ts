// Means of payment and amounts that make the simulator behave badly; the tokens and numbers are those of Stripe's test mode.
import type { FaultKind } from './faults.js';
import { Refusal } from './simulated-payment.js';

const declines: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  generic: { code: 'card_declined', decline_code: 'generic_decline' },
  insufficient: { code: 'card_declined', decline_code: 'insufficient_funds' },
  lost: { code: 'card_declined', decline_code: 'lost_card' },
  expired: { code: 'expired_card' },
  cvc: { code: 'incorrect_cvc' },
  processing: { code: 'processing_error' },
  confirm: { code: 'authentication_required', decline_code: 'authentication_required' },
};

const byMethod: Readonly<Record<string, string>> = {
  pm_card_chargeDeclined: 'generic',
  pm_card_visa_chargeDeclined: 'generic',
  pm_card_chargeDeclinedInsufficientFunds: 'insufficient',
  pm_card_visa_chargeDeclinedInsufficientFunds: 'insufficient',
  pm_card_visa_chargeDeclinedLostCard: 'lost',
  pm_card_chargeDeclinedExpiredCard: 'expired',
  pm_card_chargeDeclinedIncorrectCvc: 'cvc',
  pm_card_chargeDeclinedProcessingError: 'processing',
  pm_card_authenticationRequired: 'confirm',
  '4000000000000002': 'generic',
  '4000000000009995': 'insufficient',
  '4000000000009987': 'lost',
  '4000000000000069': 'expired',
  '4000000000000127': 'cvc',
  '4000000000000119': 'processing',
  '4000002500003155': 'confirm',
};

/** Amounts, in Stripe's whole numbers, each of which brings a fault about until it was done. */
export const faultyAmounts: ReadonlyMap<number, FaultKind> = new Map([
  [9_000_002, 'decline'],
  [9_000_003, 'timeout-before'],
  [9_000_004, 'timeout-after'],
  [9_000_005, 'error-after'],
  [9_000_006, 'unavailable'],
  [9_000_007, 'reset-after'],
]);

export const declined = (decline: string = 'generic'): Refusal =>
  new Refusal(402, {
    type: 'card_error',
    message: 'Your card was declined.',
    ...(declines[decline] ?? declines['generic']!),
  });

/** The refusal that a token or card number stands for; every other one is good. */
export function declineOf(method: string): Refusal | undefined {
  const decline = Object.hasOwn(byMethod, method) ? byMethod[method] : undefined;
  return decline === undefined ? undefined : declined(decline);
}
