// The door of the order ledger: pure functions over plain data; it stores nothing and asks no clock.
export { type AddItemsInput, addItems } from './actions/add-items.js';
export {
  type AdjustItem,
  type AdjustItemsInput,
  type AdjustmentAmount,
  type AdjustOrderInput,
  adjustItems,
  adjustOrder,
} from './actions/adjust.js';
export {
  type CancelItemsInput,
  type CancelOrderInput,
  cancelItems,
  cancelOrder,
} from './actions/cancel-items.js';
export { type CreditMemoOutcome, createCreditMemo } from './actions/credit-memo.js';
export { type ExchangeItemsInput, type ExchangeOutcome, exchangeItems } from './actions/exchange-items.js';
export { allocateUnits, type LineUnits, releaseUnits, shipUnits } from './actions/fulfilment.js';
export { createInvoice, type InvoiceOutcome } from './actions/invoice.js';
export {
  authorizePayment,
  capturePayment,
  type PaymentState,
  paymentState,
  planVoids,
  voidAuthorization,
} from './actions/payments.js';
export type { ChangeItem } from './actions/quantities.js';
export { planRefund, type RefundInput, type RefundPlan, recordRefunds } from './actions/refund.js';
export { type ReturnItemsInput, returnItems } from './actions/return-items.js';
export {
  type CreateReturnOrderInput,
  createReturnOrder,
  type ProcessReturnInput,
  type ProcessReturnOutcome,
  processReturn,
  type ReceiveReturnInput,
  type ReturnOrderOutcome,
  receiveReturn,
} from './actions/return-orders.js';
export { adoptOrder } from './adopt-order.js';
export { type ChangeBalances, creditAfterFees, excessFunds, requiredFunds } from './change-balances.js';
export type { ChangeEntry, ChangeOrder, ChangeType, Phase, QuantityChange } from './change-order.js';
export type { Component, ComponentKind, ComponentTax, Owner, Taxed } from './component.js';
export { type DistributionRule, distribute, splitEvenly } from './distribute.js';
export {
  type CreditMemo,
  type Invoice,
  newDocuments,
  type OrderDocuments,
  type Payment,
  type ReturnLine,
  type ReturnOrder,
  type Shipment,
  toDocuments,
} from './documents.js';
export { explainTotal } from './explain-total.js';
export { type Explanation, inWords } from './explanation.js';
export type { FeeInput } from './fees.js';
export type { OriginalDelivery, OriginalLine, OriginalOrder } from './original-order.js';
export type { Outcome } from './outcome.js';
export { allocateToPayments, type PaymentShare } from './payment-allocation.js';
export {
  type DraftAdjustment,
  type DraftDelivery,
  type DraftLine,
  type DraftOrder,
  priceOrder,
} from './price-order.js';
export {
  defaultSettings,
  type LedgerSettings,
  ledgerSettings,
  ledgerSettingsSchema,
  type PartialSettings,
} from './settings.js';
export {
  availableToCancel,
  availableToReturn,
  inFulfilment,
  type LineState,
  type OrderSummary,
  remainingOf,
  summarize,
} from './summary.js';
export { toDocument } from './to-document.js';
