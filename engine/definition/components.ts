// Circles in a graph: which of its nodes lead to one another.

/** Strongly connected components (Tarjan), without recursion: flows can be long. */
export function components<Node>(
  nodes: Iterable<Node>,
  next: (node: Node) => readonly Node[],
): readonly Node[][] {
  const index = new Map<Node, number>();
  const low = new Map<Node, number>();
  const stack: Node[] = [];
  const onStack = new Set<Node>();
  const found: Node[][] = [];
  const enter = (node: Node) => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    onStack.add(node);
    return { node, targets: next(node), at: 0 };
  };
  for (const root of nodes) {
    if (index.has(root)) continue;
    const calls = [enter(root)];
    for (let call = calls.at(-1); call !== undefined; call = calls.at(-1)) {
      const { node } = call;
      const target = call.targets[call.at];
      call.at += 1;
      if (target !== undefined) {
        if (!index.has(target)) calls.push(enter(target));
        else if (onStack.has(target)) low.set(node, Math.min(low.get(node)!, index.get(target)!));
        continue;
      }
      calls.pop();
      const caller = calls.at(-1)?.node;
      if (caller !== undefined) low.set(caller, Math.min(low.get(caller)!, low.get(node)!));
      if (low.get(node) !== index.get(node)) continue;
      const component = stack.splice(stack.lastIndexOf(node));
      for (const one of component) onStack.delete(one);
      found.push(component);
    }
  }
  return found;
}
