// An effect that the run has gone on without: it is settled, and undone if it can be.
import type { Claim } from '../claim.js';
import type { Decision, EffectSituation } from './decision.js';
import { consumes, isResolution } from './item-rules.js';
import { settle, settledBefore } from './settle-effect.js';
import { awake, toItemEntry } from '../units.js';

/** `undoing`: the claim of who undoes it; undefined if it can't be undone. */
export function settleLate(
  { run, item, options, effect, now }: EffectSituation,
  undoing: Claim | undefined,
): Decision {
  const [settled = settledBefore(run, effect, item, options)] = settle(effect, item);
  if (settled === undefined) return { kind: 'stale', run };
  const { frame, element, visit } = effect;
  return {
    kind: 'unit',
    changed: isResolution(run, item, effect) ? { ...awake(run), incident: undefined } : run,
    parts: {
      now,
      by: item.by,
      consumed: consumes(item, options) ? [item] : [],
      entries: [toItemEntry(item), { frame, element, visit, on: item.body.kind, late: true }],
      settlements: [
        {
          ...settled,
          late: true,
          ...(undoing === undefined || item.body.kind !== 'outcome'
            ? {}
            : { undo: { state: 'intended', cause: 'late', attempt: 1 } as const, ...undoing }),
        },
      ],
    },
  };
}
