// What an element sees and can do while it is asked.
import { isTruthy } from '../../expressions/compare.js';
import type { Json } from '../../definition/flow.js';
import type { Visit } from '../../elements/element.js';
import { engineLimits } from '../../limits.js';
import { callInTime, checkInput, checkOutput } from '../call-action.js';
import type { FrameContext } from '../frame-context.js';
import { effectId } from '../frames.js';
import { type JournalEntry, toJournaled } from '../journal-entry.js';
import { actionErrors, runErrors } from '../run-errors.js';
import type { Place } from '../run-state.js';
import type { SavingSite } from '../saving-site.js';
import type { BeforeSaveHook } from './segment-records.js';
import type { SegmentState } from './segment-state.js';

/** What an element may do in one visit; what it did is in `entry`. */
export function toVisit(
  state: SegmentState,
  context: FrameContext,
  element: string,
  number: number,
  entry: JournalEntry,
): Visit {
  const { frame } = context;
  const { run } = state.task;
  const place = { frame: frame.id, element, visit: number };
  const key = effectId(run.id, place);
  const rights = { system: context.systemMode, permissions: new Set(state.actor.permissions ?? []) };
  const beforeSave = beforeSaveOf(state, context, place);
  let records: Visit['records'] | undefined;
  let emitted = 0;
  return {
    element,
    number,
    now: state.now,
    // Most elements have nothing to do with records.
    get records() {
      records ??= state.records.session(key, rights, beforeSave);
      return records;
    },
    user: state.actor as Visit['user'],
    starter: run.user.id,
    assigneeExists: async (kind, name) => (await state.world.assignees?.exists(kind, name)) ?? true,
    evaluate: (expression) => context.evaluate(expression),
    decide: (expression, told) => {
      const { value, truth } = context.evaluateWithTruth(expression, told);
      entry.truth ??= [];
      entry.truth.push(truth);
      return isTruthy(value);
    },
    variable: (path) => context.variable(path),
    assign: (path, value) => context.assign(path, value),
    output: (value) => {
      frame.outputs[element] = value;
      entry.output = toJournaled(value);
    },
    memory: {
      get: () => frame.memory[element],
      set: (value) => {
        if (value === undefined) delete frame.memory[element];
        else frame.memory[element] = value;
      },
    },
    perform: async (name, input) => {
      const action = state.action(name);
      const { schemas } = state.world.registries;
      if (action.effect === 'external') {
        throw actionErrors.error('failed', `${name} acts outside and can't be performed within a segment`);
      }
      state.permit(action, context.systemMode);
      checkInput(action, schemas, input);
      const call = { action: name, input: toJournaled(input) } as NonNullable<JournalEntry['calls']>[number];
      entry.calls ??= [];
      entry.calls.push(call);
      let hasEnded = false;
      const requireOpen = (): void => {
        if (hasEnded) throw actionErrors.error('ended', `${name} has ended, and used records after that`);
      };
      const output = await callInTime(action, state.world.clock, (limit) =>
        action.perform({
          input,
          key,
          attempt: 1,
          run: run.id,
          now: state.now,
          user: state.actor as Visit['user'],
          ...(action.effect === 'records'
            ? { records: state.records.session(key, { ...rights, action: true }, beforeSave, requireOpen) }
            : {}),
          get signal() {
            return limit.signal;
          },
        }),
      ).finally(() => {
        hasEnded = true;
      });
      checkOutput(action, schemas, output);
      call.output = toJournaled(output);
      return output;
    },
    emit: ({ topic, key: of, payload }) => {
      if (state.task.within !== undefined) {
        throw runErrors.error('before-save', `${element} can't tell of what is only being saved`);
      }
      emitted += 1;
      if (state.outbox.length >= engineLimits.outboxRowsPerSegmentMax) {
        throw runErrors.error('limit-outbox', `more than ${engineLimits.outboxRowsPerSegmentMax} messages`);
      }
      state.outbox.push({
        id: `${key}:${emitted}`,
        run: run.id,
        topic,
        // Without a key of their own, messages of one run are in order among themselves.
        key: of === '' ? run.id : of,
        payload,
        at: state.now,
        order: '',
        attempt: 0,
        claimAt: state.now,
      });
    },
  };
}

/** What runs before the saves of a visit. */
function beforeSaveOf(state: SegmentState, context: FrameContext, place: Place): BeforeSaveHook | undefined {
  const { beforeSave } = state.world;
  if (beforeSave === undefined) return undefined;
  let site: SavingSite | undefined;
  const siteOf = (): SavingSite => {
    site ??= {
      run: state.task.run,
      place,
      actor: state.actor,
      now: state.now,
      depth: state.depthOf(context),
      steps: state.steps,
      records: state.records,
      journal: state.journal as unknown as Json[],
      saves: 0,
    };
    return site;
  };
  return (type) => beforeSave.of(type, siteOf);
}
