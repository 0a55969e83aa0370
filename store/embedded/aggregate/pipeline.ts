// Aggregation pipelines on documents in canonical form. A closed list of stages, expressions and accumulators:
// everything else is refused by name before any document is read. Evaluated here and not by mingo, which works on
// plain JS values: it has no Decimal128 or Long arithmetic, and of 21 expressions tried 13 had other answers.
import { randomInt } from 'node:crypto';
import { type Document, Int32 } from 'bson';
import { isDocument, plainFields } from '../bson/fields.js';
import { isNumber, nearestDouble } from '../bson/numbers.js';
import { CommandError, unsupported } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import { compileSort } from '../query/sort.js';
import { compileExpression } from './expression.js';
import { compileBucket, compileGroup, compileSortByCount } from './group.js';
import { type Collections, compileLookup, type RunNested } from './lookup.js';
import { isTrue, namedArguments, typeName } from './operands.js';
import { compileAddFields, compileProject, compileUnset, type Reshape } from './reshape.js';
import { type Place, pipelineDepthMax, type Scope } from './scope.js';
import { compileUnwind } from './unwind.js';

export { supportedAccumulators } from './accumulators.js';
export { supportedExpressions } from './expression.js';

/** Stages of one pipeline, nested ones counted by themselves. */
export const stagesMax = 1000;

export interface PipelineHead {
  readonly filter: Document;
  readonly sort?: Document;
  readonly skip?: number;
  readonly limit?: number;
}

export interface Pipeline {
  /** The leading stages that a query planner can do: `$match`, then `$sort`, `$skip` and `$limit`, in that order. */
  readonly head: PipelineHead;
  /** The other collections that are read, each once. */
  readonly lookups: readonly string[];
  /**
   * Runs the stages after the head.
   *
   * @param documents what the head selects, in its order; they aren't changed.
   */
  run(documents: readonly Document[], collections: Collections, at: { readonly now: Date }): Document[];
}

/** What a stage is run in: the variables around it and the other collections. */
interface StageContext {
  readonly scope: Scope;
  readonly collections: Collections;
}

type Stage = (documents: readonly Document[], context: StageContext) => Document[];

interface Compiling {
  readonly place: Place;
  /** Collects the names of other collections. */
  readonly lookups: Set<string>;
  /** `$facet` takes no further `$facet`. */
  readonly inFacet: boolean;
}

type CompileStage = (specification: unknown, compiling: Compiling, name: string) => Stage;

const reshaping =
  (compile: (specification: unknown, name: string, place: Place) => Reshape): CompileStage =>
  (specification, { place }, name) => {
    const reshape = compile(specification, name, place);
    return (documents, { scope }) => documents.map((root) => reshape({ ...scope, root }));
  };

const scoped =
  (
    compile: (specification: unknown, place: Place) => (scopes: readonly Scope[]) => Document[],
  ): CompileStage =>
  (specification, { place }) => {
    const run = compile(specification, place);
    return (documents, { scope }) => run(documents.map((root) => ({ ...scope, root })));
  };

const stages: ReadonlyMap<string, CompileStage> = new Map<string, CompileStage>([
  ['$match', (specification, { place }) => matchStage(specification, place)],
  ['$sort', (specification) => sortStage(specification)],
  ['$skip', (specification) => skipStage(specification)],
  ['$limit', (specification) => limitStage(specification)],
  ['$count', (specification) => countStage(specification)],
  ['$sample', (specification) => sampleStage(specification)],
  ['$project', reshaping((specification, _name, place) => compileProject(specification, place))],
  ['$addFields', reshaping(compileAddFields)],
  ['$set', reshaping(compileAddFields)],
  ['$unset', reshaping((specification) => compileUnset(specification))],
  ['$replaceRoot', reshaping((specification, _name, place) => replaceRoot(specification, place))],
  ['$replaceWith', reshaping((specification, _name, place) => replaceWith(specification, place))],
  ['$group', scoped(compileGroup)],
  ['$bucket', scoped(compileBucket)],
  ['$sortByCount', scoped(compileSortByCount)],
  ['$unwind', scoped((specification) => compileUnwind(specification))],
  ['$facet', facetStage],
  ['$lookup', lookupStage],
  ['$unionWith', unionStage],
]);

/** The stages there are. */
export const supportedStages: readonly string[] = [...stages.keys()].sort();

/**
 * Compiles a pipeline in canonical form.
 *
 * @throws {CommandError} `CommandNotSupported`, naming it, for a stage, expression or accumulator outside the lists;
 *   `FailedToParse` or `BadValue` for malformed ones; `BadValue` for nesting deeper than 100 levels.
 */
export function compilePipeline(pipeline: readonly Document[]): Pipeline {
  const lookups = new Set<string>();
  // The whole pipeline is checked first, the head included.
  const compiled = compileStages(pipeline, {
    place: { depth: 0, names: new Set() },
    lookups,
    inFacet: false,
  });
  const { head, length } = headOf(pipeline);
  const tail = compiled.slice(length);
  return {
    head,
    lookups: [...lookups],
    run: (documents, collections, { now }) =>
      runStages(tail, documents, { scope: { root: {}, variables: new Map(), now }, collections }),
  };
}

function compileStages(pipeline: unknown, compiling: Compiling): Stage[] {
  if (!Array.isArray(pipeline))
    throw new CommandError('TypeMismatch', "'pipeline' option must be specified as an array");
  if (pipeline.length > stagesMax) {
    throw new CommandError('FailedToParse', `Pipeline length must be no longer than ${stagesMax} stages.`);
  }
  if (compiling.place.depth > pipelineDepthMax) {
    throw new CommandError('BadValue', `a pipeline is nested deeper than ${pipelineDepthMax} levels`);
  }
  return pipeline.map((stage: unknown) => {
    const entries = isDocument(stage) ? Object.entries(plainFields(stage)) : [];
    if (entries.length !== 1) {
      throw new CommandError(
        'FailedToParse',
        'A pipeline stage specification object must contain exactly one field.',
      );
    }
    const [name, specification] = entries[0]!;
    const compile = stages.get(name);
    if (compile === undefined) throw unsupported(`the aggregation stage ${name}`);
    return compile(specification, compiling, name);
  });
}

function runStages(
  stages: readonly Stage[],
  documents: readonly Document[],
  context: StageContext,
): Document[] {
  return stages.reduce<Document[]>((current, stage) => stage(current, context), [...documents]);
}

function headOf(pipeline: readonly Document[]): { head: PipelineHead; length: number } {
  const order = ['$match', '$sort', '$skip', '$limit'];
  const filters: Document[] = [];
  const found = new Map<string, unknown>();
  let length = 0;
  let reached = 0;
  for (const stage of pipeline) {
    const [name = ''] = Object.keys(stage);
    const at = order.indexOf(name);
    if (at < reached || (at > 0 && found.has(name))) break;
    if (name === '$match' && Object.hasOwn(stage['$match'] as Document, '$expr')) break;
    reached = at;
    if (name === '$match') filters.push(stage['$match'] as Document);
    else found.set(name, stage[name]);
    length += 1;
  }
  const [only = {}] = filters;
  return {
    length,
    head: {
      filter: filters.length > 1 ? { $and: filters } : only,
      ...(found.has('$sort') && { sort: found.get('$sort') as Document }),
      ...(found.has('$skip') && { skip: countOf(found.get('$skip'), '$skip', 0) }),
      ...(found.has('$limit') && { limit: countOf(found.get('$limit'), '$limit', 1) }),
    },
  };
}

/** A filter, beside which `$expr` may stand, at the top level only. */
function matchStage(specification: unknown, place: Place): Stage {
  if (!isDocument(specification)) {
    throw new CommandError('BadValue', 'the match filter must be an expression in an object');
  }
  const { $expr: expression, ...conditions } = plainFields(specification);
  const filter = compileFilter(conditions);
  const holds = Object.hasOwn(specification, '$expr') ? compileExpression(expression, place) : () => true;
  return (documents, { scope }) =>
    documents.filter((root) => filter.matches(root) && isTrue(holds({ ...scope, root })));
}

function sortStage(specification: unknown): Stage {
  if (!isDocument(specification) || Object.keys(specification).length === 0) {
    throw new CommandError('BadValue', '$sort stage must have at least one sort key');
  }
  const { key, compareKeys } = compileSort(specification);
  return (documents) =>
    documents
      .map((document) => ({ document, place: key(document) }))
      .sort((a, b) => compareKeys(a.place, b.place))
      .map(({ document }) => document);
}

function skipStage(specification: unknown): Stage {
  const count = countOf(specification, '$skip', 0);
  return (documents) => documents.slice(count);
}

function limitStage(specification: unknown): Stage {
  const count = countOf(specification, '$limit', 1);
  return (documents) => documents.slice(0, count);
}

function countOf(value: unknown, name: string, min: number): number {
  const count = isNumber(value) ? nearestDouble(value) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < min) {
    throw new CommandError(
      'BadValue',
      `invalid argument to ${name} stage: expected a whole number of at least ${min}`,
    );
  }
  return count;
}

/** No document at all comes of none, as in MongoDB. */
function countStage(specification: unknown): Stage {
  if (typeof specification !== 'string' || specification === '' || /^\$|[.\0]/.test(specification)) {
    throw new CommandError('BadValue', 'the count field must be a non-empty string without . and $');
  }
  return (documents) => (documents.length === 0 ? [] : [{ [specification]: new Int32(documents.length) }]);
}

function sampleStage(specification: unknown): Stage {
  const size = countOf(namedArguments(specification, '$sample', ['size']).get('size'), '$sample', 1);
  return (documents) => {
    const pool = [...documents];
    const count = Math.min(size, pool.length);
    for (let index = 0; index < count; index += 1) {
      const other = randomInt(index, pool.length);
      [pool[index], pool[other]] = [pool[other]!, pool[index]!];
    }
    return pool.slice(0, count);
  };
}

function replaceRoot(specification: unknown, place: Place): Reshape {
  return replaceWith(namedArguments(specification, '$replaceRoot', ['newRoot']).get('newRoot'), place);
}

function replaceWith(specification: unknown, place: Place): Reshape {
  const newRoot = compileExpression(specification, place);
  return (scope) => {
    const value = newRoot(scope);
    if (isDocument(value)) return plainFields(value);
    throw new CommandError(
      'BadValue',
      `'newRoot' expression must evaluate to an object, but resulting value was of type: ${typeName(value)}`,
    );
  };
}

function nestedPipeline(pipeline: unknown, compiling: Compiling): RunNested {
  const inner = compileStages(pipeline, compiling);
  return (documents, scope, collections) => runStages(inner, documents, { scope, collections });
}

function facetStage(specification: unknown, compiling: Compiling): Stage {
  if (compiling.inFacet)
    throw new CommandError('FailedToParse', '$facet is not allowed to be used within a $facet stage');
  const fields = isDocument(specification) ? plainFields(specification) : {};
  const facets = Object.entries(fields).map(([name, pipeline]) => {
    if (name === '' || name.startsWith('$') || name.includes('.')) {
      throw new CommandError('BadValue', `'${name}' isn't valid as a name of a facet`);
    }
    const place = { ...compiling.place, depth: compiling.place.depth + 1 };
    return [name, nestedPipeline(pipeline, { ...compiling, place, inFacet: true })] as const;
  });
  if (facets.length === 0)
    throw new CommandError('BadValue', 'the $facet specification must be a non-empty object');
  return (documents, { scope, collections }) => [
    Object.fromEntries(facets.map(([name, run]) => [name, run(documents, scope, collections)])),
  ];
}

function lookupStage(specification: unknown, compiling: Compiling): Stage {
  const lookup = compileLookup(specification, compiling.place, (pipeline, place) =>
    nestedPipeline(pipeline, { ...compiling, place }),
  );
  compiling.lookups.add(lookup.from);
  return (documents, { scope, collections }) =>
    lookup.run(
      documents.map((root) => ({ ...scope, root })),
      collections,
    );
}

function unionStage(specification: unknown, compiling: Compiling): Stage {
  const given =
    typeof specification === 'string'
      ? new Map<string, unknown>([['coll', specification]])
      : namedArguments(specification, '$unionWith', ['coll'], ['pipeline']);
  const name = given.get('coll');
  if (typeof name !== 'string')
    throw new CommandError('FailedToParse', "$unionWith: 'coll' must be a string");
  const place = { depth: compiling.place.depth + 1, names: new Set<string>() };
  const run = nestedPipeline(given.get('pipeline') ?? [], { ...compiling, place });
  compiling.lookups.add(name);
  return (documents, { scope, collections }) => [...documents, ...run(collections(name), scope, collections)];
}
