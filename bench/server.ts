// A real server with many orders, for benches over HTTP.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Copies, copiesOf } from '../orders/sample/copies.js';
import { insertMissing, readSampleRecords } from '../server/sample-data.js';
import { writeSetting } from '../server/settings.js';
import { openDatabase } from '../store/connect.js';

const cli = fileURLToPath(new URL('../server/cli.js', import.meta.url));

export interface Started {
  readonly url: string;
  /** Of an agent. */
  readonly token: string;
  tokenOf(name: string): Promise<string>;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Copies of one order that can be cancelled (`C1` …) and one that can be returned (`R1` …), half of each. */
export async function fillStore(dataDir: string, size: number): Promise<void> {
  const records = readSampleRecords();
  const database = await openDatabase({ kind: 'directory', dataDir });
  const { models } = database;
  await insertMissing(models.products, records.products);
  const patterns = { C: '11040', R: '11069' } as const;
  for (const [prefix, number] of Object.entries(patterns)) {
    for (let from = 1; from <= size / 2; from += 1_000) {
      const count = Math.min(1_000, size / 2 - from + 1);
      const numbers = Array.from({ length: count }, (_, at) => `${prefix}${from + at}`);
      const copies = copiesOf(records, number, numbers);
      for (const name of Object.keys(copies) as (keyof Copies)[])
        await insertMissing(models[name], copies[name]);
    }
  }
  await writeSetting(models, 'sample-data', 'loaded');
  await database.close();
}

export async function startServer(dataDir: string): Promise<Started> {
  const env = {
    ...process.env,
    DATA_DIR: dataDir,
    PORT: '0',
    HOST: '',
    LOG_LEVEL: 'error',
    MONGODB_URI: '',
    REQUESTS_PER_MINUTE: '1000000',
  };
  const child = spawn(process.execPath, [...process.execArgv, cli, 'serve'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let url: string | undefined;
  while (url === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (child.exitCode !== null) throw new Error('the server did not start');
    url = /ready at (http\S+)/.exec(said)?.[1];
  }
  const users = JSON.parse(readFileSync(join(dataDir, 'demo-users.json'), 'utf8')) as {
    username: string;
    password: string;
  }[];
  const tokenOf = async (name: string): Promise<string> => {
    const { username, password } = users.find((user) => user.username === name)!;
    const response = await fetch(`${url}/api/v1/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    return ((await response.json()) as { token: string }).token;
  };
  return {
    url,
    token: await tokenOf('agent'),
    tokenOf,
    pid: child.pid!,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
