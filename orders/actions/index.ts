// All actions of flows on orders, over the ports that whoever composes them has chosen.
import type { Action } from '../../engine/actions/action.js';
import type { FulfilmentPort } from '../ports/fulfilment.js';
import { nextCaseNumberAction } from '../cases/case-actions.js';
import type { Numbers } from '../ports/numbers.js';
import type { PaymentPort } from '../ports/payment.js';
import type { PricingPort } from '../ports/pricing.js';
import type { TaxPort } from '../ports/tax.js';
import { addItemsAction, exchangeItemsAction } from './add-actions.js';
import { adjustItemsAction, adjustOrderAction } from './adjust-actions.js';
import { cancelItemsAction, cancelOrderAction } from './cancel-actions.js';
import { createCreditMemoAction, createInvoiceAction } from './document-actions.js';
import { allocateAction, releaseUnitsAction, shipAction } from './fulfilment-records.js';
import {
  holdAction,
  liftHoldAction,
  setAddressAction,
  setDeliveryAction,
  setStatusAction,
} from './order-state-actions.js';
import { mailDataAction, type Shop } from './mail-data.js';
import { paymentActions } from './payment-actions.js';
import { recordAuthorizationAction, recordCaptureAction } from './payment-records.js';
import { createOrderAction, nextNumberAction } from './place-actions.js';
import { priceItemsAction } from './pricing-actions.js';
import {
  confirmMovementAction,
  refundExcessAction,
  refundMemosAction,
  releaseExcessAction,
} from './refund-actions.js';
import { returnLabelAction } from './shipping-actions.js';
import {
  createReturnOrderAction,
  estimateReturnAction,
  processReturnAction,
  receiveReturnAction,
  returnItemsAction,
} from './return-actions.js';

export interface OrderPorts {
  readonly payment: PaymentPort;
  readonly pricing: PricingPort;
  readonly tax: TaxPort;
  readonly fulfilment: FulfilmentPort;
  readonly shop: Shop;
  readonly numbers: Numbers;
  readonly caseNumbers: Numbers;
}

export const orderActions = ({
  payment,
  pricing,
  tax,
  fulfilment,
  shop,
  numbers,
  caseNumbers,
}: OrderPorts): readonly Action[] => [
  cancelItemsAction,
  cancelOrderAction,
  returnItemsAction,
  estimateReturnAction,
  createReturnOrderAction,
  receiveReturnAction,
  processReturnAction,
  adjustItemsAction,
  adjustOrderAction,
  addItemsAction,
  exchangeItemsAction,
  createCreditMemoAction,
  createInvoiceAction,
  refundExcessAction,
  refundMemosAction,
  releaseExcessAction,
  confirmMovementAction,
  recordAuthorizationAction,
  recordCaptureAction,
  allocateAction,
  releaseUnitsAction,
  shipAction,
  setStatusAction,
  setAddressAction,
  setDeliveryAction,
  holdAction,
  liftHoldAction,
  createOrderAction,
  nextNumberAction(numbers),
  nextCaseNumberAction(caseNumbers),
  mailDataAction(shop),
  priceItemsAction(pricing, tax),
  returnLabelAction(fulfilment),
  ...paymentActions(payment),
];
