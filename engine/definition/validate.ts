// Validation like a compiler's: everything that is wrong with a flow, at once, with the place where it is.
import type { Action } from '../actions/action.js';
import type { ActionRegistry } from '../actions/registry.js';
import { compileFlow } from '../compile/compile-flow.js';
import { CompileWork } from '../compile/compile-work.js';
import { SchemaCompiler } from '../compile/schemas.js';
import type { CompileProblem } from '../elements/element.js';
import type { ElementRegistry } from '../elements/registry.js';
import { type OperatorRegistry, standardOperators } from '../expressions/index.js';
import type { AssigneeKind } from '../ports/assignees.js';
import type { RecordType } from '../ports/records.js';
import { toCanonicalText } from './canonical.js';
import { checkCalendars } from './check-calendars.js';
import { checkCalls } from './check-calls.js';
import { checkCosts } from './check-costs.js';
import { checkDeclarations } from './check-declarations.js';
import { checkGraph } from './check-graph.js';
import { checkRaces } from './check-races.js';
import { checkReads } from './check-reads.js';
import { checkRights } from './check-rights.js';
import { checkRollBacks } from './check-roll-backs.js';
import type { FlowDefinition, Schema } from './flow.js';
import type { FlowInterface } from './flow-interface.js';
import { type FlowProblemCode, docsOf, flowProblems } from './flow-problems.js';
import { FlowSites } from './flow-sites.js';
import { type GraphNode, pastsOf } from './paths.js';
import { shapeProblems } from './schema-problems.js';
import { ScopeExtent } from './scope-extent.js';
import { toSoundPart } from './sound-part.js';
import { readSource, type Source } from './source-map.js';

/** What a flow is checked against; parts that are left out are not checked. */
export interface ValidationContext {
  readonly elements: ElementRegistry;
  readonly actions: ActionRegistry;
  readonly records: ReadonlyMap<string, RecordType>;
  readonly operators?: OperatorRegistry;
  readonly schemas?: SchemaCompiler;
  /** The other flows by name. */
  readonly flows?: ReadonlyMap<string, FlowInterface>;
  /** Templates by name: schema of an object, their variables. */
  readonly templates?: ReadonlyMap<string, Schema>;
  readonly permissions?: ReadonlySet<string>;
  /** Those of whom flows act for that start by themselves. Absent where rights aren't checked. */
  readonly triggerPermissions?: ReadonlySet<string>;
  /** Names of those whom work can be given to. */
  readonly assignees?: Readonly<Partial<Record<AssigneeKind, ReadonlySet<string>>>>;
  /** Names of the business calendars. */
  readonly calendars?: ReadonlySet<string>;
}

export interface FlowProblem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** JSON pointer into the file. */
  readonly pointer: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  readonly detail: string;
  readonly expected: string;
  readonly didYouMean?: string;
  /** Where the code is explained, from the project's root. */
  readonly docs: string;
}

export interface FlowValidation {
  /** In the order in which they stand in the file. */
  readonly problems: readonly FlowProblem[];
  /** Present when nothing is an error. */
  readonly definition?: FlowDefinition;
}

export const validationLimits = {
  fileBytesMax: 1_048_576,
  problemsMax: 1_000,
} as const;

interface Found extends CompileProblem {
  readonly at?: 'key' | 'value';
  readonly offset?: number;
}

/** Validates the text of a flow file, or a definition as if it stood in its canonical file. */
export function validateFlow(source: string | FlowDefinition, context: ValidationContext): FlowValidation {
  // Some editors write a mark at the beginning, and do not count it as a character.
  const text = typeof source === 'string' ? source.replace(/^\uFEFF/, '') : textOf(source);
  const bytes = Buffer.byteLength(text);
  if (bytes > validationLimits.fileBytesMax) {
    const found: Found = {
      code: 'flow.file-too-large',
      pointer: '',
      detail: `the file has ${bytes} bytes`,
      expected: `at most ${validationLimits.fileBytesMax} bytes`,
      offset: 0,
    };
    return { problems: located([found], readSource('')) };
  }
  const read = readSource(text);
  const found: Found[] = [...read.problems];
  if (read.value !== undefined) checkMeaning(read.value, context, found);
  const problems = located(found, read);
  const isSound = problems.every(({ severity }) => severity === 'warning');
  return isSound ? { problems, definition: read.value as FlowDefinition } : { problems };
}

/** What is sound of a flow, for the flows that call it; undefined when there is nothing to speak of. */
export const soundDefinition = (value: unknown, elements: ElementRegistry): FlowDefinition | undefined =>
  toSoundPart(value, shapeProblems(value, elements))?.definition;

/** The canonical text, or JSON as it is where the shape is too wrong for it. */
function textOf(definition: unknown): string {
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
  const { elements } = (isObject(definition) ? definition : {}) as { elements?: unknown };
  const isCanonical = isObject(elements) && Object.values(elements as object).every(isObject);
  return isCanonical
    ? toCanonicalText(definition as FlowDefinition)
    : (JSON.stringify(definition, undefined, 2) ?? '');
}

/** Everything that needs JSON to be looked at. */
function checkMeaning(value: unknown, context: ValidationContext, found: Found[]): void {
  const shape = shapeProblems(value, context.elements);
  found.push(...shape);
  const sound = toSoundPart(value, shape);
  if (sound === undefined) return;
  const { definition, ghosts } = sound;
  const report = (problem: CompileProblem): void => {
    found.push(problem);
  };
  const registries = {
    elements: context.elements,
    actions: context.actions,
    records: context.records,
    schemas: context.schemas ?? compilerOf(context.elements),
    operators: context.operators ?? standardOperators,
  };
  const work = new CompileWork(definition, registries, report);
  checkDeclarations(definition, ghosts, work, context, report);
  const formulas = work.formulas();
  const sites = new FlowSites(definition, ghosts, work, registries, context, report);
  compileLoose(definition, work);
  const nodes = compileElements(definition, context.elements, sites);
  checkGraph({ definition, nodes, guesses: sound.guesses }, report);
  const outputs = {
    flow: definition,
    action: (name: string): Action | undefined => context.actions.get(name),
    record: (name: string) => context.records.get(name),
    outputsOf: (name: string) => context.flows?.get(name)?.outputs,
  };
  const pasts = pastsOf(definition, nodes);
  checkReads(work.reads, {
    definition,
    nodes,
    ghosts,
    formulas,
    pasts,
    records: context.records,
    ...(context.permissions === undefined ? {} : { permissions: context.permissions }),
    outputs,
    report,
  });
  checkCosts(work.expressions, new ScopeExtent({ definition, nodes, formulas, outputs }), report);
  checkCalls(definition, nodes, sites, context, report);
  if (context.triggerPermissions !== undefined) {
    checkRights(definition, nodes, pasts, sites, context.triggerPermissions, report);
  }
  checkRaces(definition.name, nodes, sites, context.flows, report);
  checkRollBacks(nodes, sites, report);
  if (context.calendars !== undefined) checkCalendars(definition, context.calendars, report);
  // What compiling refuses, validation refuses: the two may never disagree.
  if (!found.some(({ code }) => severityOf(code) === 'error')) compileFlow(definition, registries, report);
}

// Schemas take longer to compile than all the rest; those of one flow come again with its next version.
const compilers = new WeakMap<ElementRegistry, SchemaCompiler>();

function compilerOf(elements: ElementRegistry): SchemaCompiler {
  const known = compilers.get(elements) ?? new SchemaCompiler();
  compilers.set(elements, known);
  return known;
}

/** Expressions that belong to no element. */
function compileLoose({ start, runLabel, choices = {} }: FlowDefinition, work: CompileWork): void {
  const { trigger, conditions = [] } = start;
  if ('when' in trigger && trigger.when !== undefined) work.condition(trigger.when, '/start/trigger/when');
  for (const [index, { when }] of conditions.entries()) {
    work.condition(when, `/start/conditions/${index}/when`);
  }
  if (runLabel !== undefined) work.text(runLabel, '/runLabel');
  for (const name of Object.keys(choices)) work.choice(name);
}

function compileElements(
  { elements }: FlowDefinition,
  registry: ElementRegistry,
  sites: FlowSites,
): Map<string, GraphNode> {
  const nodes = new Map<string, GraphNode>();
  for (const [name, element] of Object.entries(elements)) {
    const type = registry.get(element.type);
    if (type === undefined) continue;
    type.compile(element, sites.siteOf(name));
    nodes.set(name, {
      name,
      type,
      definition: element,
      outlets: type.outlets(element),
      branches: type.branches?.(element) ?? [],
    });
  }
  return nodes;
}

const severityOf = (code: string): 'error' | 'warning' =>
  Object.hasOwn(flowProblems, code) ? flowProblems[code as FlowProblemCode].severity : 'error';

/** Problems with their places: each once, in the order of the file, errors first where two stand in one place. */
function located(found: readonly Found[], source: Source): readonly FlowProblem[] {
  const places = new Map<string, { readonly offset: number; readonly problem: FlowProblem }>();
  for (const { code, pointer: below, detail, expected, didYouMean, at, offset } of found) {
    const pointer = source.toWhole(below);
    const key = `${code} ${pointer} ${detail}`;
    if (places.has(key)) continue;
    const position = offset === undefined ? source.positionOf(pointer, at) : source.positionAt(offset);
    places.set(key, {
      offset: position.offset,
      problem: {
        code,
        severity: severityOf(code),
        pointer,
        line: position.line,
        column: position.column,
        detail,
        expected,
        ...(didYouMean === undefined ? {} : { didYouMean }),
        docs: docsOf(code),
      },
    });
  }
  const sorted = [...places.values()].sort(
    (left, right) =>
      left.offset - right.offset ||
      left.problem.severity.localeCompare(right.problem.severity) ||
      left.problem.code.localeCompare(right.problem.code),
  );
  return shownOf(
    sorted.map(({ problem }) => problem),
    (told) => ({ severity: 'error', pointer: '', line: 1, column: 1, docs: docsOf(told.code), ...told }),
  );
}

/** As many problems as are shown, and one that says how many more there are. */
export function shownOf<Problem>(
  problems: readonly Problem[],
  toProblem: (told: { code: string; detail: string; expected: string }) => Problem,
): readonly Problem[] {
  const { problemsMax } = validationLimits;
  if (problems.length <= problemsMax) return problems;
  const more = toProblem({
    code: 'flow.too-many-problems',
    detail: `${problems.length - problemsMax} more problems are not shown`,
    expected: `at most ${problemsMax} problems`,
  });
  return [...problems.slice(0, problemsMax), more];
}
