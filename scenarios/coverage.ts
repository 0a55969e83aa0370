// Which ways out of a flow's elements were taken: every outlet of every element, and the path of each fault.
import type { ElementRegistry, FlowDefinition, Json } from '../engine/index.js';

/** `<element> <outlet>` of every way out. */
export function outcomesOf({ elements }: FlowDefinition, registry: ElementRegistry): string[] {
  return Object.entries(elements).flatMap(([name, element]) => {
    const type = registry.get(element.type);
    const outlets = type?.outlets(element).map((outlet) => `${name} ${outlet.name}`) ?? [];
    const ends = outlets.length === 0 ? [`${name} ${endOf(element.type)}`] : outlets;
    return element.onFault === undefined ? ends : [...ends, `${name} fault`];
  });
}

/** How an element is left that has no way out. */
const endOf = (type: string): string => (type === 'raiseError' ? 'raises' : 'ends');

interface Entry {
  readonly frame?: string;
  readonly element?: string;
  readonly outcome?: string;
  readonly error?: unknown;
}

/** The outcomes that a journal, or the trace of an incident, shows, by the flow they belong to. */
export function takenIn(
  entries: readonly Json[],
  main: FlowDefinition,
  flows: ReadonlyMap<string, FlowDefinition>,
): Map<string, Set<string>> {
  const taken = new Map<string, Set<string>>();
  for (const raw of entries) {
    const { frame, element, outcome, error } = raw as unknown as Entry;
    if (frame === undefined || element === undefined) continue;
    const flow = flowOf(frame, main, flows);
    const definition = flow?.elements[element];
    if (flow === undefined || definition === undefined) continue;
    const way =
      error !== undefined ? (definition.type === 'raiseError' ? 'raises' : 'fault') : (outcome ?? 'ends');
    const ways = taken.get(flow.name) ?? new Set();
    taken.set(flow.name, ways.add(`${element} ${way}`));
  }
  return taken;
}

/** The flow of a frame: `main`, or `<frame>/<element>.<visit>` of the call, with `~<flow>.<n>` of one before a save. */
function flowOf(
  frame: string,
  main: FlowDefinition,
  flows: ReadonlyMap<string, FlowDefinition>,
): FlowDefinition | undefined {
  let flow: FlowDefinition | undefined = main;
  for (const call of frame.split('/').slice(1)) {
    const [, saving] = call.split('~');
    const name = (saving ?? call).slice(0, (saving ?? call).lastIndexOf('.'));
    const called: unknown = saving === undefined ? flow?.elements[name]?.['flow'] : name;
    flow = typeof called === 'string' ? flows.get(called) : undefined;
  }
  return flow;
}
