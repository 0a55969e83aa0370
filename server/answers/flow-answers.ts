// Flows and mail templates as the API answers them, and the mails that were made of them.
import {
  anyJson,
  anyObject,
  byName,
  flag,
  instant,
  json,
  list,
  nullableInstant,
  nullableText,
  nullableWhole,
  object,
  oneOf,
  text,
  whole,
} from './answer.js';

const version = {
  version: whole,
  status: oneOf(['draft', 'active', 'retired']),
  hash: text,
  savedAt: instant,
  savedBy: text,
};

/** Who has made it active, the last time; and why it acts with all rights, if it does. */
const responsibility = { activatedBy: nullableText, activatedAt: nullableInstant, systemMode: nullableText };
const flowVersionFields = { ...version, isFromFile: flag, ...responsibility };

export const flowVersion = object(flowVersionFields, {}, 'FlowVersion');
export const listedFlow = object(
  {
    name: text,
    label: text,
    description: nullableText,
    trigger: anyObject,
    active: nullableWhole,
    newest: whole,
    systemMode: nullableText,
  },
  {},
  'ListedFlow',
);
const definition = { definition: anyObject, text };
export const wholeFlow = json(
  object(
    { name: text, active: nullableWhole, newest: whole, version: whole, input: anyObject, ...definition },
    {},
    'Flow',
  ),
);
export const wholeFlowVersion = json(
  object({ ...flowVersionFields, name: text, ...definition }, {}, 'WholeFlowVersion'),
);
const flowProblem = object(
  {
    code: text,
    severity: oneOf(['error', 'warning']),
    pointer: text,
    line: whole,
    column: whole,
    detail: text,
    expected: text,
    docs: text,
  },
  { didYouMean: text },
  'FlowProblem',
);
export const savedFlow = json(
  object({ name: text, ...flowVersionFields, warnings: list(flowProblem) }, {}, 'SavedFlow'),
);
export const activeFlow = json(object({ name: text, active: nullableWhole }));
export const activatedFlow = json(object({ name: text, active: nullableWhole, warnings: list(flowProblem) }));
export const flowDiff = json(
  object({
    from: whole,
    to: whole,
    changes: list(
      object(
        { kind: oneOf(['added', 'removed', 'renamed', 'changed']), what: text },
        { from: text, properties: list(object({ name: text }, { before: anyJson, after: anyJson })) },
      ),
    ),
  }),
);
export const flowCheck = json(object({ valid: flag, problems: list(flowProblem) }));
export const flowBundle = json(object({ format: whole, flows: byName(anyObject) }, {}, 'FlowBundle'));
export const importedFlows = json(
  object({ items: list(object({ name: text, version: whole, status: text, isNew: flag })) }),
);
export const flowCatalogue = json(
  object({
    schema: anyObject,
    elements: list(object({ type: text, title: text, description: text, schema: anyObject })),
    actions: list(
      object({
        name: text,
        title: text,
        description: text,
        effect: text,
        repeat: anyJson,
        permission: nullableText,
        input: anyObject,
        output: anyObject,
      }),
    ),
    records: list(object({ name: text, title: text, schema: anyObject })),
    templates: list(object({ name: text, variables: anyJson })),
    permissions: list(text),
  }),
);

const manifest = { title: text, description: text, defaultLocale: text };
export const templateVersion = object({ ...version, isFromFiles: flag }, {}, 'TemplateVersion');
export const listedTemplate = object(
  { name: text, ...manifest, locales: list(text), ...version, isFromFiles: flag },
  {},
  'ListedTemplate',
);
export const wholeTemplate = json(
  object(
    {
      name: text,
      ...manifest,
      ...version,
      isFromFiles: flag,
      variables: anyObject,
      files: byName(text),
      partials: byName(text),
    },
    {},
    'Template',
  ),
);
export const templateCheck = json(
  object({
    valid: flag,
    problems: list(
      object(
        { code: text, file: text, detail: text },
        { line: whole, column: whole, pointer: text, expected: text, didYouMean: text, severity: text },
        'TemplateProblem',
      ),
    ),
  }),
);
export const renderedMail = json(
  object({ subject: text, html: nullableText, text, locale: text, variables: anyJson }, {}, 'RenderedMail'),
);
export const sentTest = json(object({ mail: text }));

const listed = {
  id: text,
  state: oneOf(['queued', 'sent', 'failed']),
  template: text,
  templateVersion: nullableWhole,
  locale: nullableText,
  to: text,
  subject: nullableText,
  regarding: nullableText,
  run: nullableText,
  attempts: whole,
  detail: nullableText,
  messageId: nullableText,
  at: instant,
  sentAt: nullableInstant,
};
export const listedMail = object(listed, {}, 'ListedMail');
export const wholeMail = json(object({ ...listed, html: nullableText, text: nullableText }, {}, 'Mail'));
