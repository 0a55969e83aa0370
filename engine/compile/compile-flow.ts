// From a definition to what runs: the machine, each element's behaviour, the checks of its data. Everything that is
// wrong is reported, not only the first thing.
import type { AnyStateMachine } from 'xstate';
import type { ActionRegistry } from '../actions/registry.js';
import { toContentHash } from '../definition/hash.js';
import { namePattern } from '../definition/names.js';
import type { ElementDefinition, FlowDefinition, Json } from '../definition/flow.js';
import type { Behaviour, Branch, CompileProblem, ElementType } from '../elements/element.js';
import type { ElementRegistry } from '../elements/registry.js';
import { didYouMean } from '../expressions/did-you-mean.js';
import type { Expression, OperatorRegistry } from '../expressions/index.js';
import type { RecordType } from '../ports/records.js';
import { CompileWork, type CompiledRead } from './compile-work.js';
import { type Node, type Region, toRegions } from './graph.js';
import { toMachine } from './machine.js';
import type { SchemaCheck, SchemaCompiler } from './schemas.js';

/** What flows are compiled against. */
export interface Registries {
  readonly elements: ElementRegistry;
  readonly actions: ActionRegistry;
  readonly schemas: SchemaCompiler;
  readonly operators: OperatorRegistry;
  readonly records: ReadonlyMap<string, RecordType>;
}

export interface CompiledElement {
  readonly name: string;
  readonly type: ElementType;
  readonly definition: ElementDefinition;
  readonly behaviour: Behaviour;
  readonly outlets: ReadonlySet<string>;
  readonly branches: readonly Branch[];
  /** The branch that it stands in. */
  readonly region: Region;
  /** Variables that it assigns. */
  readonly assigns: ReadonlySet<string>;
  /** It is a loop: the path from one of its outlets comes back to it. */
  readonly hasBody: boolean;
}

export interface CompiledSignal {
  readonly check: SchemaCheck;
  /** Kept until a wait takes it. */
  readonly buffered: boolean;
}

export interface CompiledVariable {
  readonly name: string;
  readonly check: SchemaCheck;
  readonly input: boolean;
  readonly output: boolean;
  readonly default?: Json;
}

export interface CompiledFlow {
  readonly definition: FlowDefinition;
  readonly hash: string;
  readonly machine: AnyStateMachine;
  readonly elements: ReadonlyMap<string, CompiledElement>;
  readonly variables: ReadonlyMap<string, CompiledVariable>;
  readonly signals: ReadonlyMap<string, CompiledSignal>;
  readonly formulas: ReadonlyMap<string, Expression>;
  /** Condition of the trigger itself, of flows that start by themselves. */
  readonly triggerWhen: Expression | undefined;
  readonly conditions: readonly { readonly expression: Expression; readonly otherwise: string }[];
  /** What lists call its runs. */
  readonly runLabel: Expression | undefined;
  /** Flows that its elements call. */
  readonly calls: ReadonlySet<string>;
  /** All that its expressions read, with the place; for the checks of variables. */
  readonly reads: readonly CompiledRead[];
  readonly readsRecord: boolean;
  readonly systemMode: boolean;
}

const elementName = new RegExp(namePattern);

/**
 * Compiles a flow whose JSON has the right shape. Undefined when anything was reported: what is sound of a broken
 * flow can't be run.
 */
export function compileFlow(
  definition: FlowDefinition,
  registries: Registries,
  report: (problem: CompileProblem) => void,
): CompiledFlow | undefined {
  let problems = 0;
  const noted = (problem: CompileProblem): void => {
    problems += 1;
    report(problem);
  };
  const work = new CompileWork(definition, registries, noted);
  const variables = compileVariables(definition, work);
  const signals = new Map(
    Object.entries(definition.signals ?? {}).map(([name, { schema, buffered }]) => [
      name,
      { check: work.schema(schema, `/signals/${name}/schema`), buffered: buffered === true },
    ]),
  );
  const formulas = work.formulas();
  const conditions = (definition.start.conditions ?? []).map(({ when, otherwise }, index) => ({
    expression: work.condition(when, `/start/conditions/${index}/when`),
    otherwise,
  }));
  const { trigger } = definition.start;
  const triggerWhen =
    'when' in trigger && trigger.when !== undefined
      ? work.condition(trigger.when, '/start/trigger/when')
      : undefined;
  const runLabel =
    definition.runLabel === undefined ? undefined : work.text(definition.runLabel, '/runLabel');
  const { nodes, behaviours } = compileElements(definition, registries, work);
  reportTargets(definition, nodes, noted);
  const regions = toRegions(definition, nodes, noted);
  if (problems > 0) return undefined;

  const elements = new Map<string, CompiledElement>();
  for (const region of regions) {
    for (const name of region.elements) {
      const node = nodes.get(name)!;
      elements.set(name, {
        name,
        type: node.type,
        definition: node.definition,
        behaviour: behaviours.get(name)!,
        outlets: new Set(node.outlets.map((outlet) => outlet.name)),
        branches: node.branches,
        region,
        assigns: work.assignedBy(name),
        hasBody: node.outlets.some(({ body }) => body === true),
      });
    }
  }
  return {
    definition,
    hash: toContentHash(definition),
    machine: toMachine(definition.name, nodes, regions),
    elements,
    variables,
    signals,
    formulas,
    conditions,
    triggerWhen,
    runLabel,
    calls: work.called,
    reads: work.reads,
    readsRecord: work.readsMore || work.reads.some(({ path }) => /^\$record(Prior)?(\.|$)/.test(path)),
    systemMode: typeof definition.mode === 'object',
  };
}

function compileVariables(definition: FlowDefinition, work: CompileWork): Map<string, CompiledVariable> {
  const variables = new Map<string, CompiledVariable>();
  for (const [name, variable] of Object.entries(definition.variables ?? {})) {
    const check = work.schema(variable.schema, `/variables/${name}/schema`);
    if (variable.default !== undefined) {
      for (const { pointer, detail } of check(variable.default)) {
        work.report({
          code: 'flow.default-invalid',
          pointer: `/variables/${name}/default${pointer}`,
          detail: `the default ${detail}`,
          expected: 'a value that the schema of the variable allows',
        });
      }
    }
    variables.set(name, {
      name,
      check,
      input: variable.input === true,
      output: variable.output === true,
      ...(variable.default === undefined ? {} : { default: variable.default }),
    });
  }
  return variables;
}

function compileElements(definition: FlowDefinition, registries: Registries, work: CompileWork) {
  const nodes = new Map<string, Node>();
  const behaviours = new Map<string, Behaviour>();
  const types = new Set(registries.elements.names());
  for (const [name, element] of Object.entries(definition.elements)) {
    if (!elementName.test(name)) {
      work.report({
        code: 'flow.name-invalid',
        pointer: `/elements/${name}`,
        detail: `${JSON.stringify(name)} can't name an element`,
        expected: 'a letter, then at most 63 letters, digits and _',
      });
      continue;
    }
    const type = registries.elements.get(element.type);
    if (type === undefined) {
      work.unknown(
        'flow.element-type-unknown',
        `/elements/${name}/type`,
        'element type',
        element.type,
        types,
      );
      continue;
    }
    const shape = work.schema(type.schema, `/elements/${name}`)(ownProperties(element));
    for (const { pointer, detail } of shape) {
      work.report({
        code: 'flow.property-invalid',
        pointer: `/elements/${name}${pointer}`,
        detail,
        expected: `what the schema of ${element.type} allows`,
      });
    }
    // What asks a misshapen element further would only fail.
    if (shape.length > 0) continue;
    const branches = type.branches?.(element) ?? [];
    nodes.set(name, { name, type, definition: element, outlets: type.outlets(element), branches });
    behaviours.set(name, type.compile(element, work.siteOf(name)));
  }
  return { nodes, behaviours };
}

const common = new Set(['type', 'label', 'description', 'stage', 'next', 'onFault', 'retry']);

/** What a type's own schema describes. */
function ownProperties(element: ElementDefinition): Record<string, unknown> {
  return Object.fromEntries(Object.entries(element).filter(([property]) => !common.has(property)));
}

function reportTargets(
  definition: FlowDefinition,
  nodes: ReadonlyMap<string, Node>,
  report: (problem: CompileProblem) => void,
): void {
  const names = Object.keys(definition.elements);
  const check = (target: string | undefined, pointer: string): void => {
    if (target === undefined || Object.hasOwn(definition.elements, target)) return;
    const near = didYouMean(target, names);
    report({
      code: 'flow.target-unknown',
      pointer,
      detail: `there is no element ${JSON.stringify(target)}`,
      expected: 'the name of an element of this flow',
      ...(near === undefined ? {} : { didYouMean: near }),
    });
  };
  check(definition.start.next, '/start/next');
  for (const node of nodes.values()) {
    const at = `/elements/${node.name}`;
    for (const { target, pointer } of node.outlets) check(target, at + pointer);
    for (const { start, pointer } of node.branches) check(start, at + pointer);
    check(node.definition.onFault?.next, `${at}/onFault/next`);
  }
}
