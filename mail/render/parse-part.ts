// Reads one file of a template: bounded before it is parsed, and made only of what templates may hold. Everything that
// Handlebars can do beyond that (decorators, raw output, partials named by data, helpers that are not ours) ends here.
import Handlebars from 'handlebars';
import { didYouMean } from '../../engine/expressions/did-you-mean.js';
import { mailLimits } from '../mail-limits.js';
import { helperOf, helperTable } from './helper-table.js';
import type { Say } from './problem-list.js';
import type { Location, ProgramNode } from './syntax.js';

/** A node before it is known to be one that we allow. */
interface Unchecked {
  readonly type: string;
  readonly loc: { readonly start: Location };
  readonly [property: string]: unknown;
}

const start: Location = { line: 1, column: 0 };
const partialName = /^[a-z][a-z0-9-]{0,59}$/;

/** The tree of a source, or undefined where something is wrong with it; what, is said. A source that is no string is a bug. */
export function parsePart(source: string, say: Say): ProgramNode | undefined {
  if (typeof source !== 'string') throw new TypeError('the source of a template is a string');
  const bytes = Buffer.byteLength(source);
  if (bytes > mailLimits.sourceBytesMax) {
    say(start, 'template.too-large', `the file has ${bytes} bytes`, {
      expected: `at most ${mailLimits.sourceBytesMax} bytes`,
    });
    return undefined;
  }
  // Expressions in parentheses cost as much as mustaches.
  const inside = [...source.matchAll(/\{\{[^}]*/g)].map(([text]) => text.split('(').length - 1);
  const mustaches = inside.reduce((sum, count) => sum + count, source.split('{{').length - 1);
  if (mustaches > mailLimits.mustachesMax) {
    say(start, 'template.too-many-mustaches', `the file has ${mustaches} mustaches`, {
      expected: `at most ${mailLimits.mustachesMax}`,
    });
    return undefined;
  }
  let tree: Unchecked;
  try {
    tree = Handlebars.parse(source) as unknown as Unchecked;
  } catch (error) {
    saySyntax(source, error, say);
    return undefined;
  }
  let sound = true;
  const check = new SyntaxCheck((...args) => {
    sound = false;
    say(...args);
  });
  check.program(tree, 0);
  return sound ? (tree as unknown as ProgramNode) : undefined;
}

function saySyntax(source: string, error: unknown, say: Say): void {
  const { message, lineNumber, column } = error as { message: string; lineNumber?: number; column?: number };
  const open = unclosedBlock(source);
  if (open !== undefined) {
    say(open.at, 'template.unclosed-block', `the block {{#${open.name}}} is not closed`, {
      expected: `{{/${open.name}}}`,
    });
    return;
  }
  const [, line = '1', caret = ''] = /on line (\d+):\n[^\n]*\n(-*)\^/.exec(message) ?? [];
  const at = { line: lineNumber ?? Number(line), column: column ?? caret.length };
  const expected = /Expecting ([^\n]*), got/.exec(message)?.[1];
  const detail = message.includes('Parse error') ? 'the template cannot be read from here on' : message;
  say(at, 'template.syntax', detail.split('\n')[0]!.slice(0, 200), {
    ...(expected === undefined ? {} : { expected: expected.slice(0, 200) }),
  });
}

/** The innermost block that is still open at the first closing that does not fit, or at the end. */
function unclosedBlock(source: string): { name: string; at: Location } | undefined {
  const open: { name: string; index: number }[] = [];
  for (const match of source.matchAll(/\{\{(?:!--[\s\S]*?--\}\}|![^}]*\}\}|~?([#/^])[>*]?\s*([\w-]+))/g)) {
    const [, sign, name = ''] = match;
    if (sign === '#' || sign === '^') open.push({ name, index: match.index });
    if (sign !== '/') continue;
    if (open.at(-1)?.name !== name) break;
    open.pop();
  }
  const last = open.at(-1);
  if (last === undefined) return undefined;
  const before = source.slice(0, last.index).split('\n');
  return { name: last.name, at: { line: before.length, column: before.at(-1)!.length } };
}

class SyntaxCheck {
  readonly #say: Say;
  #tooDeep = false;

  constructor(say: Say) {
    this.#say = say;
  }

  program(program: Unchecked, depth: number): void {
    for (const statement of program['body'] as readonly Unchecked[]) this.#statement(statement, depth);
  }

  #isTooDeep(node: Unchecked, depth: number): boolean {
    if (depth <= mailLimits.depthMax) return false;
    if (!this.#tooDeep) {
      this.#say(node.loc.start, 'template.too-deep', 'blocks are nested too deeply', {
        expected: `at most ${mailLimits.depthMax} levels`,
      });
    }
    this.#tooDeep = true;
    return true;
  }

  #statement(node: Unchecked, depth: number): void {
    const at = node.loc.start;
    switch (node.type) {
      case 'ContentStatement':
      case 'CommentStatement':
        return;
      case 'MustacheStatement':
        if (node['escaped'] !== true) {
          this.#say(at, 'template.unescaped', 'output is always escaped', {
            expected: '{{…}} with two braces',
          });
        }
        this.#mustache(node, depth);
        return;
      case 'BlockStatement':
        this.#block(node, depth + 1);
        return;
      case 'PartialStatement':
        this.#partial(node, depth + 1);
        return;
      case 'PartialBlockStatement':
        this.#say(at, 'template.partial-block', 'a partial takes no block', {
          expected: '{{> name}}',
        });
        return;
      default:
        // Decorator and DecoratorBlock, and whatever a later Handlebars adds.
        this.#say(at, 'template.decorator', 'decorators and inline partials are not allowed', {
          expected: 'a file in partials/',
        });
        return;
    }
  }

  #mustache(node: Unchecked, depth: number): void {
    const path = node['path'] as Unchecked;
    const isCall = (node['params'] as unknown[]).length > 0 || node['hash'] !== undefined;
    const name = simpleName(path);
    if (isCall || (name !== undefined && helperOf(name) !== undefined)) {
      this.#call(node, ['text'], depth);
      return;
    }
    if (path.type === 'PathExpression') return;
    this.#say(node.loc.start, 'template.syntax', 'only a variable or a helper can be printed', {
      expected: 'a variable',
    });
  }

  #block(node: Unchecked, depth: number): void {
    if (this.#isTooDeep(node, depth)) return;
    this.#call(node, ['block'], depth);
    for (const part of [node['program'], node['inverse']] as (Unchecked | undefined)[]) {
      if (part == null) continue;
      // `{{else if …}}` is an inverse that holds one block: as deep as the block it continues.
      this.program(part, part['chained'] === true ? depth - 1 : depth);
    }
  }

  #partial(node: Unchecked, depth: number): void {
    if (this.#isTooDeep(node, depth)) return;
    const name = node['name'] as Unchecked;
    const isNamed =
      name.type === 'PathExpression' && name['data'] !== true && partialName.test(String(name['original']));
    if (!isNamed || (node['params'] as unknown[]).length > 0) {
      this.#say(node.loc.start, 'template.partial-by-value', 'a partial is named by a plain name', {
        expected: '{{> name key=value}}',
      });
    }
    for (const pair of pairsOf(node)) this.#argument(pair['value'] as Unchecked, depth);
  }

  #call(node: Unchecked, kinds: readonly string[], depth: number): void {
    const at = node.loc.start;
    const path = node['path'] as Unchecked;
    const name = simpleName(path);
    const helper = name === undefined ? undefined : helperOf(name);
    if (name === undefined || helper === undefined || !kinds.includes(helper.kind)) {
      const fitting = Object.keys(helperTable).filter((each) => kinds.includes(helperTable[each]!.kind));
      const shown = String(path['original'] ?? path.type).slice(0, 60);
      this.#say(at, 'template.unknown-helper', `there is no helper ${JSON.stringify(shown)} for this place`, {
        expected: fitting.join(', '),
        didYouMean: didYouMean(shown, fitting),
      });
      return;
    }
    const params = node['params'] as readonly Unchecked[];
    const { argumentsMin, argumentsMax, named, requires = [] } = helper;
    if (params.length < argumentsMin || params.length > argumentsMax) {
      const expected =
        argumentsMin === argumentsMax ? `${argumentsMin}` : `${argumentsMin} to ${argumentsMax}`;
      this.#say(at, 'template.wrong-arguments', `${name} has ${params.length} arguments`, { expected });
    }
    const pairs = pairsOf(node);
    for (const missing of requires.filter((one) => !pairs.some(({ key }) => key === one))) {
      this.#say(at, 'template.wrong-arguments', `${name} needs ${missing}="…"`, {
        expected: `${missing}="…"`,
      });
    }
    for (const pair of pairs) this.#named(name, named, pair, depth);
    for (const param of params) this.#argument(param, depth);
  }

  #named(
    helper: string,
    named: Readonly<Record<string, readonly (string | number)[] | undefined>>,
    pair: Unchecked,
    depth: number,
  ): void {
    const key = String(pair['key']);
    if (!Object.hasOwn(named, key)) {
      this.#say(pair.loc.start, 'template.wrong-arguments', `${helper} takes no ${key}`, {
        expected: Object.keys(named).join(', ') || 'no named arguments',
        didYouMean: didYouMean(key, Object.keys(named)),
      });
      return;
    }
    const value = pair['value'] as Unchecked;
    const values = named[key];
    if (
      values !== undefined &&
      !(value.type.endsWith('Literal') && values.includes(value['value'] as string))
    ) {
      this.#say(
        pair.loc.start,
        'template.wrong-arguments',
        `${key} has a value that ${helper} does not know`,
        {
          expected: values.join(', '),
        },
      );
      return;
    }
    this.#argument(value, depth);
  }

  #argument(node: Unchecked, depth: number): void {
    switch (node.type) {
      case 'PathExpression':
      case 'StringLiteral':
      case 'NumberLiteral':
      case 'BooleanLiteral':
        return;
      case 'SubExpression':
        if (!this.#isTooDeep(node, depth + 1)) this.#call(node, ['logic', 'text'], depth + 1);
        return;
      default:
        this.#say(node.loc.start, 'template.wrong-arguments', `${node.type} can not be an argument`, {
          expected: 'a variable, a text, a number, true, false or (helper …)',
        });
    }
  }
}

const pairsOf = (node: Unchecked): readonly Unchecked[] =>
  (node['hash'] as { pairs: readonly Unchecked[] } | undefined)?.pairs ?? [];

/** The name of a path that could be a helper's. */
function simpleName(path: Unchecked): string | undefined {
  const parts = path['parts'] as readonly string[] | undefined;
  const isSimple = path.type === 'PathExpression' && path['data'] !== true && path['depth'] === 0;
  return isSimple && parts?.length === 1 && path['original'] === parts[0] ? parts[0] : undefined;
}
