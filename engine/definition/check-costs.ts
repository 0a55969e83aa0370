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
    const here =
      costly === undefined || costly.steps >= steps
        ? ''
        : `, ${counted(costly.steps)} for one ${costly.operator}`;
    report({
      code: 'flow.expression-costly',
      pointer: costly?.pointer ?? pointer,
      detail: `the expression may take ${counted(steps)} steps${here}`,
      expected: `at most ${counted(staticStepsMax)} steps: shorter lists (maxItems) and texts (maxLength), fewer iterations in one another, a formula for what is the same each time, or a filter or transform element`,
    });
  }
}

const counted = (steps: number): string => Math.ceil(steps).toLocaleString('en-US');
