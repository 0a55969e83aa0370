// Compares a world at its end with the model, and looks for what may never be.
import type { JournalChunk, RunState } from '../../engine/index.js';
import { type Expected, interpret } from './model.js';
import { undoableActions } from './provider.js';
import type { PlannedRun, Simulation } from './simulation.js';
import { stampFlow } from './stamp-flow.js';
import { type Entry, eventsTaken, firstOf, placeOf, type Segment } from './winners.js';

/** Says what is wrong, in words, through `simulation.wrong`. */
export function checkWorld(simulation: Simulation): void {
  let counted = 0;
  let certain = true;
  for (const planned of simulation.runs) {
    const run = simulation.memory.runOf(planned.id)!;
    const segments = checkJournal(simulation, run);
    if (run.status === 'cancelled') {
      certain = false;
      checkCancelled(simulation, planned);
      continue;
    }
    const expected = interpret(run.id, planned.flow, simulation.flows, (place, racers) => {
      const first = firstOf(run.id, segments, place, racers);
      if (first === undefined) simulation.wrong(`${run.id}: nothing that races at ${place} has come`);
      const told = toldWinner(segments, place);
      if (first !== undefined && told !== first)
        simulation.wrong(`${run.id}: ${first} came first at ${place}, not ${told}`);
      return first ?? racers[0]!.name;
    });
    counted += expected.counted;
    checkRun(simulation, run, expected, segments.flat());
  }
  const { count, saves } = simulation.memory.recordOf('order', 'shared')!.value as Record<string, number>;
  if (certain ? count !== counted : count! < counted)
    simulation.wrong(`the shared record was counted to ${count}, not to ${counted}`);
  if (saves !== (simulation.flows.has(stampFlow.name) ? count : 0))
    simulation.wrong(`before the saves of the shared record it was counted to ${saves}, not to ${count}`);
  for (const [id, { accepted }] of simulation.signals)
    if (accepted && !simulation.memory.inbox.has(id)) simulation.wrong(`the signal ${id} is gone`);
  checkOrder(simulation);
}

/** What was committed, segment by segment; entries of segments that were discarded are left out. */
function checkJournal(simulation: Simulation, run: RunState): readonly Segment[] {
  const chunks = [...simulation.memory.journal.values()]
    .filter((chunk) => chunk.run === run.id)
    .sort((left, right) => left.seq - right.seq || left.n - right.n);
  const seqs = [...new Set(chunks.map(({ seq }) => seq))];
  if (seqs.length !== run.seq || seqs.some((seq, index) => seq !== index + 1))
    simulation.wrong(`${run.id} is at ${run.seq}, and its journal has ${seqs.join(' ')}`);
  const segments = seqs.map((seq) => chunks.filter((chunk) => chunk.seq === seq).flatMap(toEntries));
  const entries = segments.flat();
  const once = new Map<string, number>();
  for (const { frame, element, visit, on, late, outcome } of entries) {
    if (element === undefined || on === undefined || late === true || outcome === 'stays') continue;
    if (on === 'record' || on === 'branchEnded' || on === 'inFlight') continue;
    // Left one way, whichever it was.
    const how = on === 'enter' || on === 'undone' ? on : 'left';
    const key = `${how} ${frame}:${element}:${visit}`;
    once.set(key, (once.get(key) ?? 0) + 1);
  }
  for (const [key, times] of once)
    if (times > 1 && !(key.startsWith('left') && isCompensation(entries, key)))
      simulation.wrong(`${run.id}: ${key} is in the journal ${times} times`);
  const events = eventsTaken(run.id, segments);
  for (const id of new Set(events)) {
    const times = events.filter((other) => other === id).length;
    if (times > 1) simulation.wrong(`${run.id} has taken the event ${id} ${times} times`);
  }
  return segments;
}

/** An undoing is journaled beside the element that it undoes. */
const isCompensation = (entries: readonly Entry[], key: string): boolean =>
  entries.some(
    ({ frame, element, visit, on }) => on === 'compensated' && key === `left ${frame}:${element}:${visit}`,
  );

function toEntries(chunk: JournalChunk): readonly Entry[] {
  const entries = chunk.entries as readonly Entry[];
  return entries.some(({ retry }) => typeof retry === 'number') ? [] : entries;
}

/** Who has won, as the engine tells it. */
function toldWinner(segments: readonly Segment[], place: string): string | undefined {
  const outputs = segments.flat().filter((entry) => placeOf(entry) === place && entry.outcome !== 'stays');
  return outputs.map(({ output }) => output?.event ?? output?.last).find((winner) => winner !== undefined);
}

function checkRun(
  simulation: Simulation,
  run: RunState,
  expected: Expected,
  entries: readonly Entry[],
): void {
  const wrong = (what: string): void => simulation.wrong(`${run.id}: ${what}`);
  if (run.status !== 'done') wrong(`it is ${run.status}`);
  const total = run.outputs?.['total'];
  // A call that lost a race is undone when its outcome is taken, or by a compensation that comes first, which counts it.
  const counted = [...simulation.memory.effects.values()].filter(
    ({ id, run: of, undo }) => of === run.id && undo?.cause === 'compensate' && !expected.effects.has(id),
  ).length;
  if (total !== expected.total && total !== expected.total + counted)
    wrong(`the total is ${String(total)}, not ${expected.total}`);

  const { id: _id, hold: _hold, ...marks } = simulation.memory.recordOf('order', run.id)!.value;
  const sorted = (fields: object): string => JSON.stringify(Object.entries(fields).sort());
  if (sorted(marks) !== sorted(expected.marks))
    wrong(`its record is ${sorted(marks)}, not ${sorted(expected.marks)}`);

  const entered = new Set(entries.filter(({ on }) => on === 'enter').map(placeOf));
  for (const place of expected.entered) if (!entered.has(place)) wrong(`${place} is not in the journal`);
  for (const place of entered)
    if (!expected.entered.has(place) && !expected.maybe.has(place)) wrong(`${place} was entered`);

  const { happened, undone } = simulation.provider;
  const times = (book: typeof happened, key: string): number =>
    [...book].reduce((sum, [known, { times: count }]) => sum + (baseOf(known) === key ? count : 0), 0);
  for (const [key, effect] of expected.effects) {
    const name = `${effect.action}:${key}`;
    if (times(happened, name) !== 1) wrong(`${name} happened ${times(happened, name)} times`);
    const undoings = times(undone, name);
    if (undoings !== (effect.undone ? 1 : 0)) wrong(`${name} was undone ${undoings} times`);
  }
  for (const known of happened.keys()) {
    const name = baseOf(known);
    const key = name.slice(name.indexOf(':') + 1);
    if (!key.startsWith(`${run.id}:`) || expected.effects.has(key)) continue;
    if (!expected.maybe.has(key.slice(run.id.length + 1))) wrong(`${name} happened`);
    // It lost a race: what it did is undone, if it can be.
    if (times(happened, name) !== 1 || times(undone, name) !== (canBeUndone(name) ? 1 : 0))
      wrong(
        `${name} came late, happened ${times(happened, name)} and was undone ${times(undone, name)} times`,
      );
  }

  const rows = new Set(
    simulation.deliveries
      .filter(({ row }) => row.run === run.id && row.topic === 'note')
      .map(({ row }) => row.id),
  );
  for (const id of expected.notes) if (!rows.has(id)) wrong(`${id} was not delivered`);
  for (const id of rows) if (!expected.notes.has(id)) wrong(`${id} was delivered`);
}

/** A cancelled run may have ended anywhere: what it did has been undone once. */
function checkCancelled(simulation: Simulation, { id }: PlannedRun): void {
  const { happened, undone } = simulation.provider;
  for (const [known, { times }] of happened) {
    const name = baseOf(known);
    if (!name.slice(name.indexOf(':') + 1).startsWith(`${id}:`)) continue;
    if (times !== 1) simulation.wrong(`${name} happened ${times} times`);
    const undoings = [...undone].reduce(
      (sum, [key, { times: count }]) => sum + (baseOf(key) === name ? count : 0),
      0,
    );
    if (undoings !== (canBeUndone(name) ? 1 : 0))
      simulation.wrong(`${name} of a cancelled run was undone ${undoings} times`);
  }
}

/** Rows of a run under one key arrive in the order of the run, when they arrive first. */
function checkOrder(simulation: Simulation): void {
  const seen = new Set<string>();
  const order = new Map<string, number>();
  for (const { row } of simulation.deliveries) {
    if (seen.has(row.id)) continue;
    seen.add(row.id);
    const seq = seqOf(simulation, row.run, row.id);
    if (seq < (order.get(row.run) ?? 0)) simulation.wrong(`${row.id} was delivered too late`);
    order.set(row.run, Math.max(seq, order.get(row.run) ?? 0));
  }
}

/** The segment in which a row was written. */
function seqOf(simulation: Simulation, run: string, row: string): number {
  const place = row.slice(run.length + 1, row.lastIndexOf(':'));
  for (const chunk of simulation.memory.journal.values()) {
    if (chunk.run !== run) continue;
    for (const { frame, element, visit, on } of toEntries(chunk))
      if (on === 'enter' && `${frame}:${element}:${visit}` === place) return chunk.seq;
  }
  return 0;
}

const canBeUndone = (call: string): boolean => undoableActions.includes(call.slice(0, call.indexOf(':')));

/** Without what a provider takes for another call: the suffix of an undoing, or of an attempt. */
const baseOf = (key: string): string => key.replace(/(:undo)?(#\d+)?$/, '');
