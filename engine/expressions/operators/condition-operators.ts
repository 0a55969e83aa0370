// The comparison operators of conditions, by the names that analysts know from Salesforce Flow. Unlike `<`, they
// take null as Salesforce does: null is neither less nor greater than anything, contains nothing and starts with nothing.
import { equalMoments, orderOfMoments, strictlyEqual } from '../compare.js';
import {
  equalitySteps,
  membershipSteps,
  momentEqualitySteps,
  momentOrderSteps,
  textSteps,
} from '../comparison-steps.js';
import { booleanExtent, type Extent, partOf } from '../extent.js';
import { asList, asText, toText, unexpected } from '../operands.js';
import type { Call, Estimating, Operand, Operator } from '../operator.js';
import { isPlainObject } from '../plain-data.js';
import { absent, resolvePath, toSegments } from '../variable-path.js';
import { isIn } from './list-operators.js';
import { matches, matchSteps } from './text-operators.js';

const left: Operand = { name: 'left', kind: 'any' };
const right: Operand = { name: 'right', kind: 'any' };
const expected: Operand = { name: 'expected', kind: 'boolean', optional: true };

function comparison(
  name: string,
  summary: string,
  holds: (value: unknown, other: unknown, call: Call) => boolean,
  steps: (value: Extent, other: Extent) => number,
  example: readonly [unknown, unknown, boolean],
): Operator {
  return {
    name,
    group: 'Conditions',
    summary,
    operands: [left, right],
    result: 'boolean',
    evaluate: ([value, other], call) => holds(value, other, call),
    estimate([value, other], at) {
      at.spend(steps(value!, other!));
      return booleanExtent;
    },
    example: { rule: { [name]: [example[0], example[1]] }, result: example[2] },
  };
}

function ordered(
  name: string,
  summary: string,
  holds: (order: number) => boolean,
  example: [unknown, unknown, boolean],
) {
  return comparison(
    name,
    summary,
    (value, other, call) => value !== null && other !== null && holds(orderOfMoments(value, other, call)),
    momentOrderSteps,
    example,
  );
}

/** A test of one value, which may be asked for as false too: `{"isNull": [value, false]}`. */
function test(
  name: string,
  summary: string,
  holds: (operand: unknown, call: Call) => boolean,
  example: Operator['example'],
  estimate: (operand: unknown, at: Estimating) => void = (operand, at) => at.evaluate(operand),
): Operator {
  return {
    name,
    group: 'Conditions',
    summary: `${summary} A second operand, false, turns it round.`,
    operands: [left, expected],
    lazy: true,
    result: 'boolean',
    evaluate([operand, wanted], call) {
      const asked = wanted === undefined ? true : call.evaluate(wanted);
      if (typeof asked !== 'boolean') throw unexpected('true or false', asked);
      return holds(operand, call) === asked;
    },
    estimateLazy([operand, wanted], at) {
      if (wanted !== undefined) at.evaluate(wanted);
      estimate(operand, at);
      return booleanExtent;
    },
    example,
  };
}

function contains(container: unknown, part: unknown, call: Call): boolean {
  return part !== null && isIn(part, container, call);
}

function affix(
  name: string,
  summary: string,
  holds: (text: string, part: string) => boolean,
  part: string,
): Operator {
  return comparison(
    name,
    summary,
    (value, other, call) => {
      if (value === null || other === null) return false;
      call.spend(Math.ceil(toText(other).length / 64));
      return holds(toText(value), toText(other));
    },
    (_, other) => textSteps(other.chars),
    ['invoice.pdf', part, true],
  );
}

/** The entry for an element in what `$flow` keeps about the run, or null. */
function flowEntry(register: string, name: string, call: Call): unknown {
  const entries = resolvePath(call.root, ['$flow', register]);
  if (Array.isArray(entries)) {
    call.spend(Math.ceil(entries.length / 64));
    return entries.includes(name) ? true : null;
  }
  const entry = isPlainObject(entries) ? resolvePath(entries, [name]) : null;
  return entry === absent ? null : entry;
}

/** Whether `$flow` has noted something under a name. */
function flowTest(
  register: 'visited' | 'errors',
  name: string,
  summary: string,
  example: Operator['example'],
): Operator {
  return {
    sees: ['$flow'],
    ...test(
      name,
      summary,
      (operand, call) => flowEntry(register, asText(call.evaluate(operand)), call) !== null,
      example,
      (operand, at) => {
        at.evaluate(operand);
        at.spend(textSteps(at.lookUp(`$flow.${register}`).length));
      },
    ),
  };
}

function changed(operand: unknown, call: Call): boolean {
  const path = isPlainObject(operand) && Object.hasOwn(operand, 'var') ? operand['var'] : undefined;
  const text = Array.isArray(path) ? path[0] : path;
  const segments = typeof text === 'string' ? toSegments(text) : [];
  if (segments[0] !== '$record') throw unexpected('{"var": "$record.<field>"}', null);
  const prior = resolvePath(call.root, ['$recordPrior']);
  if (prior === null || prior === absent) return false;
  const before = resolvePath(call.root, ['$recordPrior', ...segments.slice(1)]);
  const now = resolvePath(call.root, segments);
  return !strictlyEqual(before === absent ? null : before, now === absent ? null : now, call);
}

export const conditionOperators: readonly Operator[] = [
  comparison(
    'equalTo',
    'Equal: as `==`, and points in time are equal as moments.',
    equalMoments,
    momentEqualitySteps,
    [1, '1', true],
  ),
  comparison(
    'notEqualTo',
    'Not equal; as `equalTo`.',
    (value, other, call) => !equalMoments(value, other, call),
    momentEqualitySteps,
    [null, 5, true],
  ),
  ordered(
    'greaterThan',
    'Greater: numbers, money, texts, points in time; null is not.',
    (order) => order > 0,
    [2, 1, true],
  ),
  ordered('greaterThanOrEqualTo', 'Greater or equal; null is not.', (order) => order >= 0, [2, 2, true]),
  ordered('lessThan', 'Less: numbers, money, texts, points in time; null is not.', (order) => order < 0, [
    null,
    5,
    false,
  ]),
  ordered('lessThanOrEqualTo', 'Less or equal; null is not.', (order) => order <= 0, [
    '2026-11-22T10:00:00Z',
    '2026-11-22T11:00:00+01:00',
    true,
  ]),
  comparison(
    'contains',
    'Whether the text or list on the left contains the right.',
    contains,
    (value, part) => membershipSteps(part, value),
    [['A', 'B'], 'B', true],
  ),
  affix(
    'startsWith',
    'Whether the text on the left starts with the right.',
    (text, part) => text.startsWith(part),
    'inv',
  ),
  affix(
    'endsWith',
    'Whether the text on the left ends with the right.',
    (text, part) => text.endsWith(part),
    '.pdf',
  ),
  comparison(
    'notIn',
    'Whether the left is not an item of the list on the right.',
    (value, other, call) => !isIn(value, other, call),
    membershipSteps,
    ['C', ['A', 'B'], true],
  ),
  comparison(
    'matchesAny',
    'Whether the text on the left, or a text of the list there, matches any of the regular expressions on the right.',
    (value, patterns, call) =>
      value !== null &&
      (Array.isArray(value) ? value : [value]).some((text) =>
        asList(patterns).some((pattern) => matches(asText(text), asText(pattern), call)),
      ),
    (value, patterns) => {
      let steps = 0;
      for (let index = 0; index < patterns.length; index += 1)
        steps += matchSteps(value.chars, partOf(patterns, String(index)));
      return Math.max(1, value.length) * steps;
    },
    ['DE-12', ['^AT-', '^DE-'], true],
  ),
  test(
    'isNull',
    'Whether the value is null, or a variable that does not exist.',
    (operand, call) => isNull(operand, call),
    {
      rule: { isNull: { var: 'order.note' } },
      scope: { order: { note: null } },
      result: true,
    },
  ),
  test(
    'isBlank',
    'Whether the text is null, empty or only white space.',
    (operand, call) => {
      const value = call.evaluateOptional(operand);
      if (value === null) return true;
      const text = toText(value);
      call.spend(Math.ceil(text.length / 64));
      return text.trim() === '';
    },
    { rule: { isBlank: '  ' }, result: true },
    (operand, at) => at.spend(textSteps(at.evaluate(operand).chars)),
  ),
  test(
    'isEmpty',
    'Whether the list is empty or null.',
    (operand, call) => {
      const value = call.evaluateOptional(operand);
      return value === null || asList(value).length === 0;
    },
    { rule: { isEmpty: [[]] }, result: true },
  ),
  {
    ...test(
      'isChanged',
      'Whether a field of `$record` differs from `$recordPrior`; not for a new record.',
      changed,
      {
        rule: { isChanged: { var: '$record.status' } },
        scope: { $record: { status: 'open' }, $recordPrior: { status: 'new' } },
        result: true,
      },
      (operand, at) => {
        const value = at.evaluate(operand);
        at.spend(equalitySteps(value, value));
      },
    ),
    operands: [{ ...left, kind: 'recordField' }, expected],
  },
  test('wasSet', 'Whether a variable exists and is not null.', (operand, call) => !isNull(operand, call), {
    rule: { wasSet: { var: 'reason' } },
    scope: { reason: 'damaged' },
    result: true,
  }),
  comparison(
    'wasSelected',
    'Whether the answer on the left is, or has among its items, the choice on the right.',
    (value, choice, call) =>
      Array.isArray(value) ? isIn(choice, value, call) : value !== null && strictlyEqual(value, choice, call),
    (value, choice) => Math.max(membershipSteps(choice, value), equalitySteps(value, choice)),
    ['damaged', 'damaged', true],
  ),
  flowTest(
    'visited',
    'wasVisited',
    'Whether the run has been at the element of that name (`$flow.visited`).',
    {
      rule: { wasVisited: 'approve' },
      scope: { $flow: { visited: ['approve'] } },
      result: true,
    },
  ),
  flowTest(
    'errors',
    'hasError',
    'Whether the element of that name has ended in a fault, and has not been entered again (`$flow.errors`).',
    {
      rule: { hasError: 'refund' },
      scope: { $flow: { errors: { refund: 'payment.declined' } } },
      result: true,
    },
  ),
];

function isNull(operand: unknown, call: Call): boolean {
  return call.evaluateOptional(operand) === null;
}
