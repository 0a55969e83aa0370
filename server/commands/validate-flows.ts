// `recourse validate`: checks flow files as the server does when it takes them in, without one.
import { join } from 'node:path';
import {
  type Action,
  createActionRegistry,
  createElementRegistry,
  type ElementRegistry,
  type FlowDefinition,
  type FlowProblem,
  soundDefinition,
  standardElements,
  validateFlow,
} from '../../engine/index.js';
import { callActions } from '../../connections/index.js';
import { readTemplates } from '../../mail/index.js';
import { createWarehouse } from '../../orders/adapters/built-in/warehouse.js';
import { createStripePayments } from '../../orders/adapters/stripe/stripe-payments.js';
import { orderActions } from '../../orders/actions/index.js';
import { recordTypes } from '../../orders/record-types.js';
import { readCalendars } from '../engine/calendars.js';
import { toValidationContext } from '../engine/compose-engine.js';
import { chosenFlowFiles, readFlowFiles } from '../engine/flow-files.js';
import { sampleShop, sampleTaxes } from '../engine/sample-ports.js';
import { schemasOf } from '../mails/templates.js';
import { projectRoot } from '../project-root.js';

export interface CheckedFile {
  /** From the flows directory. */
  readonly path: string;
  readonly problems: readonly FlowProblem[];
}

/** Nothing is called while flows are checked: the ports are there for the actions' schemas only. */
const unused = (): Promise<never> => Promise.reject(new Error('nothing is asked while flows are checked'));

/** All actions of this server, to be looked at and not to be called. */
export const describedActions = (): readonly Action[] => [
  ...orderActions({
    payment: createStripePayments({ url: 'http://127.0.0.1:9', apiKey: 'sk_test_none' }),
    pricing: { prices: unused },
    tax: sampleTaxes(),
    fulfilment: createWarehouse(),
    shop: sampleShop,
    numbers: { next: unused },
    caseNumbers: { next: unused },
  }),
  ...callActions({ names: [], call: unused }),
];

/** @throws {RecourseError} `server.unknown-flow-file` */
export async function checkFlows(directory: string, only: readonly string[] = []): Promise<CheckedFile[]> {
  const files = await readFlowFiles(directory);
  const elements = createElementRegistry(standardElements);
  const actions = createActionRegistry(describedActions());
  const templates = await readTemplates(join(projectRoot(), 'templates'));
  const context = toValidationContext(
    { elements, actions },
    recordTypes,
    files.flatMap(({ text }) => parsed(text, elements) ?? []),
    schemasOf(templates),
    await readCalendars(directory),
  );
  return chosenFlowFiles(files, only).map(({ path, text }) => ({
    path,
    problems: validateFlow(text, context).problems,
  }));
}

/** What other flows need to know of a file; a file that is too wrong for that is told of by its own check. */
function parsed(text: string, elements: ElementRegistry): FlowDefinition | undefined {
  try {
    return soundDefinition(JSON.parse(text), elements);
  } catch {
    return undefined;
  }
}

export const hasErrors = ({ problems }: CheckedFile): boolean =>
  problems.some(({ severity }) => severity === 'error');

export function checkedFlowsText(files: readonly CheckedFile[]): string {
  const lines = files.flatMap(({ path, problems }) =>
    problems.map(({ severity, line, column, code, detail, expected, didYouMean }) => {
      const near = didYouMean === undefined ? '' : `; did you mean ${didYouMean}?`;
      return `${path}:${line}:${column} ${severity} ${code} ${detail}; expected ${expected}${near}`;
    }),
  );
  const errors = files.filter(hasErrors).length;
  return [...lines, `${files.length} flow files checked, ${errors} with errors`].join('\n');
}
