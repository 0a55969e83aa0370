// mongo-java-server in a process of its own, built with Maven on first use (test/java).
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Unavailable } from './unavailable.js';

const project = path.resolve('test/java');
const jar = path.join(project, 'target', 'wire-server-1.jar');
const libraries = path.join(project, 'target', 'lib');
const buildMsMax = 300_000;
const startMsMax = 30_000;

export interface JavaServer {
  readonly uri: string;
  /** Ends the process and waits for its end. */
  stop(): Promise<void>;
}

/**
 * Builds the server if its sources are newer than its jar, starts it on a free port of 127.0.0.1, in memory.
 *
 * @throws {Unavailable} if Java, Maven or the artifact is not to be had here.
 */
export async function startJavaServer(): Promise<JavaServer> {
  await build();
  const child = spawn(
    'java',
    [
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      `${jar}:${libraries}/*`,
      'WireServer',
      '0',
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const port = await portOf(child);
  return {
    uri: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    stop: () => stop(child),
  };
}

async function build(): Promise<void> {
  const sources = [path.join(project, 'pom.xml'), path.join(project, 'src/main/java/WireServer.java')];
  const isFresh =
    existsSync(jar) &&
    existsSync(libraries) &&
    sources.every((source) => statSync(source).mtimeMs <= statSync(jar).mtimeMs);
  if (isFresh) return;
  try {
    await promisify(execFile)(
      'mvn',
      ['-q', '-B', 'package', 'dependency:copy-dependencies', `-DoutputDirectory=${libraries}`],
      { cwd: project, timeout: buildMsMax },
    );
  } catch (error) {
    const { code, stdout } = error as { code?: unknown; stdout?: string };
    const why = code === 'ENOENT' ? 'mvn is not installed' : (stdout ?? '').split('\n').slice(0, 3).join(' ');
    throw new Unavailable(`mongo-java-server can't be built: ${why}`);
  }
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill();
      reject(new Error(`mongo-java-server did not listen within ${startMsMax} ms`));
    }, startMsMax);
    const settle = (act: () => void): void => {
      clearTimeout(late);
      act();
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      settle(() => reject(error.code === 'ENOENT' ? new Unavailable('java is not installed') : error)),
    );
    child.once('exit', (code) => settle(() => reject(new Error(`mongo-java-server ended with ${code}`))));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const port = /^listening on (\d+)$/.exec(line)?.[1];
      if (port !== undefined) settle(() => resolve(Number(port)));
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill();
  });
}
