// Text templates: text with merge fields, `Hello {{customer.name}}`, and no logic at all.
import { checkRule, newRuleCheck } from './check-rule.js';
import { type Expression, type ExpressionCheck, type ExpressionOptions, toExpression } from './expression.js';
import { type ExpressionProblem, invalidExpression } from './expression-errors.js';
import { expressionLimits } from './expression-limits.js';
import { describe } from './operands.js';
import { standardOperators } from './standard-operators.js';

const fieldShape = /^[^\s{}.]+(?:\.[^\s{}.]+)*$/;

/** Text and merge fields in turn. */
interface Part {
  readonly text?: string;
  readonly path?: string;
}

/**
 * Makes an expression, of type string, of a text template. Null becomes empty text, money `12.30 EUR`; lists and
 * other objects are errors when it is evaluated.
 *
 * Nothing is escaped: what is made is plain text, not HTML.
 *
 * @throws {RecourseError} `expression.invalid` with all problems at once
 */
export function compileText(template: string, options: ExpressionOptions = {}): Expression {
  const { expression, problems } = checkText(template, options);
  if (expression === undefined) throw invalidExpression(problems);
  return expression;
}

/** As `compileText`, but gives the problems back. */
export function checkText(template: string, options: ExpressionOptions = {}): ExpressionCheck {
  const pointer = options.pointer ?? '';
  const problems: ExpressionProblem[] = [];
  const parts = toParts(template, (position, detail, expected) => {
    problems.push({
      pointer,
      code: 'expression.template-invalid',
      detail: `at character ${position + 1}: ${detail}`,
      expected,
    });
  });
  if (problems.length > 0) return { expression: undefined, problems };
  const check = newRuleCheck(options.operators ?? standardOperators, options.typeOf);
  const operands = parts.map(({ text, path }) => {
    // A template is longer than a rule may be, so each field is checked as a rule of its own.
    check.nodes = 0;
    return path === undefined ? text : checkRule({ var: path }, pointer, check).rule;
  });
  if (check.problems.length > 0) return { expression: undefined, problems: check.problems };
  // The empty text keeps a template of one field from being a list that stands for all its parts.
  const rule = Object.freeze({ cat: Object.freeze(['', ...operands]) });
  check.pointers.set(rule, pointer);
  return { expression: toExpression(rule, 'string', check), problems: [] };
}

function toParts(
  template: unknown,
  report: (position: number, detail: string, expected: string) => void,
): readonly Part[] {
  const { templateCharsMax, templateFieldsMax } = expressionLimits;
  if (typeof template !== 'string' || template.length > templateCharsMax) {
    report(0, 'a template is text', `text of at most ${templateCharsMax} characters`);
    return [];
  }
  const parts: Part[] = [];
  let fields = 0;
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{{', at);
    if (open === -1) break;
    const close = template.indexOf('}}', open + 2);
    if (close === -1) {
      report(open, 'the merge field is not closed', '}}');
      return [];
    }
    const path = template.slice(open + 2, close).trim();
    if (!fieldShape.test(path))
      report(open, `${describe(path)} is not a path`, 'a path such as customer.name');
    fields += 1;
    if (fields === templateFieldsMax + 1)
      report(open, 'there are too many merge fields', `at most ${templateFieldsMax}`);
    if (fields > templateFieldsMax) return [];
    if (open > at) parts.push({ text: template.slice(at, open) });
    parts.push({ path });
    at = close + 2;
  }
  if (at < template.length) parts.push({ text: template.slice(at) });
  return parts;
}
