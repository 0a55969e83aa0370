// What shells and tools ask before anything else: answered with what is true of this server, and no more.
import os from 'node:os';
import { unsupported } from '../../errors.js';
import type { Call, Command, Reply } from '../command.js';

/** The MongoDB version whose answers clients may expect. */
const version = '7.0.0';

/** Says in every answer about the server what it is. */
export const serverName = "Recourse's embedded store over the MongoDB wire protocol; not MongoDB";

async function buildInfo(): Promise<Reply> {
  return {
    version,
    versionArray: version.split('.').map(Number).concat(0),
    gitVersion: 'none',
    server: serverName,
    modules: [],
    javascriptEngine: 'none',
    storageEngines: ['recourse-embedded'],
    bits: 64,
    debug: false,
    maxBsonObjectSize: 16 * 1024 * 1024,
  };
}

async function hostInfo(): Promise<Reply> {
  return {
    system: {
      currentTime: new Date(),
      hostname: os.hostname(),
      cpuArch: os.arch(),
      numCores: os.availableParallelism(),
      memSizeMB: Math.round(os.totalmem() / 2 ** 20),
    },
    os: { type: os.type(), name: os.platform(), version: os.release() },
    extra: { server: serverName },
  };
}

async function serverStatus({ serving }: Call): Promise<Reply> {
  const { batches, submissions } = serving.store.stats;
  return {
    host: serving.address,
    version,
    process: 'recourse',
    server: serverName,
    pid: process.pid,
    uptime: Math.floor((Date.now() - serving.startedAt.getTime()) / 1000),
    localTime: new Date(),
    connections: { current: serving.connectionCount(), available: serving.limits.connectionsMax },
    metrics: { cursor: { open: { total: serving.cursors.size } } },
    transactions: { currentOpen: serving.sessions.openTransactions },
    recourse: { flushes: batches, submissions },
  };
}

async function getParameter({ body }: Call): Promise<Reply> {
  if (body['featureCompatibilityVersion'] !== undefined || body['getParameter'] === '*') {
    return { featureCompatibilityVersion: { version: '7.0' } };
  }
  throw unsupported('getParameter of anything but featureCompatibilityVersion');
}

async function getLog({ body }: Call): Promise<Reply> {
  if (body['getLog'] === '*') return { names: ['startupWarnings'] };
  if (body['getLog'] !== 'startupWarnings') throw unsupported(`getLog ${JSON.stringify(body['getLog'])}`);
  const line = {
    t: { $date: new Date().toISOString() },
    s: 'W',
    c: 'CONTROL',
    id: 1,
    ctx: 'initandlisten',
    msg: `This is ${serverName}. It listens on loopback only and has no authentication.`,
    tags: ['startupWarnings'],
  };
  return { totalLinesWritten: 1, log: [JSON.stringify(line)] };
}

export const diagnosticCommands: readonly Command[] = [
  { names: ['buildInfo', 'buildinfo'], options: [], run: buildInfo },
  { names: ['hostInfo'], options: [], run: hostInfo },
  { names: ['serverStatus'], options: [], run: serverStatus },
  {
    names: ['getParameter'],
    options: ['featureCompatibilityVersion', 'allParameters', 'showDetails'],
    run: getParameter,
  },
  { names: ['getLog'], options: [], run: getLog },
  {
    names: ['getCmdLineOpts'],
    options: [],
    run: async () => ({ argv: ['recourse'], parsed: {} }),
  },
  {
    names: ['connectionStatus'],
    options: ['showPrivileges'],
    run: async () => ({
      authInfo: { authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] },
    }),
  },
];
