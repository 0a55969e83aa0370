// Clients and operators of the kill test, who ask again until they have an answer, whoever is killed meanwhile.
import assert from 'node:assert/strict';
import { SeededRandom } from '../../simulation/seeded-random.js';
import { temporaryDirectory } from '../../support/temporary.js';
import { inner, mixed } from './kill-flows.js';
import { type Answer, Life } from './kill-life.js';
import { KillProvider } from './kill-provider.js';

/** As long as a client may have to ask until all has come to its end. */
const endMsMax = 60_000;

interface Stopped {
  readonly run: string;
  readonly kind: string;
  readonly effect?: string;
  readonly action?: string;
  readonly error: unknown;
}

interface Request {
  readonly body: object;
  /** Codes by which a repetition learns that the first try was enough. */
  readonly doneBy: readonly string[];
  readonly afterwards?: () => void;
}

export interface Outcome {
  readonly runs: readonly { readonly id: string; readonly status: string }[];
  readonly records: readonly unknown[];
  /** Of calls, as the journals tell them. */
  readonly outcomes: readonly string[];
}

export class KillPlay {
  readonly provider: KillProvider;
  readonly #directory = temporaryDirectory('engine-kill');
  readonly #epoch = Date.now();
  readonly #random: SeededRandom;
  readonly #runsMax: number;
  #url = '';
  #life!: Life;
  #next: Life | undefined;
  #unanswered: Request[] = [];
  readonly #asking = new Set<Promise<void>>();
  readonly #resolved = new Set<string>();
  #runs = 0;
  /** Kills while a call was on its way. */
  duringCalls = 0;
  /** Kills while a call, or a request of a client, was on its way. */
  duringWork = 0;
  /** Runs that had more lives cut short in one segment than a worker may lose to one run: to the engine it looks as if they did it. */
  blamed = 0;
  /** Calls that were in doubt, by action. */
  readonly doubts: Record<string, number> = {};

  constructor(seed: number, kills: number) {
    this.#random = new SeededRandom(seed, 1);
    const answers = new SeededRandom(seed, 2);
    this.provider = new KillProvider(() => answers.next());
    this.#runsMax = kills;
  }

  /** Starts runs and kills whoever works on them, that many times; the last life comes to the end of all. */
  async play(kills: number): Promise<Outcome> {
    this.#url = await this.provider.listen();
    this.#next = this.#load();
    try {
      await this.#begin(kills > 0);
      const records = Array.from({ length: this.#runsMax }, (_, run) => toRunId(run));
      await this.#life.ask({ ask: 'prepare', flows: [inner, mixed], records });
      for (let left = kills; left > 0; left -= 1) await this.#round(left > 1);
      while (this.#runs < this.#runsMax) await this.#startRun();
      for (const until = Date.now() + endMsMax; ; ) {
        await this.#resolve();
        if (this.#asking.size === 0 && (await this.#life.ask({ ask: 'open' })).answer === 0) break;
        assert.ok(
          Date.now() < until,
          `not over: ${JSON.stringify(await this.#life.ask({ ask: 'incidents' }))}`,
        );
        await pause(50);
      }
      return (await this.#life.ask({ ask: 'end' })).answer as Outcome;
    } finally {
      this.provider.close();
      await Promise.all([this.#life, this.#next].map((life) => life?.kill()));
    }
  }

  async #round(another: boolean): Promise<void> {
    await this.#resolve();
    // From the first acknowledgement on, or a slow machine would be killed before it does anything.
    await this.#startRun();
    await pause(this.#random.between(5, 400));
    if (this.provider.open > 0) this.duringCalls += 1;
    if (this.provider.open > 0 || this.#life.asking > 0) this.duringWork += 1;
    await this.#life.kill();
    await Promise.all(this.#asking);
    await this.#begin(another);
  }

  #load(): Life {
    return new Life(this.#url, this.#epoch);
  }

  /** The next process has loaded while the last one worked. */
  async #begin(another: boolean): Promise<void> {
    this.#life = this.#next ?? this.#load();
    this.#next = another ? this.#load() : undefined;
    await this.#life.open(this.#directory);
    for (const request of this.#unanswered.splice(0)) void this.#send(request);
  }

  async #startRun(): Promise<void> {
    const run = toRunId(this.#runs);
    this.#runs += 1;
    const signal = { ask: 'signal', run, signal: 'go', id: `${run}:go` };
    await this.#send({
      body: { ask: 'start', flow: 'mixed', run },
      doneBy: ['run.exists'],
      afterwards: () => void this.#send({ body: signal, doneBy: ['run.ended'] }),
    });
  }

  /** Until it is answered, or nobody is there any more who could. */
  #send(request: Request): Promise<void> {
    const asked = this.#life.ask(request.body).then(({ code }) => {
      this.#asking.delete(asked);
      if (code === 'killed') this.#unanswered.push(request);
      else {
        assert.ok(
          code === undefined || request.doneBy.includes(code),
          `${JSON.stringify(request.body)}: ${code}`,
        );
        request.afterwards?.();
      }
    });
    this.#asking.add(asked);
    return asked;
  }

  /** Does what an operator does: tries again whom the kills were blamed on; asks the other side, and says whether it happened. */
  async #resolve(): Promise<void> {
    const { answer = [] } = await this.#life.ask({ ask: 'incidents' });
    for (const { run, kind, effect = '', action = '', error } of answer as readonly Stopped[]) {
      if (kind === 'poison') {
        this.blamed += 1;
        const { code }: Answer = await this.#life.ask({ ask: 'retry', run });
        assert.ok([undefined, 'killed', 'run.operation-refused'].includes(code), `${run}: ${code}`);
        continue;
      }
      assert.equal(kind, 'inDoubt', `${run}: ${JSON.stringify(error)}`);
      if (!this.#resolved.has(effect)) this.doubts[action] = (this.doubts[action] ?? 0) + 1;
      this.#resolved.add(effect);
      const output = this.provider.answerTo(action, effect);
      const { code }: Answer = await this.#life.ask({
        ask: 'resolve',
        run,
        effect,
        ...(output === undefined ? {} : { output }),
      });
      assert.ok([undefined, 'killed', 'run.operation-refused'].includes(code), `${effect}: ${code}`);
    }
  }
}

const toRunId = (run: number): string => `r${String(run).padStart(5, '0')}`;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
