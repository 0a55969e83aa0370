// `recourse test`: what the scenarios of flows came to, in words.
import type { TestedFlows } from '../../scenarios/test-flows.js';

const percent = (reached: number, of: number): string =>
  `${of === 0 ? 100 : Math.floor((100 * reached) / of)} %`;

/** Whether nothing differs, and every flow reaches the coverage that is wanted. */
export const isGood = ({ scenarios, coverage }: TestedFlows, percentMin: number): boolean =>
  scenarios.every(({ differences }) => differences.length === 0) &&
  coverage.every(({ reached, outcomes }) => 100 * reached >= percentMin * outcomes);

export function testedFlowsText({ scenarios, coverage }: TestedFlows): string {
  const lines = scenarios.flatMap(({ file, name, differences }) => [
    `${differences.length === 0 ? 'ok  ' : 'FAIL'} ${file}: ${name}`,
    ...differences.map(
      ({ path, expected, found }) =>
        `       ${path}\n         expected ${JSON.stringify(expected)}\n         found    ${JSON.stringify(found)}`,
    ),
  ]);
  const covered = coverage.map(({ flow, outcomes, reached, missing }) => {
    const rest = missing.length === 0 ? '' : `, not reached: ${missing.join(', ')}`;
    return `${flow}: ${reached} of ${outcomes} outcomes (${percent(reached, outcomes)})${rest}`;
  });
  const failed = scenarios.filter(({ differences }) => differences.length > 0).length;
  return [...lines, '', ...covered, '', `${scenarios.length - failed} passed, ${failed} failed`].join('\n');
}
