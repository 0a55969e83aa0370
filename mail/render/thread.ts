// The render thread: checks, compiles and renders templates, one request at a time. It is ended from outside when it takes
// too long or too much memory, so it keeps nothing that matters; it has no environment.
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { RecourseError } from '../../engine/errors/recourse-error.js';
import { mailErrors } from '../mail-errors.js';
import { mailLimits } from '../mail-limits.js';
import { type CheckedTemplate, checkTemplate } from './check-template.js';
import { compileTemplate, type PartRenderer } from './compile-template.js';
import { formatLocale } from './locale-chain.js';
import { RenderFault } from './render-fault.js';
import type { RenderAnswer, RenderBounds, RenderWork } from './requests.js';
import type { PartName, RenderedMail, TemplateFiles } from './template.js';
import { chooseLocale } from './template-files.js';
import { currentTask } from './thread-time.js';
import { toContext } from './variable-schema.js';

interface Known {
  readonly checked: CheckedTemplate;
  readonly parts: Map<string, Readonly<Record<PartName, PartRenderer>>>;
}

const bounds = workerData as RenderBounds;
const known = new Map<string, Known>();

function prepare(template: TemplateFiles): Known {
  const key = createHash('sha256').update(JSON.stringify(template)).digest('base64');
  const found = known.get(key);
  if (found !== undefined) return found;
  const { checked, problems } = checkTemplate(template);
  if (checked === undefined) {
    const [first] = problems;
    const place = first === undefined ? '' : `: ${first.file}:${first.line}:${first.column} ${first.detail}`;
    throw mailErrors.error('template-invalid', `the template ${template.name} has problems${place}`, {
      data: { templateProblems: problems },
    });
  }
  if (known.size >= mailLimits.compiledTemplatesMax) known.delete(known.keys().next().value as string);
  const entry: Known = { checked, parts: new Map() };
  known.set(key, entry);
  return entry;
}

function render(work: Extract<RenderWork, { kind: 'render' }>): RenderedMail {
  const { template } = work;
  const { checked, parts } = prepare(template);
  const locale = chooseLocale(template, checked.manifest, work.locale);
  const context = toContext(checked.manifest.variables, work.variables);
  let compiled = parts.get(locale);
  if (compiled === undefined) {
    compiled = compileTemplate(template, checked, locale);
    parts.set(locale, compiled);
  }
  const rules = { locale: formatLocale(work.locale, locale), timeZone: work.timeZone };
  const renderPart = (part: PartName): string => {
    const output = compiled[part](context, rules, { rounds: bounds.roundsMax, chars: bounds.outputCharsMax });
    if (output.length > bounds.outputCharsMax) {
      throw new RenderFault('output-too-large', `the ${part} has ${output.length} characters`, undefined);
    }
    return output;
  };
  try {
    const subject = toSubject(renderPart('subject'));
    return { subject, html: renderPart('html'), text: renderPart('text'), locale };
  } catch (error) {
    throw error instanceof RenderFault ? explain(error, template) : error;
  }
}

/** A subject is one line, whatever the values in it are. */
function toSubject(text: string): string {
  const subject = text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  if (subject.length > mailLimits.subjectCharsMax) {
    throw new RenderFault('output-too-large', `the subject has ${subject.length} characters`, undefined);
  }
  return subject;
}

function explain(fault: RenderFault, { name, files, partials }: TemplateFiles): RecourseError {
  const { what, at, file = 'template.json' } = fault;
  const source = file.startsWith('partials/') ? partials[file.slice('partials/'.length)] : files[file];
  const written =
    at === undefined
      ? undefined
      : /^\{?\{?[^}]*\}?\}?/.exec(source?.split('\n')[at.line - 1]?.slice(at.column) ?? '')?.[0];
  const place = at === undefined ? `${name}/${file}` : `${name}/${file}:${at.line}:${at.column + 1}`;
  const detail = fault.message || `${written ?? 'a variable'} has no value`;
  return mailErrors.error(what, `${detail} (${place})`, {
    data: {
      file,
      ...(at === undefined ? {} : { line: at.line, column: at.column + 1 }),
      ...(written === undefined ? {} : { written }),
    },
  });
}

function answer(work: RenderWork): RenderAnswer {
  try {
    if (work.kind === 'check') return { problems: checkTemplate(work.template).problems };
    return { mail: render(work) };
  } catch (error) {
    if (error instanceof RecourseError) {
      const { code, message: detail, problems, data } = error;
      return { failure: { code, detail, problems, data } };
    }
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { failure: { code: 'mail.render-failed', detail: detail.slice(0, 300), problems: [], data: {} } };
  }
}

/** What is slow the first time is done before anybody's time is counted. */
function warmUp(): void {
  const variables = {
    type: 'object',
    additionalProperties: false,
    required: ['day'],
    properties: { day: { type: 'string', format: 'date' } },
  };
  const sample = { day: '2000-01-01' };
  const source = '{{date day}}{{plural 1 other="#"}}';
  const manifest = { title: 'Warm', description: 'Warm.', defaultLocale: 'en', variables };
  const files = {
    'template.json': JSON.stringify(manifest),
    'sample.json': JSON.stringify(sample),
    'en/subject.hbs': source,
    'en/body.html.hbs': source,
    'en/body.text.hbs': source,
  };
  const template = { name: 'warm', files, partials: {} };
  render({ kind: 'render', template, locale: 'en', timeZone: 'UTC', variables: sample });
  known.clear();
}

parentPort?.on('message', (text: string) => {
  parentPort?.postMessage(JSON.stringify(answer(JSON.parse(text) as RenderWork)));
});
warmUp();
parentPort?.postMessage(currentTask());
