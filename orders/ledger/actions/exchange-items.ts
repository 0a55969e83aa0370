// Exchanges fulfilled units for other items: what goes back and what comes in are set off against each other.
import { creditAfterFees } from '../change-balances.js';
import { type Outcome, outcomeOf } from '../outcome.js';
import type { Minor } from '../../records/money-fields.js';
import type { LedgerSettings } from '../settings.js';
import type { OrderSummary } from '../summary.js';
import { type AddItemsInput, addItems } from './add-items.js';
import { type ReturnItemsInput, returnItems } from './return-items.js';

export interface ExchangeItemsInput {
  readonly returned: ReturnItemsInput;
  readonly added: AddItemsInput;
}

export interface ExchangeOutcome extends Outcome {
  /** What the customer gets back when both are set off; at least 0. */
  readonly refundAmount: Minor;
  /** What the customer has to pay when both are set off; at least 0. */
  readonly dueAmount: Minor;
}

/** @throws {RecourseError} the codes of `returnItems` and `addItems` */
export function exchangeItems(
  summary: OrderSummary,
  input: ExchangeItemsInput,
  settings: LedgerSettings,
): ExchangeOutcome {
  const returned = returnItems(summary, input.returned, settings);
  const added = addItems(returned.summary, input.added, settings);
  const changeOrders = [...returned.changeOrders, ...added.changeOrders];
  const outcome = outcomeOf('Exchange', added.summary, changeOrders, returned.feeChangeOrder);
  const credit = creditAfterFees(outcome.changeBalances);
  return { ...outcome, refundAmount: credit > 0n ? credit : 0n, dueAmount: credit < 0n ? -credit : 0n };
}
