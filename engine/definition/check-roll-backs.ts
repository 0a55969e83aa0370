// What rolls back what the segment has written: beside branches that write in it, as that is discarded, too; and in a loop
// that begins anew then.
import type { CompileProblem } from '../elements/element.js';
import { reachedFrom, waysOutOf } from '../compile/graph.js';
import type { FlowSites } from './flow-sites.js';
import type { GraphNode } from './paths.js';

type Report = (problem: CompileProblem) => void;

export function checkRollBacks(
  nodes: ReadonlyMap<string, GraphNode>,
  sites: FlowSites,
  report: Report,
): void {
  checkBranches(nodes, sites, report);
  checkLoops(nodes, sites, report);
}

function checkBranches(nodes: ReadonlyMap<string, GraphNode>, sites: FlowSites, report: Report): void {
  const told = new Set<string>();
  for (const { name, branches } of nodes.values()) {
    const begun = branches.map(({ name: branch, start }) => ({
      branch,
      elements: firstOf(start, nodes, sites),
    }));
    for (const { branch, elements } of begun) {
      const beside = begun.filter((other) => other.branch !== branch);
      for (const element of elements) {
        if (element.definition.onFault?.rollBack !== true || told.has(element.name)) continue;
        const [loses] = beside.flatMap(({ branch: of, elements: others }) =>
          others.filter((other) => writes(other, sites)).map((writer) => ({ of, writer: writer.name })),
        );
        if (loses === undefined) continue;
        told.add(element.name);
        report({
          code: 'flow.roll-back-beside',
          pointer: `/elements/${element.name}/onFault/rollBack`,
          detail: `what ${loses.writer} writes in the branch ${loses.of} of ${name} is discarded with it, if that has not waited`,
          expected:
            'a fault path that rolls nothing back, or branches beside it that write nothing before they wait',
        });
      }
    }
  }
}

function checkLoops(nodes: ReadonlyMap<string, GraphNode>, sites: FlowSites, report: Report): void {
  const bodies = new Map<string, ReadonlySet<string>>();
  for (const { name, outlets } of nodes.values()) {
    const body = outlets.find((outlet) => outlet.body === true);
    if (body !== undefined) bodies.set(name, reachedFrom(body.target, name, nodes));
  }
  for (const { name, definition } of nodes.values()) {
    if (definition.onFault?.rollBack !== true) continue;
    const loop = firstOf(definition.onFault.next, nodes, sites).find((one) =>
      bodies.get(one.name)?.has(name),
    );
    if (loop === undefined) continue;
    report({
      code: 'flow.roll-back-loop',
      pointer: `/elements/${name}/onFault/rollBack`,
      detail: `the loop ${loop.name} begins anew then, and nothing is put right before`,
      expected:
        'a fault path that rolls nothing back, or one that asks somebody or waits before it comes back',
    });
  }
}

/** The elements that control comes to from one on before it waits. */
function firstOf(
  start: string | undefined,
  nodes: ReadonlyMap<string, GraphNode>,
  sites: FlowSites,
): GraphNode[] {
  const names = new Set([start]);
  const found: GraphNode[] = [];
  for (const name of names) {
    const node = nodes.get(name ?? '');
    if (node === undefined) continue;
    found.push(node);
    if (endsSegment(node, sites)) continue;
    for (const target of waysOutOf(node)) names.add(target);
  }
  return found;
}

/** Whether the segment may end at an element. Of a flow that it calls that isn't known. */
function endsSegment({ name, type }: GraphNode, sites: FlowSites): boolean {
  const { actions, calls } = sites.notesOf(name);
  return type.parks === true || calls.length > 0 || actions.some(({ effect }) => effect === 'external');
}

/** Whether an element writes records or messages. */
const writes = ({ name, type }: GraphNode, sites: FlowSites): boolean =>
  type.writes === true || sites.notesOf(name).actions.some(({ effect }) => effect === 'records');
