// Built-in pricing: prices from a catalogue, promotions from rules, delivery charges from a table.
import { compareMoney, fromMinor, type Money, multiplyMoney, toMinor } from '../../../engine/money/money.js';
import { orderErrors } from '../../order-errors.js';
import type {
  PriceAdjustment,
  PricedLine,
  PricingLine,
  PricingPort,
  PricingRequest,
} from '../../ports/pricing.js';
import { type CompiledPromotion, compilePromotion, type Promotion } from './promotion.js';

export interface CatalogueItem {
  readonly title: string;
  readonly category: string;
  readonly price: Money;
  readonly active: boolean;
  readonly returnable: boolean;
}

export interface Catalogue {
  /** Undefined where the SKU has no price in the currency. */
  item(sku: string, currency: string): Promise<CatalogueItem | undefined>;
}

/** What a delivery method costs, one for each currency; nothing from `freeFrom` on. */
export interface DeliveryPrice {
  readonly method: string;
  readonly charge: Money;
  /** Value of the goods after promotions. */
  readonly freeFrom?: Money;
}

export interface CataloguePricingOptions {
  readonly catalogue: Catalogue;
  readonly promotions?: readonly Promotion[];
  readonly deliveries?: readonly DeliveryPrice[];
}

const linesMax = 1_000;
const codesMax = 20;

interface Found {
  readonly line: PricingLine;
  readonly item: CatalogueItem;
  /** Of all units, minor units; what promotions have left of it. */
  left: bigint;
  readonly adjustments: PriceAdjustment[];
}

/** @throws {RecourseError} `expression.invalid`; {TypeError} for promotions that make no sense */
export function createCataloguePricing({
  catalogue,
  promotions = [],
  deliveries = [],
}: CataloguePricingOptions): PricingPort {
  const compiled = promotions.map(compilePromotion);
  if (new Set(compiled.map(({ id }) => id)).size !== compiled.length)
    throw new TypeError('two promotions have one id');
  return {
    prices: async (request) => {
      checkRequest(request);
      const found = await Promise.all(
        request.lines.map((line) => findItem(catalogue, line, request.currency)),
      );
      const { adjustments, used } = promote(compiled, request, found);
      const goods =
        sum(found.map(({ left }) => left)) + sum(adjustments.map(({ amount }) => toMinor(amount)));
      return {
        lines: found.map(toPricedLine),
        deliveryGroups: (request.deliveryGroups ?? []).map(({ id, method }) => ({
          id,
          method,
          charge: chargeOf(deliveries, method, fromMinor(goods, request.currency)),
        })),
        adjustments,
        unused: unusedCodes(compiled, request, used),
      };
    },
  };
}

const invalid = (detail: string) => orderErrors.error('price-request-invalid', detail);
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((left, right) => left + right, 0n);

function checkRequest({ lines, codes = [], at }: PricingRequest): void {
  if (lines.length > linesMax || codes.length > codesMax)
    throw invalid(`more than ${linesMax} lines or ${codesMax} codes`);
  if (new Set(lines.map(({ id }) => id)).size !== lines.length) throw invalid('two lines have one id');
  const bad = lines.find(({ quantity }) => !Number.isSafeInteger(quantity) || quantity < 1);
  if (bad !== undefined) throw invalid(`line ${bad.id} has no whole quantity greater than zero`);
  if (Number.isNaN(Date.parse(at))) throw invalid('the time of the prices is not an instant');
}

async function findItem(catalogue: Catalogue, line: PricingLine, currency: string): Promise<Found> {
  const item = await catalogue.item(line.sku, currency);
  if (item === undefined || !item.active || item.price.currency !== currency) {
    throw orderErrors.error('price-unknown', `${line.sku} is not sold in ${currency}`, {
      data: { sku: line.sku },
    });
  }
  return { line, item, left: toMinor(item.price) * BigInt(line.quantity), adjustments: [] };
}

/** In the order of the promotions, each on what the ones before it left; nothing ever costs less than nothing. */
function promote(
  promotions: readonly CompiledPromotion[],
  request: PricingRequest,
  found: readonly Found[],
): { adjustments: PriceAdjustment[]; used: ReadonlySet<string> } {
  const { currency } = request;
  const adjustments: PriceAdjustment[] = [];
  const used = new Set<string>();
  for (const promotion of promotions) {
    if (!isOpen(promotion, request) || (promotion.exclusive === true && used.size > 0)) continue;
    const value = sum(found.map(({ left }) => left)) + sum(adjustments.map(({ amount }) => toMinor(amount)));
    const order = {
      currency,
      customer: request.customer ?? null,
      units: found.reduce((units, { line }) => units + line.quantity, 0),
      value: fromMinor(value, currency),
    };
    if (promotion.level === 'order') {
      const off = promotion.holds({ order }) ? offOf(promotion, value, currency) : 0n;
      if (off > 0n) {
        adjustments.push(toAdjustment(promotion, off, currency));
        used.add(promotion.id);
      }
    } else {
      for (const each of found) {
        const { sku, quantity } = each.line;
        const line = { sku, quantity, category: each.item.category, price: each.item.price };
        const off = promotion.holds({ order, line }) ? offOf(promotion, each.left, currency) : 0n;
        if (off === 0n) continue;
        each.left -= off;
        each.adjustments.push(toAdjustment(promotion, off, currency));
        used.add(promotion.id);
      }
    }
    if (promotion.exclusive === true && used.has(promotion.id)) break;
  }
  return { adjustments, used };
}

function isOpen({ code, from, until }: Promotion, { codes = [], at }: PricingRequest): boolean {
  const moment = Date.parse(at);
  return (
    (code === undefined || codes.includes(code)) &&
    (from === undefined || moment >= Date.parse(from)) &&
    (until === undefined || moment < Date.parse(until))
  );
}

function offOf({ percentOff, amountOff }: Promotion, value: bigint, currency: string): bigint {
  let off = 0n;
  if (percentOff !== undefined) off = toMinor(multiplyMoney(fromMinor(value, currency), percentOff));
  else if (amountOff?.currency === currency) off = toMinor(amountOff);
  return off < value ? off : value;
}

const toAdjustment = ({ id, reason }: Promotion, off: bigint, currency: string): PriceAdjustment => ({
  id,
  reason,
  amount: fromMinor(-off, currency),
});

const toPricedLine = ({ line, item, adjustments }: Found): PricedLine => ({
  ...line,
  title: item.title,
  returnable: item.returnable,
  unitPrice: item.price,
  adjustments,
});

function chargeOf(deliveries: readonly DeliveryPrice[], method: string, goods: Money): Money {
  const price = deliveries.find((each) => each.method === method && each.charge.currency === goods.currency);
  if (price === undefined) throw invalid(`there is no delivery ${method} in ${goods.currency}`);
  const isFree = price.freeFrom !== undefined && compareMoney(goods, price.freeFrom) >= 0;
  return isFree ? fromMinor(0n, goods.currency) : price.charge;
}

function unusedCodes(
  promotions: readonly CompiledPromotion[],
  request: PricingRequest,
  used: ReadonlySet<string>,
) {
  return (request.codes ?? []).flatMap((code) => {
    const known = promotions.filter((promotion) => promotion.code === code);
    if (known.some(({ id }) => used.has(id))) return [];
    if (known.length === 0) return [{ code, reason: 'There is no such code.' }];
    const isClosed = !known.some((promotion) => isOpen(promotion, request));
    return [
      { code, reason: isClosed ? 'The code is not valid now.' : 'The code does not apply to these items.' },
    ];
  });
}
