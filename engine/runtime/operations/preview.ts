// What a start would come to: figures, and what would be written, sent and done. A hash of the figures binds the start to
// the preview that a person has seen.
import { createHash } from 'node:crypto';
import type { CompiledFlow } from '../../compile/compile-flow.js';
import { toSortedJson } from '../../definition/canonical.js';
import type { Json } from '../../definition/flow.js';
import { idOf } from '../decision/record-writes.js';
import type { SegmentMoved } from '../segment/segment-task.js';

export interface Preview {
  /** The flow's output variables, as they stand where the first segment ends. */
  readonly figures: Readonly<Record<string, Json>>;
  /** SHA-256 of the figures, in hexadecimal; for `StartRequest.previewHash`. */
  readonly hash: string;
  /** Whether the flow would have ended; else it would wait for the outside, a time or a person. */
  readonly ends: boolean;
  readonly would: {
    readonly records: readonly { readonly kind: string; readonly type: string; readonly id: string }[];
    readonly messages: readonly { readonly topic: string; readonly payload: Json }[];
    readonly effects: readonly { readonly action: string; readonly input: Json }[];
  };
  /** Ways out of the elements that were passed, in order. */
  readonly journal: readonly Json[];
}

/** The figures of a segment: the output variables of the main flow. */
export function toFigures(flow: CompiledFlow, { root, ended }: SegmentMoved): Readonly<Record<string, Json>> {
  if (typeof ended === 'object') return ended.outputs;
  const outputs = [...flow.variables.values()].filter(({ output }) => output);
  return Object.fromEntries(outputs.map(({ name }) => [name, root.variables[name] ?? null]));
}

export const hashOfFigures = (figures: Readonly<Record<string, Json>>): string =>
  createHash('sha256').update(toSortedJson(figures)).digest('hex');

export function toPreview(flow: CompiledFlow, end: SegmentMoved): Preview {
  const figures = toFigures(flow, end);
  return {
    figures,
    hash: hashOfFigures(figures),
    ends: end.ended !== undefined,
    would: {
      records: end.records.writes('preview').map((write) => ({
        kind: write.kind,
        type: write.type,
        id: idOf(write),
      })),
      messages: end.outbox.map(({ topic, payload }) => ({ topic, payload })),
      effects: end.intents.map(({ action, input }) => ({ action, input })),
    },
    journal: end.journal,
  };
}
