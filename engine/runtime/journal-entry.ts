// What the journal says of one visit of an element, and how entries become chunks.
import type { Json } from '../definition/flow.js';
import type { TruthOperand } from '../expressions/index.js';
import { engineLimits } from '../limits.js';
import type { JournalChunk } from '../ports/engine-store.js';
import type { FlowRef } from './run-state.js';

export interface JournalEntry {
  readonly frame: string;
  readonly element: string;
  readonly visit: number;
  /** `enter`, or the kind of what it was resumed with. */
  readonly on: string;
  input?: Json;
  output?: Json;
  truth?: TruthOperand[];
  calls?: { readonly action: string; readonly input: Json; output?: Json }[];
  /** What it did: the outlet, or what it waits for. */
  outcome?: string;
  error?: { readonly code: string; readonly detail: string };
  late?: boolean;
}

/** That a flow has run before a save; the entries of its elements follow, by its frame. */
export interface BeforeSaveEntry {
  readonly beforeSave: FlowRef;
  readonly frame: string;
  /** The place that saves, `<frame>:<element>:<visit>`. */
  readonly by: string;
  readonly record: { readonly type: string; readonly id: string };
  readonly change: 'create' | 'update' | 'delete';
  /** Why it acts with all rights. */
  readonly reason?: string;
  /** Which fields it has set, or that it refuses. */
  outcome: string;
}

/** A value as the journal keeps it: large ones by their size only. */
export function toJournaled(value: Json): Json {
  if (value === null || typeof value !== 'object') {
    return typeof value === 'string' && value.length > engineLimits.journalInputCharsMax
      ? { truncated: value.slice(0, 200), chars: value.length }
      : value;
  }
  const text = JSON.stringify(value);
  return text.length <= engineLimits.journalInputCharsMax
    ? value
    : { truncated: text.slice(0, 200), chars: text.length };
}

const seqDigits = 6;

/** Ids of a run's chunks sort as the chunks do. */
export const toChunkId = (run: string, seq: number, n: number): string =>
  `${run}:${String(seq).padStart(seqDigits, '0')}:${n}`;

/** Chunks of a segment's entries; always one at least. */
export function toChunks(
  header: Omit<JournalChunk, 'id' | 'n' | 'entries'>,
  entries: readonly Json[],
): JournalChunk[] {
  const chunks: JournalChunk[] = [];
  let open: Json[] = [];
  let bytes = 0;
  const close = (): void => {
    const { run, seq, unit, at, by } = header;
    const n = chunks.length;
    chunks.push({ id: toChunkId(run, seq, n), unit, run, seq, n, at, by, entries: open });
    open = [];
    bytes = 0;
  };
  for (const entry of entries) {
    // A segment of few entries fits one chunk whatever they are, and needs no measuring.
    const size = entries.length < 8 ? 0 : JSON.stringify(entry).length;
    if (bytes + size > engineLimits.journalChunkBytesMax && open.length > 0) close();
    open.push(entry);
    bytes += size;
  }
  close();
  return chunks;
}
