// Flow files: read from flows/<name>/flow.json, and taken into the store as design decisions say. At run time the store is
// the truth; a file becomes active by itself only where the active version came from that file's earlier state.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import {
  type Engine,
  type FlowProblem,
  type RunUser,
  systemPermission,
  systemReasonOf,
  toContentHash,
  type ValidationContext,
  validateFlow,
} from '../../engine/index.js';
import type { FlowVersion } from '../../engine/ports/engine-store.js';
import { serverErrors } from '../server-errors.js';

export interface FlowFile {
  readonly name: string;
  /** From the flows directory, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** What became of a file. */
export type FileOutcome =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'activated'; readonly version: number }
  /** Saved as a draft; the active version was edited in the store, or came from elsewhere. */
  | { readonly kind: 'diverged'; readonly version: number; readonly active: number }
  | { readonly kind: 'invalid'; readonly problems: readonly FlowProblem[] };

/** Whoever puts flows beside the program answers for them, as for the program. */
const fromFiles: RunUser = { id: 'files', permissions: [systemPermission] };
const sourceOf = (text: string): string => `file:${createHash('sha256').update(text).digest('hex')}`;

/**
 * The flow files of a directory, by name; a directory without a flow.json is passed over.
 *
 * @throws {RecourseError} `server.unknown-flow-file` if there is no such directory
 */
export async function readFlowFiles(directory: string): Promise<FlowFile[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw serverErrors.error('unknown-flow-file', `${directory} is no directory that can be read`, { cause });
  });
  const files: FlowFile[] = [];
  for (const { name } of entries.filter((entry) => entry.isDirectory()).sort(byName)) {
    const path = join(directory, name, 'flow.json');
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text !== undefined) files.push({ name, path: `${name}/flow.json`, text });
  }
  return files;
}

/**
 * Those of the names; all if there are none.
 *
 * @throws {RecourseError} `server.unknown-flow-file`
 */
export function chosenFlowFiles(files: readonly FlowFile[], names: readonly string[]): readonly FlowFile[] {
  const missing = names.find((name) => !files.some((file) => file.name === name));
  if (missing !== undefined) {
    const known = files.map(({ name }) => name).join(', ');
    throw serverErrors.error(
      'unknown-flow-file',
      `there is no flow file of ${JSON.stringify(missing)}, only of ${known}`,
    );
  }
  return names.length === 0 ? files : files.filter(({ name }) => names.includes(name));
}

const byName = (left: { name: string }, right: { name: string }): number => (left.name < right.name ? -1 : 1);

/** Takes files into the store; those that call others are taken after them. */
export async function syncFlowFiles(
  engine: Engine,
  files: readonly FlowFile[],
  contextOf: () => Promise<ValidationContext>,
  log: Logger,
): Promise<ReadonlyMap<string, FileOutcome>> {
  const outcomes = new Map<string, FileOutcome>();
  const known = await engine.versions.list();
  let context: ValidationContext | undefined;
  for (const file of inCallOrder(files)) {
    const own = known.filter(({ name }) => name === file.name);
    if (isKnown(file, own)) {
      outcomes.set(file.name, { kind: 'unchanged' });
      continue;
    }
    context ??= await contextOf();
    const outcome = await syncFlowFile(engine, file, own, context);
    outcomes.set(file.name, outcome);
    // What follows may call the version that is active now.
    if (outcome.kind === 'activated') context = undefined;
  }
  for (const [name, outcome] of outcomes) tell(log, name, outcome);
  return outcomes;
}

/** Whether the store has had the file, as it is, at work: then it is nobody's news. */
function isKnown({ text }: FlowFile, versions: readonly FlowVersion[]): boolean {
  const source = sourceOf(text);
  return versions.some(
    (version) => version.source === source && version.status !== 'draft' && !lacksAnswer(version),
  );
}

/** An active version in system mode that nobody answers for: the file does, where it says the same. */
const lacksAnswer = ({ status, definition, activated }: FlowVersion): boolean =>
  status === 'active' && activated === undefined && systemReasonOf(definition) !== undefined;

/** Files after those that they call; of a circle in any order. */
function inCallOrder(files: readonly FlowFile[]): FlowFile[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const ordered = new Set<FlowFile>();
  const visit = (file: FlowFile, above: readonly string[]): void => {
    if (ordered.has(file) || above.includes(file.name)) return;
    for (const called of calledBy(file.text)) {
      const other = byName.get(called);
      if (other !== undefined) visit(other, [...above, file.name]);
    }
    ordered.add(file);
  };
  for (const file of files) visit(file, []);
  return [...ordered];
}

/** The flows that a file names; what is no JSON names none. */
function calledBy(text: string): string[] {
  try {
    const { elements = {} } = JSON.parse(text) as { elements?: Record<string, { flow?: unknown } | null> };
    return Object.values(elements).flatMap((element) =>
      typeof element?.flow === 'string' ? [element.flow] : [],
    );
  } catch {
    return [];
  }
}

async function syncFlowFile(
  engine: Engine,
  file: FlowFile,
  known: readonly FlowVersion[],
  context: ValidationContext,
): Promise<FileOutcome> {
  const { versions } = engine;
  const { problems, definition } = validateFlow(file.text, context);
  if (definition === undefined) return { kind: 'invalid', problems };
  if (definition.name !== file.name) {
    return { kind: 'invalid', problems: [toNameProblem(file, definition.name)] };
  }
  const active = known.find(({ status }) => status === 'active');
  const same = known.find(({ hash }) => hash === toContentHash(definition));
  if (same !== undefined && same.status !== 'draft' && !lacksAnswer(same)) return { kind: 'unchanged' };
  const saved = same ?? (await versions.save(definition, fromFiles.id, sourceOf(file.text)));
  if (active === undefined || active === same || isFromFile(active)) {
    await versions.activate(file.name, saved.version, active?.version ?? 0, fromFiles, { validated: true });
    return { kind: 'activated', version: saved.version };
  }
  return { kind: 'diverged', version: saved.version, active: active.version };
}

const isFromFile = ({ source }: FlowVersion): boolean => source?.startsWith('file:') === true;

function toNameProblem({ name }: FlowFile, found: string): FlowProblem {
  return {
    code: 'flow.name-differs',
    severity: 'error',
    pointer: '/name',
    line: 1,
    column: 1,
    detail: `the flow is called ${found}, and its directory ${name}`,
    expected: name,
    docs: 'docs/flow-problems.md',
  };
}

function tell(log: Logger, flow: string, outcome: FileOutcome): void {
  if (outcome.kind === 'activated') log.info({ flow, version: outcome.version }, 'a flow file was activated');
  if (outcome.kind === 'diverged') {
    log.warn(
      { flow, draft: outcome.version, active: outcome.active },
      'the active version was edited here: the file was saved as a draft and changes nothing',
    );
  }
  if (outcome.kind === 'invalid') {
    const shown = outcome.problems
      .slice(0, 5)
      .map(({ line, column, code, detail }) => `flows/${flow}/flow.json:${line}:${column} ${code} ${detail}`);
    log.error({ flow, problems: shown }, 'a flow file is not valid and was left alone');
  }
}
