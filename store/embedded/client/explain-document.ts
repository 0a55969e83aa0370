// What the store says of a query, in the shape in which MongoDB explains it, so that one test reads both.
import type { Document } from 'bson';
import type { Explanation, FindQuery, Namespace } from '../store.js';
import { promoted } from './values.js';

/** The reply of `explain`: the winning plan with its stages outermost first, and what running it cost. */
export function toExplainDocument(ns: Namespace, query: FindQuery, found: Explanation): Document {
  return {
    explainVersion: '1',
    queryPlanner: {
      namespace: ns,
      parsedQuery: promoted(query.filter),
      winningPlan: toWinningPlan(query, found),
      rejectedPlans: [],
    },
    executionStats: {
      executionSuccess: true,
      nReturned: found.returned,
      totalKeysExamined: found.keysExamined,
      totalDocsExamined: found.docsExamined,
    },
    ok: 1,
  };
}

function toWinningPlan(query: FindQuery, found: Explanation): Document {
  let plan = toAccess(found);
  if (query.sort !== undefined && !found.sortedByIndex) {
    plan = { stage: 'SORT', sortPattern: promoted(query.sort), inputStage: plan };
  }
  if (query.skip !== undefined && query.skip > 0) {
    plan = { stage: 'SKIP', skipAmount: query.skip, inputStage: plan };
  }
  if (query.limit !== undefined && query.limit > 0) {
    plan = { stage: 'LIMIT', limitAmount: query.limit, inputStage: plan };
  }
  return plan;
}

function toAccess(found: Explanation): Document {
  if (found.stage === 'COLLSCAN') return { stage: 'COLLSCAN', direction: 'forward' };
  if (found.stage !== 'IXSCAN') return { stage: found.stage };
  const inputStage: Document = { stage: 'IXSCAN', indexName: found.indexName };
  if (found.keyPattern !== undefined) inputStage['keyPattern'] = promoted(found.keyPattern);
  inputStage['isMultiKey'] = found.isMultiKey ?? false;
  return { stage: 'FETCH', inputStage };
}
