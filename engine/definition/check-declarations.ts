// Whether what a flow declares beside its elements is sound: names, types, defaults, trigger.
import { Cron } from 'croner';
import { toZone } from '../calendar/instant.js';
import type { CompileWork } from '../compile/compile-work.js';
import type { CompileProblem } from '../elements/element.js';
import { didYouMean, Suggestions } from '../expressions/did-you-mean.js';
import type { RecordType } from '../ports/records.js';
import type { FlowDefinition } from './flow.js';
import { isBeforeSave } from './record-target.js';
import { isTyped } from './schema-path.js';

type Report = (problem: CompileProblem & { readonly at?: 'key' | 'value' }) => void;

interface Context {
  readonly records: ReadonlyMap<string, RecordType>;
  readonly permissions?: ReadonlySet<string>;
}

const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));
/** Names that expressions have for something else inside `reduce`. */
const taken = new Set(['current', 'accumulator']);
const sharing = ['variables', 'constants', 'formulas', 'texts', 'elements'] as const;

export function checkDeclarations(
  definition: FlowDefinition,
  ghosts: ReadonlySet<string>,
  work: CompileWork,
  context: Context,
  report: Report,
): void {
  checkNames(definition, report);
  checkVariables(definition, work, report);
  checkGiven(definition, report);
  for (const [name, { schema }] of Object.entries(definition.signals ?? {})) {
    work.schema(schema, `/signals/${name}/schema`);
  }
  checkZone(definition.timeZone, '/timeZone', report);
  checkStages(definition, report);
  checkMode(definition, report);
  checkRunLabel(definition, report);
  if (!ghosts.has('$record')) checkTrigger(definition, context, report);
  for (const [name, choice] of Object.entries(definition.choices ?? {})) {
    if ('record' in choice) checkRecord(choice.record, `/choices/${name}/record`, context, report);
  }
}

function checkMode({ mode, start: { trigger } }: FlowDefinition, report: Report): void {
  if (typeof mode !== 'object') return;
  const isOpen = trigger.type === 'action' && trigger.permission === undefined;
  report({
    code: 'flow.system-mode',
    pointer: '/mode/system',
    at: 'key',
    detail: isOpen
      ? 'the flow acts with all rights, and everybody who is signed in may start it'
      : 'the flow acts with all rights',
    expected: isOpen
      ? 'the rights of its user, or a trigger with a permission'
      : 'the rights of its user, unless they are not enough',
  });
}

function checkRunLabel({ runLabel, start: { trigger } }: FlowDefinition, report: Report): void {
  if (runLabel === undefined || !isBeforeSave(trigger)) return;
  report({
    code: 'flow.property-useless',
    pointer: '/runLabel',
    detail: 'before a save there is no run of its own that could be listed',
    expected: 'a flow that is started or runs after the save, or no runLabel',
  });
}

function checkStages({ stages = [], elements }: FlowDefinition, report: Report): void {
  const names = new Set<string>();
  for (const [index, { name }] of stages.entries()) {
    if (names.has(name)) {
      report({
        code: 'flow.name-taken',
        pointer: `/stages/${index}/name`,
        detail: `there is a stage ${JSON.stringify(name)} already`,
        expected: 'a name that no other stage has',
      });
    }
    names.add(name);
  }
  const suggestions = new Suggestions();
  for (const [name, { stage }] of Object.entries(elements)) {
    if (stage !== undefined)
      checkKnown('flow.stage-unknown', 'stage', stage, names, `/elements/${name}/stage`, report, suggestions);
  }
}

function checkNames(definition: FlowDefinition, report: Report): void {
  const first = new Map<string, string>();
  for (const section of [...sharing, 'choices', 'signals'] as const) {
    for (const name of Object.keys(definition[section] ?? {})) {
      const pointer = `/${section}/${name}`;
      if (inherited.has(name) || taken.has(name)) {
        report({
          code: 'flow.name-reserved',
          pointer,
          at: 'key',
          detail: `${JSON.stringify(name)} means something else already`,
          expected: 'another name',
        });
      }
      if (section === 'choices' || section === 'signals') continue;
      const other = first.get(name);
      if (other === undefined) {
        first.set(name, section);
        continue;
      }
      report({
        code: 'flow.name-taken',
        pointer,
        at: 'key',
        detail: `there is ${JSON.stringify(name)} among the ${other} already`,
        expected: 'a name that no variable, constant, formula, text or element has',
      });
    }
  }
}

function checkVariables({ variables = {} }: FlowDefinition, work: CompileWork, report: Report): void {
  for (const [name, variable] of Object.entries(variables)) {
    const at = `/variables/${name}`;
    const check = work.schema(variable.schema, `${at}/schema`);
    if (!isTyped(variable.schema)) {
      report({
        code: 'flow.variable-untyped',
        pointer: `${at}/schema`,
        detail: `the schema does not say what ${name} is`,
        expected: '"type", or another keyword that fixes it',
      });
    }
    if (variable.default === undefined) continue;
    for (const { pointer, detail } of check(variable.default)) {
      report({
        code: 'flow.default-invalid',
        pointer: `${at}/default${pointer}`,
        detail: `the default ${detail}`,
        expected: 'a value that the schema of the variable allows',
      });
    }
  }
}

/** Of a flow before a save the same is said among all that it can't do. */
function checkGiven({ start: { trigger }, variables = {} }: FlowDefinition, report: Report): void {
  if ((trigger.type !== 'schedule' && trigger.type !== 'recordChange') || isBeforeSave(trigger)) return;
  for (const [name, variable] of Object.entries(variables)) {
    if (variable.input !== true || variable.default !== undefined) continue;
    report({
      code: 'flow.input-not-given',
      pointer: `/variables/${name}/input`,
      detail: `nobody gives ${name} when the flow starts by itself`,
      expected: 'a default, or a variable that is no input',
    });
  }
}

function checkTrigger({ start: { trigger } }: FlowDefinition, context: Context, report: Report): void {
  const at = '/start/trigger';
  if ('record' in trigger && trigger.record !== undefined) {
    checkRecord(trigger.record, `${at}/record`, context, report);
  }
  if (trigger.type === 'action' && trigger.permission !== undefined && context.permissions !== undefined) {
    checkKnown(
      'flow.permission-unknown',
      'permission',
      trigger.permission,
      context.permissions,
      `${at}/permission`,
      report,
    );
  }
  if (trigger.type === 'recordChange' && trigger.order !== undefined && !isBeforeSave(trigger)) {
    report({
      code: 'flow.property-useless',
      pointer: `${at}/order`,
      detail: 'after a save each flow is a run of its own, and none waits for another',
      expected: '"before": true, or no order',
    });
  }
  if (trigger.type !== 'schedule') return;
  checkZone(trigger.timeZone, `${at}/timeZone`, report);
  checkCron(trigger.cron, `${at}/cron`, report);
}

const cronFields = ['minute', 'hour', 'day of the month', 'month', 'day of the week'] as const;

function checkCron(cron: string, pointer: string, report: Report): void {
  const pattern = toPattern(cron);
  if (pattern === undefined) {
    report({
      code: 'flow.cron-invalid',
      pointer,
      detail: cronProblem(cron),
      expected: 'minute, hour, day of the month, month and day of the week, such as 0 6 * * 1-5',
    });
    return;
  }
  // A pattern names no year: what comes at all comes after any instant.
  if (pattern.nextRun(new Date(0)) !== null) return;
  report({
    code: 'flow.schedule-never',
    pointer,
    detail: `${JSON.stringify(cron)} never comes`,
    expected: 'a day that there is in a month',
  });
}

/** Which of the fields is wrong: each is tried among others that are right. */
function cronProblem(cron: string): string {
  const parts = cron.trim().split(/\s+/);
  if (parts.length !== cronFields.length) return `${JSON.stringify(cron)} has not five fields`;
  const wrong = parts.findIndex(
    (part, at) => toPattern(cronFields.map((_, n) => (n === at ? part : '*')).join(' ')) === undefined,
  );
  return wrong < 0
    ? `${JSON.stringify(cron)} is not a schedule`
    : `${JSON.stringify(parts[wrong])} is not a ${cronFields[wrong]}`;
}

/** Undefined: it is none. One that is paused is only read. */
function toPattern(cron: string): Cron | undefined {
  try {
    return new Cron(cron, { paused: true, mode: '5-part' });
  } catch {
    return undefined;
  }
}

function checkZone(zone: string | undefined, pointer: string, report: Report): void {
  if (zone === undefined) return;
  try {
    toZone(zone);
  } catch {
    const near = didYouMean(zone, Intl.supportedValuesOf('timeZone'));
    report({
      code: 'flow.time-zone-unknown',
      pointer,
      detail: `there is no time zone ${JSON.stringify(zone)}`,
      expected: 'a name such as Europe/Berlin',
      ...(near === undefined ? {} : { didYouMean: near }),
    });
  }
}

function checkRecord(record: string, pointer: string, { records }: Context, report: Report): void {
  checkKnown('flow.record-type-unknown', 'record type', record, records, pointer, report);
}

function checkKnown(
  code: string,
  what: string,
  name: string,
  known: ReadonlySet<string> | ReadonlyMap<string, unknown>,
  pointer: string,
  report: Report,
  suggestions = new Suggestions(),
): void {
  if (known.has(name)) return;
  const near = suggestions.for(name, known);
  report({
    code,
    pointer,
    detail: `there is no ${what} ${JSON.stringify(name)}`,
    expected: `a ${what} that is declared`,
    ...(near === undefined ? {} : { didYouMean: near }),
  });
}
