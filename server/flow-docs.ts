// What flows are made of, as documents: docs/elements.md and docs/actions.md, from the same schemas that check flow files.
import { commonProperties, triggers } from '../engine/definition/flow-schema.js';
import { type Action, type Schema, standardElements } from '../engine/index.js';

interface Property {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly examples?: readonly unknown[];
  readonly items?: Property;
  readonly oneOf?: readonly Property[];
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
}

const head = (title: string): string[] => [
  `# ${title}`,
  '',
  '<!-- Written by `npm run docs`; a test compares it with the code. -->',
  '',
];
const code = (value: unknown): string => `\`${JSON.stringify(value)}\``.replaceAll('|', '\\|');
const plain = (text: string): string => text.replaceAll('|', '\\|');

function kindOf({ type, enum: values, const: value, items, oneOf }: Property): string {
  if (type === undefined && oneOf !== undefined) return oneOf.map(kindOf).join(', ');
  if (value !== undefined) return code(value);
  if (values !== undefined) return values.map(code).join(', ');
  const name = Array.isArray(type) ? type.join(' or ') : (type ?? 'rule or value');
  return name === 'array' && items !== undefined ? `list of ${kindOf(items)}` : String(name);
}

/** What many take and another document explains: docs/ledger.md the settings. */
const explainedElsewhere: ReadonlySet<string> = new Set(['settings']);

/** A row for each property, and for those of the objects in it. */
function rowsOf({ properties = {}, required = [] }: Property, path = ''): string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const { description = '', examples = [] } = property;
    const must = required.includes(name) ? ' (required)' : '';
    const example = examples.length === 0 ? '' : code(examples[0]);
    const inside = property.type === 'array' ? property.items : property;
    const below = property.type === 'array' ? `${path}${name}[].` : `${path}${name}.`;
    return [
      `| \`${path}${name}\`${must} | ${kindOf(property)} | ${plain(description)} | ${example} |`,
      ...(inside?.properties === undefined || explainedElsewhere.has(name) ? [] : rowsOf(inside, below)),
    ];
  });
}

const table = (schema: Schema): string[] => {
  const rows = rowsOf(schema as Property);
  return rows.length === 0 ? [] : ['| property | is | says | example |', '|---|---|---|---|', ...rows, ''];
};

/** The text of docs/elements.md. */
export const elementDocs = (): string =>
  [
    ...head('Elements'),
    'Where a rule is taken, text, numbers, `true`, `false`, `null` and objects of several',
    'properties stand for themselves. An object of one property is logic; one that is data is `{ "preserve": … }`. See [expressions](expressions.md).',
    '',
    '## Every element',
    '',
    ...table({ properties: commonProperties, required: ['type', 'label'] }),
    '## start',
    '',
    '**Start.** `start` has `next`, the first element; `conditions`, each with `when` and the sentence `otherwise`; and a `trigger` of one of these types.',
    '',
    ...Object.entries(triggers).flatMap(([type, schema]) => [`### ${type}`, '', ...table(schema)]),
    ...[...standardElements]
      .sort((a, b) => (a.type < b.type ? -1 : 1))
      .flatMap(({ type, title, description, schema, parks, writes }) => [
        `## ${type}`,
        '',
        `**${title}.** ${description}${parks === true || writes === true ? ' Not [before a save](flows.md#before-a-save).' : ''}`,
        '',
        ...table(schema),
      ]),
  ].join('\n');

const effects: Readonly<Record<Action['effect'], string>> = {
  pure: 'computes',
  records: 'reads and writes records, in the segment',
  query: 'asks the outside and changes nothing',
  external: 'changes something outside',
};

/** How an action is undone, if that is said of it. */
function undoOf({ undo }: Action): string {
  if (undo === undefined) return '';
  return typeof undo === 'function'
    ? ' [It can be undone](flows.md#undoing).'
    : ` It is not undone: ${undo.none.charAt(0).toLowerCase()}${undo.none.slice(1)}`;
}

/** The text of docs/actions.md. */
export const actionDocs = (actions: readonly Action[]): string =>
  [
    ...head('Actions'),
    'What the element `action` can call. An action with a permission is refused to a flow that acts for somebody who lacks it.',
    '`settings` are explained in [the ledger](ledger.md).',
    '',
    ...[...actions]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((action) => [
        `## ${action.name}`,
        '',
        `**${action.title}.** ${action.description} It ${effects[action.effect]}${action.repeat === undefined ? '' : `; repeated: ${action.repeat}`}${action.permission === undefined ? '' : `; needs \`${action.permission}\``}.${undoOf(action)}`,
        '',
        'Takes:',
        '',
        ...table(action.input),
        'Answers:',
        '',
        ...table(action.output),
      ]),
  ].join('\n');
