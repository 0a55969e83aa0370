// Where in HTML a place is: in text, in a tag, in an attribute's value. Just enough of the HTML tokenizer to tell what
// escaping protects at a place and what it doesn't; fed piece by piece, as the text between mustaches.

export type HtmlState =
  | 'text'
  | 'tag-name'
  | 'tag'
  | 'attribute-name'
  | 'before-value'
  | 'double-quoted'
  | 'single-quoted'
  | 'unquoted'
  | 'comment'
  | 'raw';

/** A place in HTML. */
export interface HtmlContext {
  readonly state: HtmlState;
  /** Small letters; with `/` before it for a closing tag. */
  readonly tag: string;
  /** Small letters. */
  readonly attribute: string;
  /** The static beginning of the attribute's value; `{}` stands for what is filled in. */
  readonly value: string;
  /** The end of what was read, as far as it may begin a comment or a closing tag. */
  readonly tail: string;
}

export const htmlStart: HtmlContext = { state: 'text', tag: '', attribute: '', value: '', tail: '' };

/** Elements whose content is no markup. */
const rawElements: ReadonlySet<string> = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'noscript']);
const space = /[\t\n\f\r ]/;
const valueCharsMax = 2_000;

/** A finished attribute or an opened tag, for rules about static HTML. */
export type Notice = (what: 'tag' | 'attribute', context: HtmlContext, index: number) => void;

/** The context after more text. */
export function readHtml(from: HtmlContext, text: string, notice: Notice = () => {}): HtmlContext {
  let { state, tag, attribute, value, tail } = from;
  const context = (): HtmlContext => ({ state, tag, attribute, value, tail });
  const finishTag = (): void => {
    state = rawElements.has(tag) ? 'raw' : 'text';
    attribute = value = tail = '';
  };
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index]!;
    switch (state) {
      case 'text':
        if (tail === '<' && /[a-zA-Z/]/.test(char)) {
          state = 'tag-name';
          tag = char.toLowerCase();
          tail = '';
        } else if ('<!--'.startsWith(tail + char)) {
          tail += char;
          if (tail === '<!--') {
            state = 'comment';
            tail = '';
          }
        } else tail = char === '<' ? '<' : '';
        break;
      case 'comment':
        tail = (tail + char).slice(-3);
        if (tail === '-->') {
          state = 'text';
          tail = '';
        }
        break;
      case 'raw':
        tail = (tail + char.toLowerCase()).slice(-12);
        if (tail.endsWith(`</${tag}`)) {
          state = 'tag-name';
          tag = `/${tag}`;
          tail = '';
        }
        break;
      case 'tag-name':
        if (space.test(char) || char === '>') {
          notice('tag', context(), index);
          if (char === '>') finishTag();
          else state = 'tag';
        } else tag += char.toLowerCase();
        break;
      case 'tag':
        if (char === '>') finishTag();
        else if (!space.test(char) && char !== '/') {
          state = 'attribute-name';
          attribute = char.toLowerCase();
          value = '';
        }
        break;
      case 'attribute-name':
        if (char === '=') state = 'before-value';
        else if (char === '>' || char === '/' || space.test(char)) {
          // `name = value` with spaces is not read as a value: what follows counts as a name of its own, which is stricter.
          notice('attribute', context(), index);
          if (char === '>') finishTag();
          else state = 'tag';
        } else attribute += char.toLowerCase();
        break;
      case 'before-value':
        if (char === '"') state = 'double-quoted';
        else if (char === "'") state = 'single-quoted';
        else if (char === '>') finishTag();
        else if (!space.test(char)) {
          state = 'unquoted';
          value = char;
        }
        break;
      case 'double-quoted':
      case 'single-quoted':
      case 'unquoted': {
        const ends =
          state === 'unquoted'
            ? char === '>' || space.test(char)
            : char === (state === 'double-quoted' ? '"' : "'");
        if (!ends) {
          if (value.length < valueCharsMax) value += char;
          break;
        }
        notice('attribute', context(), index);
        if (char === '>' && state === 'unquoted') finishTag();
        else {
          state = 'tag';
          attribute = value = '';
        }
        break;
      }
    }
  }
  return context();
}

/** The context after something that is filled in. */
export const afterFilled = (context: HtmlContext): HtmlContext =>
  context.state === 'double-quoted' || context.state === 'single-quoted'
    ? { ...context, value: `${context.value}{}` }
    : { ...context, tail: '' };

/** Whether two ways lead to the same place. */
export const isSamePlace = (left: HtmlContext, right: HtmlContext): boolean =>
  left.state === right.state &&
  (left.state === 'text' || (left.tag === right.tag && left.attribute === right.attribute));
