// The payment simulator as tests use it: a process of its own on loopback, and its control.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LogLine } from '../../../orders/simulator/effect-log.js';
import type { CallKind, FaultKind } from '../../../orders/simulator/faults.js';
import { temporaryDirectory } from '../../support/temporary.js';

const main = fileURLToPath(new URL('../../../orders/simulator/main.js', import.meta.url));

export interface SimulatorParameters {
  readonly data?: string;
  readonly port?: number;
  readonly keyLifetimeMs?: number;
}

export class SimulatorProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly controlUrl: string;
  readonly data: string;

  private constructor(child: ChildProcess, url: string, controlUrl: string, data: string) {
    this.child = child;
    this.url = url;
    this.controlUrl = controlUrl;
    this.data = data;
  }

  static async start(parameters: SimulatorParameters = {}): Promise<SimulatorProcess> {
    const { data = join(temporaryDirectory('simulator'), 'log.jsonl'), port = 0, keyLifetimeMs } = parameters;
    const lifetime = keyLifetimeMs === undefined ? [] : ['--key-lifetime-ms', String(keyLifetimeMs)];
    const child = spawn(process.execPath, [main, '--port', String(port), '--data', data, ...lifetime], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    for await (const chunk of child.stdout!.setEncoding('utf8')) {
      said += chunk;
      const match = /ready at (\S+), control at (\S+)/.exec(said);
      if (match !== null) return new SimulatorProcess(child, match[1]!, match[2]!, data);
    }
    throw new Error(`the simulator did not start: ${said}`);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }

  async control(path: string, body: object = {}, method = 'POST'): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.controlUrl + path, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
  }

  fault(fault: FaultKind, call: CallKind | '*' = '*', more: object = {}): Promise<void> {
    return this.control('/faults', { fault, call, ...more });
  }

  /** Everything that was executed, oldest first. */
  async log(): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const response = await fetch(`${this.controlUrl}/log?after=${after}`);
      const page = (await response.json()) as { lines: LogLine[]; next: number | null };
      lines.push(...page.lines);
      after = page.next;
    }
    return lines;
  }

  /** What was done under a key. */
  async effects(key: string): Promise<LogLine[]> {
    return (await this.log()).filter((line) => line.key === key && line.effect !== undefined);
  }
}
