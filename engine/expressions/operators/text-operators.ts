// Operators on text. Patterns from users run on re2js only, which is linear in the text.
import { RE2JS } from 're2js';
import { expressionErrors } from '../expression-errors.js';
import { expressionLimits } from '../expression-limits.js';
import { charsAStep, searchSteps, searchStepsMax, textSteps } from '../comparison-steps.js';
import { booleanExtent, type Extent, itemOf, listExtent, textExtent } from '../extent.js';
import { asInteger, asList, asText, toText } from '../operands.js';
import type { Call, Estimating, Operand, Operator } from '../operator.js';
import { boundList, boundText } from '../plain-data.js';

const text: Operand = { name: 'text', kind: 'string' };

function read(value: unknown, call: Call): string {
  const string = asText(value);
  call.spend(Math.ceil(string.length / charsAStep));
  return string;
}

function concatenate(parts: readonly unknown[], separator: string, call: Call): string {
  const strings = parts.map(toText);
  const chars = strings.reduce(
    (sum, part) => sum + part.length,
    separator.length * Math.max(0, strings.length - 1),
  );
  call.spend(strings.length + Math.ceil(chars / charsAStep));
  if (chars > expressionLimits.textCharsMax) boundText(' '.repeat(expressionLimits.textCharsMax + 1));
  return strings.join(separator);
}

function estimateConcatenation(count: number, chars: number, at: Estimating): Extent {
  at.spend(count + textSteps(chars));
  return textExtent(chars);
}

/** Compiles a user's pattern. @throws {RecourseError} `expression.pattern-invalid` */
export function toPattern(pattern: string): RE2JS {
  if (pattern.length > expressionLimits.patternCharsMax) {
    throw invalidPattern(`it is longer than ${expressionLimits.patternCharsMax} characters`);
  }
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    throw invalidPattern(error instanceof Error ? error.message.slice(0, 120) : 'it is malformed');
  }
  if (compiled.programSize() > expressionLimits.patternProgramMax)
    throw invalidPattern('it repeats too much');
  return compiled;
}

function invalidPattern(why: string) {
  return expressionErrors.error('pattern-invalid', `the pattern is refused: ${why}`);
}

/** Whether the pattern is found anywhere in the text; anchors make it match the whole. */
export function matches(value: string, pattern: string, call: Call): boolean {
  call.spend(20 + pattern.length);
  const compiled = toPattern(pattern);
  // Compiling and matching both take longer the larger the program is (measured).
  call.spend(5 * compiled.programSize() + Math.ceil((value.length * compiled.programSize()) / 100));
  return compiled.matcher(value).find();
}

/** What `matches` spends at most on a text of so many characters. */
export function matchSteps(chars: number, pattern: Extent): number {
  const { patternProgramMax } = expressionLimits;
  const { value } = pattern;
  const size = typeof value === 'string' ? programSizeOf(value) : patternProgramMax;
  return 20 + pattern.chars + 5 * size + Math.ceil((chars * size) / 100);
}

function programSizeOf(pattern: string): number {
  try {
    return toPattern(pattern).programSize();
  } catch {
    // A pattern that is refused matches nothing.
    return 0;
  }
}

function replaceAll(source: string, search: string, replacement: string): string {
  if (search === '') return source;
  let count = 0;
  for (let at = source.indexOf(search); at !== -1; at = source.indexOf(search, at + search.length))
    count += 1;
  if (source.length + count * (replacement.length - search.length) > expressionLimits.textCharsMax) {
    throw expressionErrors.error('output-too-large', 'the text would become too long');
  }
  return source.replaceAll(search, () => replacement);
}

/** Letters that one may become when its case changes: ﬃ is FFI. */
const lettersMax = 3;

function simple(
  name: string,
  summary: string,
  change: (value: string) => string,
  example: [string, string],
): Operator {
  return {
    name,
    group: 'Text',
    summary,
    operands: [text],
    result: 'string',
    evaluate: ([value], call) => boundText(change(read(value, call))),
    estimate([value], at) {
      at.spend(textSteps(value!.chars));
      return textExtent(value!.chars * lettersMax);
    },
    example: { rule: { [name]: [example[0]] }, result: example[1] },
  };
}

export const textOperators: readonly Operator[] = [
  {
    name: 'cat',
    group: 'Text',
    summary:
      'The operands as one text: null is empty, numbers have plain digits; one list may stand for all.',
    operands: [],
    rest: { name: 'part', kind: 'any' },
    result: 'string',
    evaluate(operands, call) {
      const [only] = operands;
      return concatenate(operands.length === 1 && Array.isArray(only) ? only : operands, '', call);
    },
    estimate(operands, at) {
      const [only] = operands;
      const listed = operands.length === 1 ? only!.length : 0;
      const chars = operands.reduce((sum, one) => sum + one.chars, 0);
      return estimateConcatenation(Math.max(operands.length, listed), Math.max(chars, listed * chars), at);
    },
    example: { rule: { cat: ['Order ', 7] }, result: 'Order 7' },
  },
  {
    name: 'substr',
    group: 'Text',
    summary:
      'The text from an index (from the end if negative), of a length (up to so many from the end if negative).',
    operands: [
      { name: 'text', kind: 'scalar' },
      { name: 'from', kind: 'number' },
      { name: 'length', kind: 'number', optional: true },
    ],
    result: 'string',
    evaluate([value, from, length], call) {
      const source = toText(value);
      call.spend(Math.ceil(source.length / charsAStep));
      const start = asInteger(from);
      const rest = source.slice(start < 0 ? Math.max(0, source.length + start) : start);
      return length === undefined ? rest : rest.slice(0, asInteger(length));
    },
    estimate([value], at) {
      at.spend(textSteps(value!.chars));
      return textExtent(value!.chars);
    },
    example: { rule: { substr: ['jsonlogic', -5] }, result: 'logic' },
  },
  simple('lower', 'The text in lower case.', (value) => value.toLowerCase(), ['ÄB', 'äb']),
  simple('upper', 'The text in upper case.', (value) => value.toUpperCase(), ['äb', 'ÄB']),
  simple('trim', 'The text without white space around it.', (value) => value.trim(), ['  a ', 'a']),
  {
    name: 'length',
    group: 'Text',
    summary: 'The number of characters (UTF-16 units) of a text.',
    operands: [text],
    result: 'number',
    evaluate: ([value]) => asText(value).length,
    example: { rule: { length: ['abc'] }, result: 3 },
  },
  {
    name: 'split',
    group: 'Text',
    summary: 'The parts of a text between separators.',
    operands: [text, { name: 'separator', kind: 'string' }],
    result: 'list',
    evaluate([value, separator], call) {
      const [source, between] = [read(value, call), asText(separator)];
      call.spend(searchSteps(source.length, between.length));
      // Bounded before it is split: an empty separator gives a part for each character.
      const parts = source.split(between, expressionLimits.listItemsMax + 1);
      call.spend(parts.length);
      return boundList(parts);
    },
    estimate([value, separator], at) {
      const each = typeof separator!.value === 'string' ? Math.max(1, separator!.value.length) : 1;
      const parts = Math.min(Math.floor(value!.chars / each), expressionLimits.listItemsMax) + 1;
      at.spend(textSteps(value!.chars) + searchStepsMax(value!, separator!) + parts);
      return listExtent(Math.min(parts, expressionLimits.listItemsMax), textExtent(value!.chars));
    },
    example: { rule: { split: ['a,b', ','] }, result: ['a', 'b'] },
  },
  {
    name: 'join',
    group: 'Text',
    summary: 'The items of a list as one text with a separator between them.',
    operands: [
      { name: 'list', kind: 'list' },
      { name: 'separator', kind: 'string' },
    ],
    result: 'string',
    evaluate: ([list, separator], call) => concatenate(asList(list), asText(separator), call),
    estimate: ([list, separator], at) =>
      estimateConcatenation(list!.length, list!.length * (itemOf(list!).chars + separator!.chars), at),
    example: { rule: { join: [['a', 'b'], ', '] }, result: 'a, b' },
  },
  {
    name: 'replace',
    group: 'Text',
    summary: 'The text with every occurrence of another, taken literally, replaced.',
    operands: [text, { name: 'search', kind: 'string' }, { name: 'replacement', kind: 'string' }],
    result: 'string',
    evaluate: ([value, search, replacement], call) => {
      const [source, searched] = [read(value, call), asText(search)];
      call.spend(searchSteps(source.length, searched.length));
      const replaced = replaceAll(source, searched, asText(replacement));
      call.spend(Math.ceil(replaced.length / charsAStep));
      return replaced;
    },
    estimate([value, search, replacement], at) {
      const searched = typeof search!.value === 'string' ? Math.max(1, search!.value.length) : 1;
      const grows = (value!.chars / searched) * Math.max(0, replacement!.chars - searched);
      const replaced = textExtent(value!.chars + Math.floor(grows));
      at.spend(textSteps(value!.chars) + searchStepsMax(value!, search!) + textSteps(replaced.chars));
      return replaced;
    },
    example: { rule: { replace: ['a.b.c', '.', '-'] }, result: 'a-b-c' },
  },
  {
    name: 'matches',
    group: 'Text',
    summary: 'Whether a regular expression (RE2 syntax) is found in the text.',
    operands: [text, { name: 'pattern', kind: 'pattern' }],
    result: 'boolean',
    evaluate: ([value, pattern], call) => matches(asText(value), asText(pattern), call),
    estimate([value, pattern], at) {
      at.spend(matchSteps(value!.chars, pattern!));
      return booleanExtent;
    },
    example: { rule: { matches: ['DE-1234', '^[A-Z]{2}-\\d+$'] }, result: true },
  },
];
