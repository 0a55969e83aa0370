// The actions of orders over the ports of this shop.
import type { Action } from '../../engine/index.js';
import { orderActions } from '../../orders/actions/index.js';
import { createWarehouse } from '../../orders/adapters/built-in/warehouse.js';
import type { PaymentPort } from '../../orders/ports/payment.js';
import type { Models } from '../../store/connect.js';
import {
  caseNumbers,
  cataloguePricing,
  sampleShop,
  sampleTaxes,
  storedNumbers,
  orderNumbers,
} from './sample-ports.js';

export const shopActions = (models: Models, payment: PaymentPort): readonly Action[] =>
  orderActions({
    payment,
    pricing: cataloguePricing(models),
    tax: sampleTaxes(),
    fulfilment: createWarehouse(),
    shop: sampleShop,
    numbers: storedNumbers(models, orderNumbers),
    caseNumbers: storedNumbers(models, caseNumbers),
  });
