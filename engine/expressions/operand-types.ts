// Which operands can't be right whatever the data are: by type if it is known, by value if it is a literal.
import { isDateText, toDate, toDuration, toInstant, toZone } from '../calendar/instant.js';
import { RecourseError } from '../errors/recourse-error.js';
import { toMinor } from '../money/money.js';
import { numberOfText } from './decimal.js';
import { type ExpressionType, expressionTypes, type Operand, type OperandKind } from './operator.js';
import { toPattern } from './operators/text-operators.js';
import { describe } from './operands.js';

const scalars: readonly ExpressionType[] = [
  'boolean',
  'number',
  'string',
  'date',
  'dateTime',
  'duration',
  'null',
];

/** Types that a kind of operand accepts, beside `unknown`; text is always given a chance, as literals are looked at. */
const accepted: Readonly<Record<OperandKind, readonly ExpressionType[] | 'all'>> = {
  any: 'all',
  body: expressionTypes.filter((type) => type !== 'null'),
  raw: 'all',
  recordField: 'all',
  scalar: scalars,
  boolean: ['boolean'],
  number: ['number', 'string'],
  amount: ['number', 'string', 'money', 'list'],
  string: ['string', 'date', 'dateTime', 'duration'],
  money: ['money', 'object'],
  date: ['date', 'string'],
  dateTime: ['date', 'dateTime', 'string'],
  duration: ['duration', 'string'],
  list: ['list'],
  object: ['object', 'money'],
  zone: ['string'],
  pattern: ['string'],
  path: ['string', 'number', 'null'],
};

const expectations: Partial<Record<OperandKind, string>> = {
  amount: 'a number or money',
  number: 'a number',
  string: 'text',
  money: 'money',
  list: 'a list',
  date: 'a date such as 2026-11-22',
  dateTime: 'a date, or a point in time such as 2026-11-22T10:00:00Z',
  duration: 'a duration such as P3D',
  body: 'an expression',
  recordField: 'a field of the record: {"var": "$record.status"}',
  zone: 'a time zone such as Europe/Berlin',
  pattern: 'a regular expression of RE2',
};

/** Reads a literal text as what it has to be; throws when it is not. */
const literals: Partial<Record<OperandKind, (text: string) => unknown>> = {
  number: readNumber,
  amount: readNumber,
  date: toDate,
  dateTime: (text) => (isDateText(text) ? toDate(text) : toInstant(text)),
  duration: toDuration,
  zone: toZone,
  pattern: toPattern,
};

/** Reports an operand that is never accepted. */
export function checkOperand(
  { kind, name, oneOf }: Operand,
  { rule, type }: { readonly rule: unknown; readonly type: ExpressionType },
  report: (detail: string, expected: string) => void,
): void {
  const types = accepted[kind];
  const expected = oneOf === undefined ? (expectations[kind] ?? kind) : oneOf.join(', ');
  if (type !== 'unknown' && types !== 'all' && !types.includes(type)) {
    report(`${name} can't be ${type === 'null' ? 'null' : `a ${type}`}`, expected);
    return;
  }
  if (kind === 'recordField' && !isRecordField(rule))
    report(`${name} has to be a field of $record`, expected);
  if (type === 'money' && typeof rule === 'object' && rule !== null && Object.hasOwn(rule, 'amount')) {
    attempt(() => toMinor(rule as { amount: string; currency: string }), report, expected);
  }
  if (typeof rule !== 'string') return;
  if (oneOf !== undefined && !oneOf.includes(rule)) report(`${name} can't be ${describe(rule)}`, expected);
  else attempt(() => literals[kind]?.(rule), report, expected);
}

/** Whether a checked rule is a variable whose path begins with `$record`. */
function isRecordField(rule: unknown): boolean {
  if (typeof rule !== 'object' || rule === null) return false;
  const [path] = [(rule as { readonly var?: unknown }).var].flat();
  return typeof path === 'string' && path.startsWith('$record.');
}

function readNumber(text: string): number {
  const number = numberOfText(text);
  if (number === undefined) throw new RangeError(`${describe(text)} is not a number`);
  return number;
}

function attempt(
  read: () => unknown,
  report: (detail: string, expected: string) => void,
  expected: string,
): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof RecourseError) && !(error instanceof RangeError)) throw error;
    report(error.message, expected);
  }
}
