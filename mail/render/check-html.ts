// Where output may stand in an HTML part: where escaping protects it. Refused are unquoted attributes, addresses whose
// scheme nobody checks, scripts, styles, tags and comments; and blocks that end somewhere else than they began.
import { afterFilled, type HtmlContext, htmlStart, isSamePlace, readHtml } from './html-context.js';
import type { Say } from './problem-list.js';
import type { ContentNode, Location, ProgramNode, StatementNode } from './syntax.js';

const urlAttributes: ReadonlySet<string> = new Set([
  'href',
  'src',
  'action',
  'formaction',
  'background',
  'cite',
  'poster',
  'data',
  'srcset',
  'xlink:href',
  'longdesc',
  'manifest',
  'ping',
]);
const activeTags: ReadonlySet<string> = new Set([
  'script',
  'iframe',
  'object',
  'embed',
  'applet',
  'form',
  'base',
  'svg',
  'math',
  'frame',
  'frameset',
]);
/** What an address may begin with for anything to follow: then what follows can't choose the scheme or the host. */
const fixedOrigin = /^\s*(?:https?:\/\/[^\s/?#{}\\@]+[/?#]|mailto:[^{}]*$|mailto:|tel:)/i;
const staticAddress = /^\s*(?:https?:\/\/|mailto:|tel:|cid:|#|\{\}|$)/i;

/** Says each place of an HTML part where something stands that escaping doesn't protect. */
export function checkHtml(program: ProgramNode, say: Say): void {
  const end = walk(program, htmlStart, say);
  if (end.state !== 'text') {
    say(program.loc.start, 'template.uneven-block', 'the file ends inside a tag, an attribute or a comment');
  }
}

function walk(program: ProgramNode, from: HtmlContext, say: Say): HtmlContext {
  let at = from;
  for (const node of program.body) at = step(node, at, say);
  return at;
}

function step(node: StatementNode, at: HtmlContext, say: Say): HtmlContext {
  switch (node.type) {
    case 'ContentStatement':
      return readContent(node, at, say);
    case 'CommentStatement':
      return at;
    case 'MustacheStatement': {
      const isUrl = node.path.original === 'url' && node.params.length > 0;
      checkPlace(at, node.loc.start, isUrl, say);
      return afterFilled(at);
    }
    case 'PartialStatement':
      if (at.state !== 'text') {
        say(node.loc.start, 'template.tag-context', 'a partial stands between elements, not inside a tag');
      }
      return at;
    case 'BlockStatement': {
      const ends = [node.program, node.inverse].map((part) => (part == null ? at : walk(part, at, say)));
      if (!isSamePlace(ends[0]!, ends[1]!) || !isSamePlace(ends[0]!, at)) {
        say(
          node.loc.start,
          'template.uneven-block',
          'the block ends in another place of the HTML than it begins',
          {
            expected: 'whole tags and whole attribute values inside the block',
          },
        );
        return at;
      }
      // Whatever the branches wrote, an attribute's value has been begun by them.
      return ends.some(({ value }) => value !== at.value) ? afterFilled(at) : at;
    }
  }
}

function readContent(node: ContentNode, from: HtmlContext, say: Say): HtmlContext {
  const { original } = node;
  return readHtml(from, original, (what, context, index) => {
    const at = locate(node, index);
    if (what === 'tag' && activeTags.has(context.tag)) {
      say(at, 'template.script-context', `<${context.tag}> does not belong in a mail`);
    }
    if (what !== 'attribute') return;
    if (/^on/.test(context.attribute) || context.attribute === 'srcdoc') {
      say(at, 'template.script-context', `the attribute ${context.attribute} does not belong in a mail`);
    }
    if (urlAttributes.has(context.attribute) && !staticAddress.test(context.value)) {
      say(at, 'template.unchecked-url', `${context.attribute} begins with a scheme that mails do not use`, {
        expected: 'https://, mailto:, tel: or {{url …}}',
      });
    }
  });
}

function locate({ original, loc }: ContentNode, index: number): Location {
  const lines = original.slice(0, index).split('\n');
  const line = loc.start.line + lines.length - 1;
  return { line, column: lines.at(-1)!.length + (lines.length === 1 ? loc.start.column : 0) };
}

function checkPlace(context: HtmlContext, at: Location, isUrl: boolean, say: Say): void {
  switch (context.state) {
    case 'text':
      if (context.tail === '<') say(at, 'template.tag-context', 'output can not name a tag');
      return;
    case 'before-value':
    case 'unquoted':
      say(at, 'template.unquoted-attribute', `the value of ${context.attribute} has no quotes`, {
        expected: `${context.attribute}="{{…}}"`,
      });
      return;
    case 'tag-name':
    case 'tag':
    case 'attribute-name':
      say(at, 'template.tag-context', 'output inside a tag stands in the quoted value of an attribute');
      return;
    case 'comment':
      say(at, 'template.comment-context', 'output does not belong in a comment', {
        expected: '{{!-- … --}}',
      });
      return;
    case 'raw':
      if (context.tag === 'style')
        say(at, 'template.style-context', 'output does not belong in a style sheet');
      else if (context.tag !== 'title')
        say(at, 'template.script-context', `output does not belong in <${context.tag}>`);
      return;
    case 'double-quoted':
    case 'single-quoted':
      checkAttribute(context, at, isUrl, say);
      return;
  }
}

function checkAttribute({ attribute, value }: HtmlContext, at: Location, isUrl: boolean, say: Say): void {
  if (/^on/.test(attribute) || attribute === 'srcdoc') {
    say(at, 'template.script-context', `output does not belong in ${attribute}`);
  } else if (attribute === 'style') {
    say(at, 'template.style-context', 'output does not belong in a style', {
      expected: 'a class or a fixed style',
    });
  } else if (urlAttributes.has(attribute)) {
    const startsIt = value.trim() === '';
    if (isUrl ? startsIt : fixedOrigin.test(value) || value.startsWith('{}')) return;
    say(at, 'template.unchecked-url', `the value decides where ${attribute} leads to`, {
      expected: `${attribute}="{{url …}}" or a fixed beginning such as https://shop.example/`,
    });
  }
}
