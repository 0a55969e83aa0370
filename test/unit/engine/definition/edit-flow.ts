// Edits of a flow by JSON pointer, and the place of a snippet in its text.
import { toCanonicalText } from '../../../../engine/definition/canonical.js';
import type { FlowDefinition } from '../../../../engine/definition/flow.js';

/** New values by pointer; undefined removes. */
export type Edits = Readonly<Record<string, unknown>>;

export function edited(flow: FlowDefinition, edits: Edits): FlowDefinition {
  const copy = structuredClone(flow) as unknown as Record<string, unknown>;
  for (const [pointer, value] of Object.entries(edits)) {
    const path = pointer.split('/').slice(1);
    const last = path.pop()!;
    let held = copy;
    for (const name of path) held = held[name] as Record<string, unknown>;
    if (value === undefined) delete held[last];
    else held[last] = structuredClone(value);
  }
  return copy as unknown as FlowDefinition;
}

export const textOf = (flow: FlowDefinition, edits: Edits): string => toCanonicalText(edited(flow, edits));

/** Line and column of the last of some snippets, each looked for after the one before; counted naively. */
export function placeOf(text: string, snippets: readonly string[]): { line: number; column: number } {
  let at = 0;
  for (const [index, snippet] of snippets.entries()) {
    const found = text.indexOf(snippet, at);
    if (found < 0)
      throw new Error(`the text has no ${snippet} after ${snippets.slice(0, index).join(' … ')}`);
    at = index === snippets.length - 1 ? found : found + snippet.length;
  }
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
