// Everything that can be said about a template without running it.
import { checkHtml } from './check-html.js';
import { type ParsedPartials, VariableCheck } from './check-variables.js';
import { parsePart } from './parse-part.js';
import { ProblemList } from './problem-list.js';
import type { ProgramNode } from './syntax.js';
import { partFiles, partNames, type TemplateFiles, type TemplateManifest } from './template.js';
import { checkSample, localesOf, partialsFor, readManifest } from './template-files.js';
import type { TemplateProblem } from './template-problem.js';

/** A template without problems, ready to be compiled. */
export interface CheckedTemplate {
  readonly manifest: TemplateManifest;
  /** By file, `en/subject.hbs`. */
  readonly parts: ReadonlyMap<string, ProgramNode>;
  /** By file, without `partials/`. */
  readonly partials: ReadonlyMap<string, ProgramNode>;
}

export type Verdict =
  | { readonly checked: CheckedTemplate; readonly problems: readonly [] }
  | { readonly checked: undefined; readonly problems: readonly TemplateProblem[] };

/**
 * Checks a whole template: every locale, the manifest, and the partials as they are called.
 *
 * Bounded in itself, but run in the render thread, since sources come from people.
 */
export function checkTemplate(template: TemplateFiles): Verdict {
  const list = new ProblemList();
  const manifest = readManifest(template, list);
  if (manifest !== undefined) checkSample(template, manifest, list);
  const partials = parsePartials(template, list);
  const parts = new Map<string, ProgramNode>();
  for (const locale of localesOf(template)) {
    for (const part of partNames) {
      const file = `${locale}/${partFiles[part]}`;
      const source = template.files[file];
      const program = source === undefined ? undefined : parsePart(source, list.in(file));
      if (program === undefined) continue;
      parts.set(file, program);
      if (part === 'html') checkHtml(program, list.in(file));
      if (part === 'subject' && /[\r\n]/.test(source!.trim())) {
        list.add(file, { line: 2, column: 0 }, 'template.line-break', 'the subject is one line');
      }
      if (manifest === undefined) continue;
      const callable: Map<string, { file: string; program: ProgramNode }> = new Map();
      const kind = part === 'html' ? 'html' : 'text';
      for (const [name, path] of partialsFor(template, kind, locale, manifest.defaultLocale)) {
        const parsed = partials.get(path);
        if (parsed !== undefined) callable.set(name, { file: `partials/${path}`, program: parsed });
      }
      new VariableCheck(manifest.variables, callable satisfies ParsedPartials, list).check(file, program);
    }
  }
  const { problems } = list;
  if (problems.length > 0 || manifest === undefined) return { checked: undefined, problems };
  return { checked: { manifest, parts, partials }, problems: [] };
}

function parsePartials(template: TemplateFiles, list: ProblemList): ReadonlyMap<string, ProgramNode> {
  const parsed = new Map<string, ProgramNode>();
  for (const [path, source] of Object.entries(template.partials)) {
    const say = list.in(`partials/${path}`);
    const program = parsePart(source, say);
    if (program === undefined) continue;
    parsed.set(path, program);
    if (path.endsWith('.html.hbs')) checkHtml(program, say);
  }
  return parsed;
}
