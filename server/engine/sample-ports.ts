// The built-in adapters of pricing and tax, over the catalogue of the store and the tables of the sample countries.
import { fromMinor } from '../../engine/money/money.js';
import { createCataloguePricing } from '../../orders/adapters/built-in/catalogue-pricing.js';
import { createTaxTable, type TaxTableRow } from '../../orders/adapters/built-in/tax-table.js';
import type { Numbers } from '../../orders/ports/numbers.js';
import type { PricingPort } from '../../orders/ports/pricing.js';
import type { TaxPort } from '../../orders/ports/tax.js';
import { sampleCountries } from '../../orders/sample/countries.js';
import { sampleMinor } from '../../orders/sample/sample-prices.js';
import type { Models } from '../../store/connect.js';
import { readSetting, replaceSetting } from '../settings.js';

const deliveries = { Standard: 9.9, Express: 19.9 } as const;

/** Prices of the catalogue; it has one price, which counts in every currency the shop sells in. */
export function cataloguePricing(models: Models): PricingPort {
  const currencies = [...new Set(Object.values(sampleCountries).map(({ currency }) => currency))];
  return createCataloguePricing({
    catalogue: {
      async item(sku, currency) {
        const product = await models.products.findById(sku).setOptions({ useBigInt64: true }).lean();
        if (product === null || !currencies.includes(currency)) return undefined;
        const { title, category, price, active, returnable } = product;
        const amount = Number(fromMinor(BigInt(price), product.currency).amount);
        return {
          title,
          category,
          price: fromMinor(sampleMinor(amount, currency), currency),
          active,
          returnable,
        };
      },
    },
    deliveries: Object.entries(deliveries).flatMap(([method, charge]) =>
      currencies.map((currency) => ({ method, charge: fromMinor(sampleMinor(charge, currency), currency) })),
    ),
  });
}

/** Illustrative taxes of the sample countries; no tax advice. */
export function sampleTaxes(): TaxPort {
  return createTaxTable(
    Object.values(sampleCountries).flatMap(({ code, taxes, taxesByRegion = {} }): TaxTableRow[] => [
      { country: code, taxes },
      ...Object.entries(taxesByRegion).map(([region, own]) => ({ country: code, region, taxes: own })),
    ]),
  );
}

interface Sequence {
  /** The setting that counts. */
  readonly counter: string;
  readonly first: number;
  /** Before the count. */
  readonly prefix?: string;
}

/** The sample orders have smaller numbers. */
export const orderNumbers: Sequence = { counter: 'order-number', first: 20_001 };
export const caseNumbers: Sequence = { counter: 'case-number', first: 1_001, prefix: 'K' };

/** Numbers from a counter of the store. */
export function storedNumbers(models: Models, { counter, first, prefix = '' }: Sequence): Numbers {
  return {
    async next() {
      for (;;) {
        const before = await readSetting(models, counter);
        const number = before === undefined ? first : Number(before) + 1;
        if (await replaceSetting(models, counter, before, String(number))) return `${prefix}${number}`;
      }
    },
  };
}

/** The shop of the sample data. */
export const sampleShop = {
  name: 'Northwind Traders',
  url: 'https://northwind.example/',
  email: 'service@northwind.example',
} as const;
