// Flows from a seed, made of the kernel's elements and of three elements of the simulation's own. What a flow comes to
// depends on chance nowhere but in races; the order in which things have come says who won.
import type { ElementDefinition, FlowDefinition, Json } from '../../engine/index.js';
import { externalActions } from './provider.js';
import type { SeededRandom } from './seeded-random.js';

/** Longer than any simulation. */
const far = 'P3000D';

interface Site {
  /** Variable that this path adds to. */
  readonly total: string;
  readonly depth: number;
  /** Nothing else is under way beside this path. */
  readonly alone: boolean;
}

type Block = (builder: FlowBuilder, site: Site, next: string | undefined) => string;

/** A flow with the flows that it calls; the caller comes last. */
export function generateFlows(random: SeededRandom, name: string): FlowDefinition[] {
  const flows: FlowDefinition[] = [];
  const main = new FlowBuilder(random, name, flows);
  const start = main.sequence({ total: 'total', depth: 0, alone: true }, random.between(3, 6), undefined);
  flows.push(main.toFlow(start));
  return flows;
}

class FlowBuilder {
  readonly random: SeededRandom;
  readonly #name: string;
  readonly #flows: FlowDefinition[];
  readonly #elements: Record<string, ElementDefinition> = {};
  readonly #variables: Record<string, { schema: object; default?: Json; output?: true }> = {
    total: { schema: { type: 'number' }, default: 0, output: true },
    item: { schema: { type: ['number', 'null'] } },
    list: { schema: { type: 'array' }, default: [1, 2] },
  };
  readonly #signals: Record<string, { schema: object; buffered?: true }> = {};
  /** All waits for events of a flow are for this one, whose key is the run, or nothing. */
  readonly #event: { readonly event: string; readonly key?: Json };
  #count = 0;

  constructor(random: SeededRandom, name: string, flows: FlowDefinition[]) {
    this.random = random;
    this.#name = name;
    this.#flows = flows;
    const key = random.chance(0.5) ? { key: { var: '$flow.run' } } : {};
    this.#event = { event: `${name}.told`, ...key };
  }

  /** The event of a wait; only what says that it is meant counts. */
  told(next: string): object {
    return { name: 'told', ...this.#event, when: { '===': [{ var: '$event.meant' }, true] }, next };
  }

  /** How many flows were finished before it. */
  get number(): number {
    return Number(/-(\d+)i$/.exec(this.#name)?.[1] ?? -1) + 1;
  }

  name(): string {
    this.#count += 1;
    return `e${this.#count}`;
  }

  put(name: string, type: string, next: string | undefined, properties: object): string {
    this.#elements[name] = { type, label: name, ...(next === undefined ? {} : { next }), ...properties };
    return name;
  }

  add(type: string, next: string | undefined, properties: object): string {
    return this.put(this.name(), type, next, properties);
  }

  /** Adds to a total. */
  bump(target: string, value: Json, next: string | undefined): string {
    return this.add('assignment', next, { assignments: [{ target, operator: 'add', value }] });
  }

  variable(): string {
    const name = `b${Object.keys(this.#variables).length}`;
    this.#variables[name] = { schema: { type: 'number' }, default: 0 };
    return name;
  }

  signal(): string {
    const name = `${this.#name.replaceAll('-', '_')}_s${Object.keys(this.#signals).length}`;
    this.#signals[name] = {
      schema: { type: 'object', properties: { n: { type: 'number' } } },
      ...(this.random.chance(0.5) ? { buffered: true as const } : {}),
    };
    return name;
  }

  /** Another flow, to be called from a path at this depth. */
  inner(depth: number): string {
    const name = `${this.#name}-${this.#flows.length}i`;
    const inner = new FlowBuilder(this.random, name, this.#flows);
    const start = inner.sequence(
      { total: 'total', depth: depth + 1, alone: false },
      inner.random.between(1, 3),
      undefined,
    );
    this.#flows.push(inner.toFlow(start));
    return name;
  }

  sequence(site: Site, length: number, next: string | undefined): string {
    let start = next;
    for (let index = 0; index < length; index += 1) start = this.#block(site)(this, site, start);
    return start!;
  }

  #block(site: Site): Block {
    const nests = site.depth < 2;
    const kinds = [
      ...plain,
      ...(nests ? nesting : []),
      ...(nests && site.depth === 0 ? nesting : []),
      ...(site.alone ? alone : []),
    ];
    return this.random.pick(kinds);
  }

  toFlow(start: string): FlowDefinition {
    return {
      format: 1,
      name: this.#name,
      label: this.#name,
      start: { trigger: { type: 'action' }, next: start },
      variables: this.#variables,
      signals: this.#signals,
      elements: this.#elements,
    } as FlowDefinition;
  }
}

const external: Block = (flow, { total }, next) => {
  const name = flow.name();
  const after = flow.bump(total, { var: `${name}.n` }, next);
  const action = flow.random.pick(externalActions);
  return flow.put(name, 'action', after, { action, input: { n: flow.random.between(1, 9) } });
};

const flaky: Block = (flow, { total }, next) => {
  const name = flow.name();
  const after = flow.bump(total, { var: `${name}.n` }, next);
  return flow.put(name, 'action', after, {
    action: flow.random.pick(['charge', 'book', 'mail', 'file', 'quote']),
    input: { n: flow.random.between(1, 9), flaky: flow.random.between(1, 3) },
    // A worker that dies costs an attempt, too.
    retry: { attempts: 12, delayMs: 1_000 },
  });
};

const refused: Block = (flow, { total }, next) =>
  flow.add('action', next, {
    action: flow.random.pick(externalActions),
    input: { n: 1, refuse: true },
    onFault: { next: flow.bump(total, 100, next) },
  });

/** Fails a few times, and an operator has it tried again. */
const fragile: Block = (flow, { total }, next) => {
  const name = flow.name();
  const after = flow.bump(total, { var: `${name}.n` }, next);
  return flow.put(name, 'action', after, {
    action: 'fragile',
    input: { n: 2, flaky: flow.random.between(1, 2) },
  });
};

/** Fails always, and an operator skips it. */
const broken: Block = (flow, { total }, next) => {
  const name = flow.name();
  const after = flow.bump(total, { var: `${name}.n` }, next);
  return flow.put(name, 'action', after, { action: 'broken', input: { n: 1 } });
};

const assign: Block = (flow, { total }, next) => flow.bump(total, flow.random.between(1, 5), next);

const count: Block = (flow, _site, next) => {
  const read = flow.name();
  const write = flow.add('updateRecords', next, {
    record: 'order',
    id: 'shared',
    fields: { count: { '+': [{ var: `${read}.count` }, 1] } },
  });
  return flow.put(read, 'getRecords', write, { record: 'order', id: 'shared' });
};

const mark: Block = (flow, { total }, next) => {
  const name = flow.name();
  return flow.put(name, 'updateRecords', next, {
    record: 'order',
    id: { var: '$flow.run' },
    // Of its own, since a flow and those that it calls write to one record.
    fields: { [`${flow.random.pick(['f', 'g'])}${name}of${flow.number}`]: { var: total } },
  });
};

const note: Block = (flow, _site, next) => flow.add('note', next, { text: 'note' });

const timer: Block = (flow, _site, next) => {
  const events = [{ name: 'over', after: `PT${flow.random.between(1, 150)}S`, ...to(next) }];
  return flow.add('wait', undefined, { events });
};

const signal: Block = (flow, { total }, next) => {
  const name = flow.name();
  const after = flow.bump(total, { var: `${name}.payload.n` }, next);
  const events = [{ name: 'came', signal: flow.signal(), next: after }];
  const never = flow.random.chance(0.4) ? [{ name: 'never', after: far }] : [];
  return flow.put(name, 'wait', undefined, { events: [...events, ...never] });
};

/** A signal or a time, whichever is first. */
const race: Block = (flow, { total }, next) => {
  const name = flow.name();
  return flow.put(name, 'wait', undefined, {
    events: [
      {
        name: 'came',
        signal: flow.signal(),
        next: flow.bump(total, { var: `${name}.payload.n` }, next),
      },
      {
        name: 'late',
        after: `PT${flow.random.between(1, 200)}S`,
        next: flow.bump(total, 10, next),
      },
    ],
  });
};

/** An event that is told to all; in half of the waits it races with a time. */
const told: Block = (flow, { total }, next) => {
  const name = flow.name();
  const after = flow.bump(total, { var: `${name}.payload.n` }, next);
  const late = {
    name: 'late',
    after: `PT${flow.random.between(1, 200)}S`,
    next: flow.bump(total, 20, next),
  };
  return flow.put(name, 'wait', undefined, {
    events: [flow.told(after), ...(flow.random.chance(0.5) ? [late] : [])],
  });
};

const gate: Block = (flow, _site, next) => {
  const name = flow.name();
  const when = { '===': [{ var: `${name}.record.open` }, true] };
  return flow.put(name, 'wait', undefined, {
    events: [{ name: 'opened', record: { type: 'order', id: 'gate', when }, ...to(next) }],
  });
};

const ask: Block = (flow, { total }, next) => {
  const name = flow.name();
  return flow.put(name, 'question', flow.bump(total, { var: `${name}.n` }, next), {});
};

const decide: Block = (flow, site, next) => {
  const when = { '>': [{ var: site.total }, flow.random.between(0, 30)] };
  const inner = { ...site, depth: site.depth + 1 };
  const big = flow.sequence(inner, 1, next);
  return flow.add('decision', flow.sequence(inner, 1, next), {
    outcomes: [{ name: 'big', when, next: big }],
  });
};

const call: Block = (flow, site, next) => {
  const name = flow.name();
  const after = flow.bump(site.total, { var: `${name}.total` }, next);
  return flow.put(name, 'subflow', after, { flow: flow.inner(site.depth), input: {} });
};

const each: Block = (flow, site, next) => {
  const name = flow.name();
  const inner = { ...site, depth: site.depth + 2 };
  const body = flow.sequence(inner, flow.random.between(1, 2), name);
  // A list of the flow's own: loops inside one another would share the variable of the item, which is never read.
  return flow.put(name, 'loop', next, { collection: { var: 'list' }, item: 'item', body });
};

/** Branches that all end, and perhaps some that never do. */
const fork: Block = (flow, site, next) => {
  const ends = flow.random.between(2, 3);
  const hangs = flow.random.chance(0.4) ? 1 : 0;
  const totals = Array.from({ length: ends }, () => flow.variable());
  const branches = totals.map((total, index) => ({
    name: `b${index}`,
    start: flow.sequence(
      { total, depth: site.depth + 1, alone: false },
      flow.random.between(1, 2),
      undefined,
    ),
  }));
  if (hangs > 0) {
    const start = flow.add('wait', undefined, { events: [{ name: 'never', after: far }] });
    branches.splice(flow.random.between(0, ends), 0, { name: 'hangs', start });
  }
  const sum = totals.map((total) => ({ var: total }));
  return flow.add('parallel', flow.bump(site.total, { '+': sum }, next), {
    branches,
    ...(hangs > 0 ? { join: ends } : {}),
  });
};

/** Two branches of which the first to end is enough; a call of the other may be in flight then. */
const raceFork: Block = (flow, _site, next) => {
  const hidden = { total: flow.variable(), depth: 2, alone: false };
  const first = timer(flow, hidden, undefined);
  const call = flow.random.pick([external, external, flaky, refused]);
  const second = call(flow, { ...hidden, total: flow.variable() }, undefined);
  return flow.add('parallel', next, {
    branches: [
      { name: 'time', start: first },
      { name: 'call', start: second },
    ],
    join: 'any',
  });
};

/** Writes, tells, fails, and takes it all back. */
const rollBack: Block = (flow, site, next) => {
  const failing = flow.add('action', next, {
    action: 'fail',
    input: { n: 1 },
    onFault: { next: flow.bump(site.total, 7, next), rollBack: true },
  });
  return timer(flow, site, mark(flow, site, note(flow, site, flow.bump(site.total, 50, failing))));
};

const undo: Block = (flow, { total }, next) => {
  const name = flow.name();
  return flow.put(name, 'compensate', flow.bump(total, { var: `${name}.undone` }, next), {});
};

const plain: readonly Block[] = [
  external,
  external,
  external,
  flaky,
  refused,
  fragile,
  broken,
  assign,
  count,
  count,
  mark,
  note,
  timer,
  timer,
  signal,
  signal,
  race,
  told,
  told,
  gate,
  ask,
];
const nesting: readonly Block[] = [decide, call, each, fork, fork, raceFork];
const alone: readonly Block[] = [rollBack, undo, undo];

const to = (next: string | undefined): { next?: string } => (next === undefined ? {} : { next });
