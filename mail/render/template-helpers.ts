// What the helpers of templates do. They know the locale and the time zone of the mail, and refuse what they can't show:
// a value that is missing is an error that names it, never a blank.
import { isMoney, toMinor } from '../../engine/money/money.js';
import { RenderFault } from './render-fault.js';
import type { Location } from './syntax.js';

/** What every helper gets last. */
interface HelperOptions {
  fn(context: unknown, runtime?: { data?: unknown; blockParams?: readonly unknown[] }): string;
  inverse(context: unknown, runtime?: { data?: unknown }): string;
  readonly hash: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, unknown>>;
  readonly loc?: { readonly start: Location };
}

/** What one part may still do. */
export interface RenderBudget {
  rounds: number;
  chars: number;
}

export interface FormatRules {
  readonly locale: string;
  readonly timeZone: string;
}

type Helper = (this: unknown, ...args: unknown[]) => unknown;

const schemes: ReadonlySet<string> = new Set(['https:', 'http:', 'mailto:', 'tel:']);
const dayShape = /^\d{4}-\d{2}-\d{2}$/;
const instantShape = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}/;
const decimalShape = /^-?\d{1,30}(?:\.\d{1,30})?$/;

const optionsOf = (args: readonly unknown[]): HelperOptions => args.at(-1) as HelperOptions;

const refuse = (args: readonly unknown[], detail: string): RenderFault =>
  new RenderFault('value-refused', detail, optionsOf(args).loc?.start);

function present(args: readonly unknown[]): unknown {
  const [value] = args;
  if (value === undefined || value === null) {
    throw new RenderFault('variable-missing', undefined, optionsOf(args).loc?.start);
  }
  return value;
}

/** As Handlebars has it: nothing, false, zero, an empty text and an empty list are false. */
const isTrue = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value));

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 60) ?? 'it';

/** The helpers for one part; `budget` and `rules` are read at each call. */
export function templateHelpers(
  budget: () => RenderBudget,
  rules: () => FormatRules,
): Record<string, Helper> {
  const print = (args: readonly unknown[]): string => {
    const value = present(args);
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw refuse(args, `${shown(value)} is neither a text nor a number`);
    }
    return spend(String(value));
  };
  const spend = (text: string): string => {
    const left = budget();
    left.chars -= text.length;
    if (left.chars < 0)
      throw new RenderFault('output-too-large', 'the rendered part is too large', undefined);
    return text;
  };
  const formatNumber = (
    value: unknown,
    args: readonly unknown[],
    format: Intl.NumberFormatOptions,
  ): string => {
    const isNumber = typeof value === 'number' ? Number.isFinite(value) : decimalShape.test(String(value));
    if (!isNumber || (typeof value !== 'number' && typeof value !== 'string')) {
      throw refuse(args, `${shown(value)} is not a number`);
    }
    // A decimal as text is formatted digit by digit, without passing through a float.
    return new Intl.NumberFormat(rules().locale, format).format(value as number);
  };
  return {
    print: (...args) => print(args),
    money: (...args) => {
      const value = present(args);
      if (!isMoney(value)) throw refuse(args, `${shown(value)} is not money`);
      try {
        toMinor(value);
      } catch (error) {
        throw refuse(args, (error as Error).message);
      }
      return spend(formatNumber(value.amount, args, { style: 'currency', currency: value.currency }));
    },
    date: (...args) => {
      const value = present(args);
      const { style = 'long', time } = optionsOf(args).hash;
      const isDay = typeof value === 'string' && dayShape.test(value);
      const isInstant = typeof value === 'string' && instantShape.test(value);
      const date = new Date(isDay ? `${value}T00:00:00Z` : String(value));
      if (!(isDay || isInstant) || Number.isNaN(date.getTime()))
        throw refuse(args, `${shown(value)} is not a date`);
      const format = new Intl.DateTimeFormat(rules().locale, {
        dateStyle: style as 'long',
        ...(time === undefined || isDay ? {} : { timeStyle: time as 'short' }),
        // A day is a day everywhere; only an instant falls on different days in different zones.
        timeZone: isDay ? 'UTC' : rules().timeZone,
      });
      return spend(format.format(date));
    },
    number: (...args) => {
      const { digits } = optionsOf(args).hash;
      const format =
        digits === undefined
          ? { maximumFractionDigits: 20 }
          : { minimumFractionDigits: Number(digits), maximumFractionDigits: Number(digits) };
      return spend(formatNumber(present(args), args, format));
    },
    plural: (...args) => {
      const value = present(args);
      const count = formatNumber(value, args, { maximumFractionDigits: 20 });
      const form = new Intl.PluralRules(rules().locale).select(Number(value));
      const { hash } = optionsOf(args);
      const text = hash[form] ?? hash['other'];
      return spend(String(text).replaceAll('#', () => count));
    },
    url: (...args) => {
      const value = present(args);
      let url: URL | undefined;
      try {
        url = new URL(String(value));
      } catch {
        // Refused below, with what is wrong.
      }
      if (url === undefined || !schemes.has(url.protocol) || /[\s\p{Cc}]/u.test(String(value))) {
        throw refuse(
          args,
          `${shown(value)} is not an address with one of the schemes ${[...schemes].join(' ')}`,
        );
      }
      return spend(url.href);
    },
    eq: (left, right) => left === right,
    and: (...args) => args.slice(0, -1).every(isTrue),
    or: (...args) => args.slice(0, -1).some(isTrue),
    not: (value) => !isTrue(value),
    if(value, options) {
      const { fn, inverse } = options as HelperOptions;
      return isTrue(value) ? fn(this) : inverse(this);
    },
    unless(value, options) {
      const { fn, inverse } = options as HelperOptions;
      return isTrue(value) ? inverse(this) : fn(this);
    },
    with(value, options) {
      const { fn, inverse, data } = options as HelperOptions;
      if (value === undefined || value === null) return inverse(this);
      return fn(value, { data, blockParams: [value] });
    },
    each(...args) {
      const [list] = args;
      const { fn, inverse, data } = optionsOf(args);
      if (list === undefined || list === null) return inverse(this);
      if (!Array.isArray(list)) throw refuse(args, `${shown(list)} is not a list`);
      if (list.length === 0) return inverse(this);
      let output = '';
      for (const [index, item] of list.entries()) {
        const left = budget();
        left.rounds -= 1;
        if (left.rounds < 0) {
          throw new RenderFault(
            'output-too-large',
            'the part has too many rounds of each',
            optionsOf(args).loc?.start,
          );
        }
        const frame = { ...data, _parent: data, index, first: index === 0, last: index === list.length - 1 };
        output += fn(item, { data: frame, blockParams: [item, index] });
        if (output.length > budget().chars + 64 * 1024 * 16) {
          throw new RenderFault(
            'output-too-large',
            'the rendered part is too large',
            optionsOf(args).loc?.start,
          );
        }
      }
      return output;
    },
  };
}
