// The layout of a template's files: what is there, what is missing, what doesn't belong, and the manifest.
import { findNodeAtLocation, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { didYouMean } from '../../engine/expressions/did-you-mean.js';
import { mailLimits } from '../mail-limits.js';
import { localeChain, localeShape } from './locale-chain.js';
import type { ProblemList } from './problem-list.js';
import type { Location } from './syntax.js';
import { partFiles, partNames, type TemplateFiles, type TemplateManifest } from './template.js';
import { schemaMistakes, variableProblems } from './variable-schema.js';

const manifestFile = 'template.json';
const sampleFile = 'sample.json';
const manifestKeys = ['$schema', 'title', 'description', 'defaultLocale', 'variables'];
const jsonOptions = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false } as const;

/** A file of JSON, with the places of its values. */
interface Source {
  readonly value: unknown;
  at(pointer: string): Location;
}

/** The locales that a template has files for, in order. */
export function localesOf({ files }: TemplateFiles): readonly string[] {
  const locales = Object.keys(files).flatMap((path) => (path.includes('/') ? [path.split('/')[0]!] : []));
  return [...new Set(locales)].sort();
}

/** The locale whose parts are used for one that is asked for. */
export function chooseLocale(template: TemplateFiles, manifest: TemplateManifest, asked: string): string {
  const locales = localesOf(template);
  return (
    localeChain(asked, manifest.defaultLocale).find((locale) => locales.includes(locale)) ??
    manifest.defaultLocale
  );
}

/** The partials that a locale's parts may call, for HTML or for text: name and file. */
export function partialsFor(
  { partials }: TemplateFiles,
  kind: 'html' | 'text',
  locale: string,
  defaultLocale: string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const each of localeChain(locale, defaultLocale)) {
    for (const file of Object.keys(partials)) {
      const name = new RegExp(`^${each}/([a-z][a-z0-9-]*)\\.${kind}\\.hbs$`).exec(file)?.[1];
      if (name !== undefined && !found.has(name)) found.set(name, file);
    }
  }
  return found;
}

/** The manifest, or undefined where it has problems; it and the layout are said. */
export function readManifest(template: TemplateFiles, problems: ProblemList): TemplateManifest | undefined {
  checkLayout(template, problems);
  const source = readJson(template.files[manifestFile], manifestFile, problems);
  if (source === undefined) return undefined;
  const { value } = source;
  let sound = true;
  const say = (pointer: string, detail: string, code: 'manifest' | 'schema', hint?: string): void => {
    sound = false;
    problems.add(manifestFile, source.at(pointer), `template.${code}-invalid`, detail, { didYouMean: hint });
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    say('', 'template.json is an object', 'manifest');
    return undefined;
  }
  const manifest = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(manifest)) {
    if (!manifestKeys.includes(key))
      say(`/${key}`, `there is no ${key}`, 'manifest', didYouMean(key, manifestKeys));
  }
  for (const key of ['title', 'description', 'defaultLocale']) {
    if (typeof manifest[key] !== 'string' || manifest[key] === '')
      say(`/${key}`, `${key} is a text`, 'manifest');
  }
  for (const { pointer, detail } of schemaMistakes(manifest['variables'])) {
    say(`/variables${pointer}`, detail, 'schema');
  }
  if (!sound) return undefined;
  const locale = String(manifest['defaultLocale']);
  const hasDefault = localeShape.test(locale) && localesOf(template).includes(locale);
  if (!hasDefault) say('/defaultLocale', `there are no files for the default locale ${locale}`, 'manifest');
  return sound ? (value as TemplateManifest) : undefined;
}

/** Says where the sample data don't fit the schema. */
export function checkSample(
  template: TemplateFiles,
  manifest: TemplateManifest,
  problems: ProblemList,
): void {
  const source = readJson(template.files[sampleFile], sampleFile, problems);
  if (source === undefined) return;
  for (const { pointer, detail } of variableProblems(manifest.variables, source.value)) {
    problems.add(sampleFile, source.at(pointer), 'template.sample-invalid', detail);
  }
}

function checkLayout({ files, partials }: TemplateFiles, problems: ProblemList): void {
  const top: Location = { line: 1, column: 0 };
  const names = Object.values(partFiles);
  for (const file of Object.keys(files)) {
    if (file === manifestFile || file === sampleFile) continue;
    const [locale = '', name = '', ...rest] = file.split('/');
    const fits = rest.length === 0 && localeShape.test(locale) && names.includes(name);
    if (!fits) {
      const guess = didYouMean(name, names);
      problems.add(file, top, 'template.file-unknown', 'the file is not part of a template', {
        expected: `${manifestFile}, ${sampleFile}, <locale>/${names.join(', <locale>/')}`,
        didYouMean: guess === undefined ? undefined : `${locale}/${guess}`,
      });
    }
  }
  for (const locale of localesOf({ files } as TemplateFiles)) {
    for (const part of partNames) {
      const file = `${locale}/${partFiles[part]}`;
      if (!Object.hasOwn(files, file)) {
        problems.add(file, top, 'template.part-missing', `the ${part} part is missing in ${locale}`, {
          expected: file,
        });
      }
    }
  }
  if (Object.keys(files).length > mailLimits.filesPerTemplateMax) {
    problems.add(manifestFile, top, 'template.too-large', 'the template has too many files', {
      expected: `at most ${mailLimits.filesPerTemplateMax}`,
    });
  }
  if (Object.keys(partials).length > mailLimits.partialsMax) {
    problems.add(manifestFile, top, 'template.too-large', 'there are too many partials', {
      expected: `at most ${mailLimits.partialsMax}`,
    });
  }
}

function readJson(text: string | undefined, file: string, problems: ProblemList): Source | undefined {
  const top: Location = { line: 1, column: 0 };
  if (text === undefined) {
    problems.add(file, top, 'template.part-missing', `${file} is missing`, { expected: file });
    return undefined;
  }
  if (Buffer.byteLength(text) > mailLimits.sourceBytesMax) {
    problems.add(file, top, 'template.too-large', `${file} is too large`, {
      expected: `at most ${mailLimits.sourceBytesMax} bytes`,
    });
    return undefined;
  }
  const locate = (offset: number): Location => {
    const lines = text.slice(0, offset).split('\n');
    return { line: lines.length, column: lines.at(-1)!.length };
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const [first] = parseErrors(text);
    const detail =
      first === undefined
        ? 'the file is not JSON'
        : `the file is not JSON: ${printParseErrorCode(first.error)}`;
    problems.add(file, locate(first?.offset ?? 0), 'template.manifest-invalid', detail);
    return undefined;
  }
  const tree = parseTree(text, [], jsonOptions);
  return {
    value,
    at(pointer) {
      const path = pointer.split('/').slice(1);
      for (let length = path.length; tree !== undefined && length >= 0; length -= 1) {
        const steps = path.slice(0, length).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
        const node = findNodeAtLocation(tree, steps);
        if (node !== undefined)
          return locate(node.parent?.type === 'property' ? node.parent.offset : node.offset);
      }
      return top;
    },
  };
}

function parseErrors(text: string): readonly ParseError[] {
  const errors: ParseError[] = [];
  try {
    parseTree(text, errors, jsonOptions);
  } catch {
    // Nested so deeply that it can't even be told where the mistake is.
  }
  return errors;
}
