// Whether an expression can take too many steps, over the largest data that its flow allows.
import type { CompileProblem } from '../elements/element.js';
import { type Expression, expressionLimits } from '../expressions/index.js';
import type { ScopeExtent } from './scope-extent.js';

export function checkCosts(
  expressions: readonly { readonly expression: Expression; readonly pointer: string }[],
  scope: ScopeExtent,
  report: (problem: CompileProblem) => void,
): void {
  const { staticStepsMax } = expressionLimits;
  for (const { expression, pointer } of expressions) {
    const { steps, costly } = expression.estimate(scope.extent);
    if (steps <= staticStepsMax) continue;
    const assumed = costly?.assumed ?? [];
    const here =
      costly === undefined || costly.steps >= steps
        ? ''
        : `, ${counted(costly.steps)} for one ${costly.operator}`;
    report({
      code: 'flow.expression-costly',
      pointer: costly?.pointer ?? pointer,
      detail: `the expression may take ${counted(steps)} steps${here}${toAssumed(assumed)}`,
      expected: `at most ${counted(staticStepsMax)} steps: ${toBounds(assumed)}, fewer iterations in one another, a formula for what is the same each time, or a filter or transform element`,
    });
  }
}

/** Which lists are taken to be as long as lists usually are. */
function toAssumed(assumed: readonly string[]): string {
  if (assumed.length === 0) return '';
  const { listItems } = expressionLimits.assumed;
  const have = assumed.length === 1 ? 'has' : 'have';
  return `; ${assumed.join(' and ')} ${have} no maxItems, and ${listItems} items are assumed`;
}

/** What the flow itself can bound; the rest can be copied to a variable that is bounded. */
function toBounds(assumed: readonly string[]): string {
  const own = assumed.filter((place) => place.startsWith('/'));
  const others = assumed.filter((place) => !place.startsWith('/'));
  const bounds = [
    ...own.map((place) => `a maxItems at ${place}`),
    ...others.map((place) => `a limit for ${place}, or a variable with a maxItems for what is needed of it`),
  ];
  return bounds.length > 0 ? bounds.join(', ') : 'shorter lists (maxItems) and texts (maxLength)';
}

const counted = (steps: number): string => Math.ceil(steps).toLocaleString('en-US');
