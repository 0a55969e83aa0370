// What other flows have to know of a flow to call it.
import type { Action } from '../actions/action.js';
import type { ActionRegistry } from '../actions/registry.js';
import type { CompileSite } from '../elements/element.js';
import type { ElementRegistry } from '../elements/registry.js';
import { compileExpression } from '../expressions/index.js';
import { unfitBeforeSave } from './check-before-save.js';
import type { FlowDefinition, Schema } from './flow.js';
import { endPlace, type GraphNode, pastsOf } from './paths.js';
import { isBeforeSave, isOfRecord } from './record-target.js';
import { staysDone } from './stays-done.js';

export interface FlowInterface {
  /** Whether it has an active version; only those can be called. */
  readonly active: boolean;
  /** Schema of an object: what it takes. */
  readonly inputs: Schema;
  /** Schema of an object: what it gives back. */
  readonly outputs: Schema;
  /** Flows that it calls; `always` if no path through it goes without. */
  readonly calls: readonly { readonly flow: string; readonly always: boolean }[];
  /** What of it can't be done before a save, but for the flows that it calls: "hold may have to wait". */
  readonly unfitBeforeSave?: string;
  /** An action of it that acts outside and can't be undone. */
  readonly staysDone?: string;
  /** Type of the record whose fields it sets before the save. */
  readonly setsRecord?: string;
}

/** The interface of a sound flow. */
export function toFlowInterface(
  definition: FlowDefinition,
  registries: { readonly elements: ElementRegistry; readonly actions: ActionRegistry },
  active: boolean,
): FlowInterface {
  const { trigger } = definition.start;
  const nodes = new Map<string, GraphNode>();
  const called: { flow: string; element: string }[] = [];
  let unfit: string | undefined;
  let done: string | undefined;
  let sets = false;
  for (const [name, element] of Object.entries(definition.elements)) {
    const type = registries.elements.get(element.type);
    if (type === undefined) continue;
    const node: GraphNode = {
      name,
      type,
      definition: element,
      outlets: type.outlets(element),
      branches: type.branches?.(element) ?? [],
    };
    nodes.set(name, node);
    const actions: Action[] = [];
    type.compile(element, {
      ...blindSite(name, definition),
      calls: (flow) => called.push({ flow, element: name }),
      target: (path) => {
        sets ||= isOfRecord(path);
      },
      action: (wanted) => {
        const action = registries.actions.get(wanted);
        if (action !== undefined) actions.push(action);
        return action;
      },
    });
    unfit ??= unfitBeforeSave(node, actions)[0]?.what;
    done ??= staysDone(actions);
  }
  const end = pastsOf(definition, nodes).get(endPlace);
  return {
    active,
    ...interfaceOf(definition),
    calls: called.map(({ flow, element }) => ({
      flow,
      always: end === undefined || end.always.has(element),
    })),
    ...(unfit === undefined ? {} : { unfitBeforeSave: unfit }),
    ...(done === undefined ? {} : { staysDone: done }),
    ...(sets && isBeforeSave(trigger) ? { setsRecord: trigger.record } : {}),
  };
}

/** Inputs and outputs of a flow as schemas of objects. */
export function interfaceOf(definition: FlowDefinition): Pick<FlowInterface, 'inputs' | 'outputs'> {
  const variables = Object.entries(definition.variables ?? {});
  const inputs = variables.filter(([, { input }]) => input === true);
  const outputs = variables.filter(([, { output }]) => output === true);
  return {
    inputs: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(
        inputs.map(([name, { schema, description }]) => [
          name,
          description === undefined ? schema : { ...schema, description },
        ]),
      ),
      required: inputs.filter(([, variable]) => variable.default === undefined).map(([name]) => name),
    },
    outputs: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(outputs.map(([name, { schema }]) => [name, schema])),
    },
  };
}

const nothing = compileExpression(null);

/** A site for which everything is as it should be: the flow was checked before. */
const blindSite = (name: string, flow: FlowDefinition): CompileSite => ({
  name,
  flow,
  expression: () => nothing,
  condition: () => nothing,
  text: () => nothing,
  check: () => nothing,
  target: () => undefined,
  action: () => undefined,
  calls: () => {},
  choice: () => undefined,
  validator: () => () => [],
  report: () => {},
});
