// Turns a checked template into functions, by Handlebars: known helpers only, no prototypes, nothing but our own tree,
// which was parsed from a string and checked node by node.
import Handlebars from 'handlebars';
import type { CheckedTemplate } from './check-template.js';
import { helperTable } from './helper-table.js';
import { RenderFault } from './render-fault.js';
import type { ProgramNode } from './syntax.js';
import { type PartName, partFiles, partNames, type TemplateFiles } from './template.js';
import { partialsFor } from './template-files.js';
import { type FormatRules, type RenderBudget, templateHelpers } from './template-helpers.js';

/** Renders one part; the budget is used up by it. @throws {RenderFault} with its file */
export type PartRenderer = (context: unknown, rules: FormatRules, budget: RenderBudget) => string;

type Compiled = (context: unknown, runtime?: object) => string;

const knownHelpers: Record<string, boolean> = {
  ...Object.fromEntries(Object.keys(helperTable).map((name) => [name, true])),
  print: true,
  lookup: false,
  log: false,
  helperMissing: false,
  blockHelperMissing: false,
};
const noProto = {
  allowProtoPropertiesByDefault: false,
  allowProtoMethodsByDefault: false,
  allowCallsToHelperMissing: false,
};

/** The parts of one locale. */
export function compileTemplate(
  files: TemplateFiles,
  { manifest, parts, partials }: CheckedTemplate,
  locale: string,
): Readonly<Record<PartName, PartRenderer>> {
  const renderers = partNames.map((part): [PartName, PartRenderer] => {
    const noEscape = part !== 'html';
    const kind = part === 'html' ? 'html' : 'text';
    let budget: RenderBudget = { rounds: 0, chars: 0 };
    let rules: FormatRules = { locale, timeZone: 'UTC' };
    const handlebars = Handlebars.create();
    for (const name of Object.keys(handlebars.helpers)) handlebars.unregisterHelper(name);
    for (const name of Object.keys(handlebars.decorators)) delete handlebars.decorators[name];
    const helpers = templateHelpers(
      () => budget,
      () => rules,
    );
    for (const [name, helper] of Object.entries(helpers)) handlebars.registerHelper(name, helper);
    const compile = (program: ProgramNode): Compiled =>
      handlebars.compile(printing(program), {
        knownHelpers,
        knownHelpersOnly: true,
        noEscape,
        preventIndent: true,
      });
    const callable: Record<string, Compiled> = Object.create(null) as Record<string, Compiled>;
    for (const [name, path] of partialsFor(files, kind, locale, manifest.defaultLocale)) {
      callable[name] = within(`partials/${path}`, compile(partials.get(path)!));
    }
    const file = `${locale}/${partFiles[part]}`;
    const main = within(file, compile(parts.get(file)!));
    const render: PartRenderer = (context, theRules, theBudget) => {
      budget = theBudget;
      rules = theRules;
      return main(context, { ...noProto, partials: callable });
    };
    return [part, render];
  });
  return Object.fromEntries(renderers) as Record<PartName, PartRenderer>;
}

function within(file: string, compiled: Compiled): Compiled {
  return (context, runtime) => {
    try {
      return compiled(context, runtime);
    } catch (error) {
      if (error instanceof RenderFault) error.file ??= file;
      throw error;
    }
  };
}

/** A copy in which each `{{variable}}` is `{{print variable}}`: printing is what refuses a missing value. */
function printing(program: ProgramNode): unknown {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const node = value as Readonly<Record<string, unknown>>;
    const copy: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(node)) copy[key] = key === 'loc' ? inner : visit(inner);
    const isVariable =
      node['type'] === 'MustacheStatement' &&
      (node['params'] as unknown[]).length === 0 &&
      (node['hash'] === undefined || node['hash'] === null);
    if (!isVariable) return copy;
    const { loc } = node['path'] as { loc: unknown };
    const path = { type: 'PathExpression', data: false, depth: 0, parts: ['print'], original: 'print', loc };
    return { ...copy, params: [copy['path']], path };
  };
  return visit(program);
}
