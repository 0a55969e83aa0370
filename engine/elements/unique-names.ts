// Names within one element: of its outcomes, fields, events, branches, inputs.
import type { CompileSite } from './element.js';

/** Reports each name that another one in the list has already; `pointer` is that of the list below the element. */
export function checkUniqueNames(
  what: string,
  named: readonly { readonly name: string }[],
  pointer: string,
  at: Pick<CompileSite, 'report'>,
): void {
  const names = new Set<string>();
  for (const [index, { name }] of named.entries()) {
    if (names.has(name)) {
      at.report({
        code: 'flow.name-taken',
        pointer: `${pointer}/${index}/name`,
        detail: `there are two ${what} ${name}`,
        expected: 'another name',
      });
    }
    names.add(name);
  }
}
