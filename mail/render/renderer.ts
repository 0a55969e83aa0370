// Renders mails in a thread with limits on time and memory. One request at a time; a thread that goes over is ended and
// replaced, and the next request never notices.
import { Worker } from 'node:worker_threads';
import type { Problem, RecourseError } from '../../engine/errors/recourse-error.js';
import { mailErrors } from '../mail-errors.js';
import { mailLimits } from '../mail-limits.js';
import type { RenderAnswer, RenderBounds, RenderFailure, RenderWork } from './requests.js';
import type { RenderedMail, TemplateFiles } from './template.js';
import type { TemplateProblem } from './template-problem.js';
import { processorMs } from './thread-time.js';

export interface RenderRequest {
  readonly template: TemplateFiles;
  /** BCP 47, the order's: `de-CH` falls back to `de`, then to the template's default. */
  readonly locale: string;
  /** IANA name, in which instants are shown. @defaultValue `UTC` */
  readonly timeZone?: string;
  /** Plain JSON. */
  readonly variables: unknown;
}

export interface RendererOptions extends Partial<RenderBounds> {
  readonly renderMsMax?: number;
  readonly heapMbMax?: number;
}

/** A thread that worked for this share of its time was not kept waiting: the rest is rounding and start. */
const workShare = 0.9;
const lookAgainMs = 50;

interface Job {
  readonly text: string;
  settle(answer: RenderAnswer): void;
  fail(error: RecourseError): void;
}

export class MailRenderer {
  readonly #options: Required<RendererOptions>;
  readonly #waiting: Job[] = [];
  #worker: Worker | undefined;
  #isReady = false;
  /** Names the thread to `processorMs`. */
  #task = '';
  #running: Job | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #replaced = 0;

  constructor(options: RendererOptions = {}) {
    this.#options = {
      renderMsMax: mailLimits.renderMsMax,
      heapMbMax: mailLimits.workerHeapMbMax,
      roundsMax: mailLimits.roundsMax,
      outputCharsMax: mailLimits.outputCharsMax,
      ...options,
    };
  }

  /** How often a thread was ended because it went over a limit. */
  get replaced(): number {
    return this.#replaced;
  }

  /**
   * A mail as it will arrive: from the template's parts for the locale, with the variables.
   *
   * @throws {RecourseError} `mail.template-invalid` (its `data.templateProblems` are the problems), `mail.variables-invalid`,
   * `mail.variable-missing`, `mail.value-refused`, `mail.output-too-large`, `mail.render-over-time`,
   * `mail.render-over-memory`, `mail.render-busy`, `mail.render-failed`
   */
  async render({ template, locale, timeZone = 'UTC', variables }: RenderRequest): Promise<RenderedMail> {
    const plain = toPlain(variables);
    const answer = await this.#ask({
      kind: 'render',
      template: toFiles(template),
      locale,
      timeZone: isTimeZone(timeZone) ? timeZone : 'UTC',
      variables: plain,
    });
    if ('mail' in answer) return answer.mail;
    throw toError('failure' in answer ? answer.failure : undefined);
  }

  /**
   * Everything that is wrong with a template, by file and place; none means that it can be rendered with any variables
   * that its schema accepts.
   *
   * @throws {RecourseError} `mail.render-over-time`, `mail.render-over-memory`, `mail.render-busy`, `mail.render-failed`
   */
  async validate(template: TemplateFiles): Promise<readonly TemplateProblem[]> {
    const answer = await this.#ask({ kind: 'check', template: toFiles(template) });
    if ('problems' in answer) return answer.problems;
    throw toError('failure' in answer ? answer.failure : undefined);
  }

  /** Ends the thread; what waits is refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const gone = mailErrors.error('render-busy', 'the renderer is closed');
    for (const job of this.#waiting.splice(0)) job.fail(gone);
    this.#running?.fail(gone);
    this.#running = undefined;
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #ask(work: RenderWork): Promise<RenderAnswer> {
    return new Promise((settle, fail) => {
      if (this.#isClosed || this.#waiting.length >= mailLimits.waitingMax) {
        return fail(mailErrors.error('render-busy', `${this.#waiting.length} mails wait to be rendered`));
      }
      this.#waiting.push({ text: JSON.stringify(work), settle, fail });
      this.#next();
    });
  }

  #next(): void {
    if (this.#isClosed || this.#running !== undefined || this.#waiting.length === 0) return;
    this.#worker ??= this.#start();
    this.#worker.ref();
    if (!this.#isReady) return;
    const job = this.#waiting.shift()!;
    this.#running = job;
    this.#watch(performance.now(), processorMs(this.#task));
    this.#worker.postMessage(job.text);
  }

  /** Ends the thread when it has worked for too long; while it is only kept waiting for its turn, it is given more time. */
  #watch(since: number, usedBefore: number | undefined): void {
    const { renderMsMax } = this.#options;
    this.#timer = setTimeout(() => {
      const used = processorMs(this.#task);
      const worked = used === undefined || usedBefore === undefined ? renderMsMax : used - usedBefore;
      const waited = performance.now() - since;
      if (worked < renderMsMax * workShare && waited < Math.max(renderMsMax, mailLimits.renderWallMsMax)) {
        this.#watch(since, usedBefore);
        return;
      }
      this.#replace(mailErrors.error('render-over-time', `rendering took more than ${renderMsMax} ms`));
    }, this.#nextLook(since));
  }

  /** The first look is when the time is over by the clock; from then on often. */
  #nextLook(since: number): number {
    const left = this.#options.renderMsMax - (performance.now() - since);
    return left > 0 ? left : lookAgainMs;
  }

  #start(): Worker {
    const { heapMbMax, roundsMax, outputCharsMax } = this.#options;
    const worker = new Worker(new URL('./thread.js', import.meta.url), {
      workerData: { roundsMax, outputCharsMax } satisfies RenderBounds,
      env: {},
      resourceLimits: {
        maxOldGenerationSizeMb: heapMbMax,
        maxYoungGenerationSizeMb: 16,
        stackSizeMb: mailLimits.workerStackMb,
      },
    });
    this.#isReady = false;
    this.#timer = setTimeout(() => {
      this.#replace(mailErrors.error('render-failed', 'the render thread did not start'));
    }, mailLimits.workerStartMsMax);
    worker.on('message', (text: string) => {
      if (worker !== this.#worker) return;
      clearTimeout(this.#timer);
      // The first message only says which thread it is.
      if (!this.#isReady) this.#task = text;
      const job = this.#running;
      this.#running = undefined;
      this.#isReady = true;
      // Idle, it keeps no process from ending.
      worker.unref();
      job?.settle(JSON.parse(text) as RenderAnswer);
      this.#next();
    });
    worker.on('error', (error: Error & { code?: string }) => {
      if (worker !== this.#worker) return;
      this.#replace(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? mailErrors.error('render-over-memory', `rendering took more than ${heapMbMax} MB`)
          : mailErrors.error('render-failed', 'the render thread failed', { cause: error }),
      );
    });
    worker.on('exit', () => {
      if (worker === this.#worker)
        this.#replace(mailErrors.error('render-failed', 'the render thread ended'));
    });
    return worker;
  }

  #replace(reason: RecourseError): void {
    clearTimeout(this.#timer);
    const ended = this.#worker;
    const wasReady = this.#isReady;
    this.#worker = undefined;
    this.#isReady = false;
    this.#replaced += 1;
    void ended?.terminate();
    // A thread that can't even start would be started for ever: whoever waits is told.
    const failed = wasReady ? [this.#running] : [this.#running, ...this.#waiting.splice(0)];
    this.#running = undefined;
    for (const job of failed) job?.fail(reason);
    if (this.#isClosed) return;
    if (!wasReady) return;
    this.#worker = this.#start();
    this.#worker.unref();
    this.#next();
  }
}

/** Strings only: a source that is anything else never reaches the thread. */
function toFiles({ name, files, partials }: TemplateFiles): TemplateFiles {
  const total = [files, partials].map((group) => {
    const values: unknown[] = Object.values(group);
    if (!values.every((value) => typeof value === 'string')) {
      throw mailErrors.error('template-invalid', 'the sources of a template are strings');
    }
    return values.length;
  });
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,59}$/.test(name)) {
    throw mailErrors.error(
      'template-invalid',
      'the name of a template is made of small letters, digits and hyphens',
    );
  }
  if (total[0]! > mailLimits.filesPerTemplateMax || total[1]! > mailLimits.partialsMax) {
    throw mailErrors.error('template-invalid', 'the template has too many files');
  }
  // A file that is far too large is not even sent; one that is a little too large is told with its name.
  const cut = (group: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(group).map(([path, source]) => [path, source.slice(0, mailLimits.sourceBytesMax + 1)]),
    );
  return { name, files: cut(files), partials: cut(partials) };
}

function toPlain(variables: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(variables);
  } catch (error) {
    throw mailErrors.error('variables-invalid', 'the variables are not plain JSON', { cause: error });
  }
  if (text === undefined || Buffer.byteLength(text) > mailLimits.variablesBytesMax) {
    const detail = `the variables are not JSON of at most ${mailLimits.variablesBytesMax} bytes`;
    throw mailErrors.error('variables-invalid', detail);
  }
  return JSON.parse(text);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function toError(failure: RenderFailure | undefined): RecourseError {
  const {
    code = 'mail.render-failed',
    detail = 'the render thread gave no answer',
    problems = [],
    data = {},
  } = failure ?? {};
  const what = code.replace(/^mail\./, '') as Parameters<typeof mailErrors.error>[0];
  const isKnown = Object.hasOwn(mailErrors.entries, `mail.${what}`);
  return mailErrors.error(isKnown ? what : 'render-failed', detail, {
    problems: problems as readonly Problem[],
    data,
  });
}
