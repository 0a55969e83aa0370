// The engine of a server: its store, record types, actions and handlers put together. It begins to work when it is opened.
import type { Logger } from 'pino';
import {
  type Action,
  createActionRegistry,
  createElementRegistry,
  createEngine,
  type Engine,
  type EngineOptions,
  type FlowDefinition,
  type OutboxHandler,
  type Schema,
  type SchemaCompiler,
  standardElements,
  toFlowInterface,
  type ValidationContext,
} from '../../engine/index.js';
import type { Clock as EngineClock } from '../../engine/ports/clock.js';
import { Turns } from '../../engine/runtime/turns.js';
import { orderOfRecord } from '../../orders/aggregate/order-of-record.js';
import { caseRecordType } from '../../orders/cases/case-record-type.js';
import type { OpenDatabase } from '../../store/connect.js';
import { type OpenEngineStore, openEngineStore } from '../../store/engine-store.js';
import { bindOrders } from '../../store/order-binding.js';
import { bindCollection } from '../../store/record-binding.js';
import { permissions } from '../auth/permissions.js';
import type { Assignees } from './assignees.js';
import { readFlowFiles, syncFlowFiles } from './flow-files.js';
import { flowsDirectory } from './flows-directory.js';
import { type Calendars, readCalendars } from './calendars.js';
import { Admission } from '../request/admission.js';
import { newIds, systemRandom, wallClock } from './system-ports.js';

export interface EngineParts {
  readonly database: OpenDatabase;
  /** The engine's store, where it is open already. */
  readonly opened?: OpenEngineStore;
  /** Those of orders over the ports. */
  readonly actions: readonly Action[];
  /** The variables of each template, as JSON Schema. */
  readonly templateSchemas: () => Promise<ReadonlyMap<string, unknown>>;
  readonly mailHandler: OutboxHandler;
  /** Further takers of messages, by topic. */
  readonly handlers?: Readonly<Record<string, OutboxHandler>>;
  readonly log: Logger;
  /** Business calendars by name; those beside the flows if left out. */
  readonly calendars?: Calendars;
  readonly clock?: EngineClock;
  readonly refused?: EngineOptions['refused'];
  /** Whom flows can give work to; anybody if left out. */
  readonly assignees?: Assignees;
  readonly schemas?: SchemaCompiler;
  /** How often the engine looks for what other processes left. */
  readonly pollMs?: number;
}

export interface ServerEngine {
  readonly engine: Engine;
  /** Of starts over HTTP. */
  readonly admission: Admission;
  /** Absent where anybody can be given work. */
  readonly assignees?: Assignees;
  /** What flows are checked against now; `more` are to come with them. */
  validationContext(more?: readonly FlowDefinition[]): Promise<ValidationContext>;
  /**
   * Changes which versions are active, after those who change it now: what one has checked is so until it has acted. Other
   * processes on the same store are not waited for; whichever of them comes second is refused by the store.
   */
  changing<T>(work: () => Promise<T>): Promise<T>;
  /** Takes the flow files in. */
  syncFiles(directory?: string): Promise<void>;
}

/** Opens the engine's store with the record types of this server. */
export const openFlowStore = ({ connection, models }: OpenDatabase): Promise<OpenEngineStore> =>
  openEngineStore(connection, [bindOrders(models), bindCollection(caseRecordType, models.cases.collection)]);

export async function composeEngine({
  database,
  opened,
  actions: actionList,
  templateSchemas,
  mailHandler,
  handlers = {},
  log,
  calendars: given,
  clock = wallClock,
  schemas,
  pollMs,
  refused,
  assignees,
}: EngineParts): Promise<ServerEngine> {
  const { store, records } = opened ?? (await openFlowStore(database));
  const calendars = given ?? (await readCalendars(flowsDirectory()));
  const elements = createElementRegistry(standardElements);
  const actions = createActionRegistry(actionList);
  const engine = createEngine({
    store,
    records,
    elements,
    actions,
    calendars,
    clock,
    ids: newIds(),
    random: systemRandom,
    log,
    // A directory has a lock, and a store in memory nobody else.
    alone: database.kind !== 'mongodb',
    ...(schemas === undefined ? {} : { schemas }),
    ...(pollMs === undefined ? {} : { pollMs }),
    ...(refused === undefined ? {} : { refused }),
    ...(assignees === undefined ? {} : { assignees }),
    subjects: {
      async stateOf({ type, id }, record) {
        const found = type === 'order' ? await record() : undefined;
        if (found === undefined) return {};
        const [hold] = orderOfRecord(found.value).aggregate.ledger.holds;
        return {
          guard: { kind: 'touch', type, id, version: found.version },
          ...(hold === undefined ? {} : { hold: { reason: `${toWords(hold.kind)}: ${hold.reason}` } }),
        };
      },
    },
    handlers: { ...handlers, mail: mailHandler },
  });
  const validationContext = async (more: readonly FlowDefinition[] = []): Promise<ValidationContext> => {
    const active = await engine.versions.listActive();
    const registries = { elements, actions };
    return {
      ...toValidationContext(
        registries,
        records.types,
        [
          ...active.map(({ definition }) => definition),
          ...more.filter((flow) => isCallable(flow, registries)),
        ],
        await templateSchemas(),
        calendars,
      ),
      ...(schemas === undefined ? {} : { schemas }),
      ...(assignees === undefined ? {} : { assignees: await assignees.names() }),
    };
  };
  const turns = new Turns();
  const changing = <T>(work: () => Promise<T>): Promise<T> => turns.take('flows', work);
  return {
    engine,
    admission: new Admission(),
    ...(assignees === undefined ? {} : { assignees }),
    validationContext,
    changing,
    syncFiles: async (directory = flowsDirectory()) => {
      const files = await readFlowFiles(directory);
      await changing(() => syncFlowFiles(engine, files, validationContext, log));
    },
  };
}

/** What flows are checked against: what this server has, and the flows that may be called. */
export const toValidationContext = (
  registries: Pick<ValidationContext, 'elements' | 'actions'>,
  records: ValidationContext['records'],
  flows: readonly FlowDefinition[],
  templates: ReadonlyMap<string, unknown>,
  calendars: Calendars,
): ValidationContext => ({
  ...registries,
  records,
  flows: new Map(flows.map((flow) => [flow.name, toFlowInterface(flow, registries, true)])),
  templates: templates as ReadonlyMap<string, Schema>,
  permissions: new Set<string>(permissions),
  triggerPermissions: new Set(),
  calendars: new Set(Object.keys(calendars)),
});

/** A flow that is too wrong to be called is told of by its own check. */
function isCallable(
  flow: FlowDefinition,
  registries: Pick<ValidationContext, 'elements' | 'actions'>,
): boolean {
  try {
    toFlowInterface(flow, registries, true);
    return typeof flow.name === 'string';
  } catch {
    return false;
  }
}

const toWords = (kind: 'suspended' | 'alert'): string =>
  kind === 'suspended' ? 'The order is suspended' : 'The order has an alert';
