// Regular expressions of users. They run on RE2 (linear time) and never on the host's backtracking engine; what RE2
// lacks is refused. MongoDB's engine is PCRE: where the two read a pattern differently, it is translated here.
import { RE2JS } from 're2js';
import { regexParts } from '../bson/compare.js';
import { CommandError } from '../errors.js';

/** Longest pattern in UTF-16 units, as in MongoDB (there in bytes). */
export const patternLengthMax = 32_764;

/** A compiled pattern: true if it is found anywhere in the text. */
export type RegexTest = (text: string) => boolean;

/**
 * Compiles a pattern with the options of `$options`: i, m, s, x, and u, which changes nothing.
 *
 * @throws {CommandError} `BadValue` for other options, a broken pattern, or syntax that needs backtracking.
 */
export function compileRegex(pattern: string, options: string): RegexTest {
  if (pattern.includes('\0')) {
    throw new CommandError('BadValue', 'Regular expression cannot contain an embedded null byte');
  }
  if (pattern.length > patternLengthMax) throw new CommandError('BadValue', 'Regular expression is too long');
  for (const option of options) {
    if (!'imsxu'.includes(option)) {
      throw new CommandError('BadValue', `invalid flag in regex options: ${option}`);
    }
  }
  const flags =
    (options.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
    (options.includes('m') ? RE2JS.MULTILINE : 0) |
    (options.includes('s') ? RE2JS.DOTALL : 0);
  const translated = translate(pattern, {
    extended: options.includes('x'),
    multiline: options.includes('m'),
  });
  try {
    const compiled = RE2JS.compile(translated, flags);
    return (text) => compiled.test(text);
  } catch (error) {
    throw new CommandError(
      'BadValue',
      `Regular expression is invalid or not supported (look-around, backreferences and possessive or atomic groups ` +
        `are not): ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/**
 * PCRE to RE2: with `x`, blanks and comments go; `$` without `m` also holds before a final newline; `\s` has the
 * vertical tab; `\v` is any vertical blank; `\Z` is such a `$`. One difference is left: with `m`, RE2's `^` holds also
 * after a newline that ends the text.
 */
function translate(
  pattern: string,
  { extended, multiline }: { extended: boolean; multiline: boolean },
): string {
  let translated = '';
  let inClass = false;
  let classStart = 0;
  let perLine = multiline;
  for (let index = 0; index < pattern.length; index += 1) {
    const char = pattern[index]!;
    if (char === '\\') {
      const escaped = pattern[index + 1] ?? '';
      index += 1;
      if (escaped === 'Q') {
        const end = pattern.indexOf('\\E', index);
        const stop = end === -1 ? pattern.length : end;
        translated += RE2JS.quote(pattern.slice(index + 1, stop));
        index = stop + 1;
      } else {
        translated += escapeOf(escaped, inClass);
      }
    } else if (inClass) {
      translated += char;
      if (char === '[' && pattern[index + 1] === ':') {
        const end = pattern.indexOf(':]', index + 2);
        if (end !== -1) {
          translated += pattern.slice(index + 1, end + 2);
          index = end + 1;
        }
      } else if (char === ']' && index > classStart) {
        inClass = false;
      }
    } else if (char === '[') {
      inClass = true;
      translated += char;
      // A bracket right after the opening one, or after its ^, is an ordinary character.
      classStart = pattern[index + 1] === '^' ? index + 2 : index + 1;
    } else if (extended && char === '#') {
      const end = pattern.indexOf('\n', index);
      index = end === -1 ? pattern.length : end;
    } else if (char === '$' && !perLine) {
      translated += finalEnd;
    } else if (!extended || !isBlank(char)) {
      if (char === '(') perLine = multilineAfter(pattern, index, perLine);
      translated += char;
    }
  }
  return translated;
}

/** Reads inline flags at a parenthesis: `(?m)` at the very start is the option; anywhere else it is refused. */
function multilineAfter(pattern: string, index: number, perLine: boolean): boolean {
  if (pattern[index + 1] !== '?') return perLine;
  let end = index + 2;
  while (end < pattern.length && 'imsxU-'.includes(pattern[end]!)) end += 1;
  if (!pattern.slice(index, end).includes('m') || ![':', ')'].includes(pattern[end] ?? '')) return perLine;
  if (index > 0 || pattern[end] !== ')' || pattern.slice(index, end).includes('-')) {
    throw new CommandError(
      'BadValue',
      'the inline regular expression flag (?m) is supported only at the start',
    );
  }
  return true;
}

const finalEnd = '(?:\\n?\\z)';
const verticalSpace = '\\n\\x0b\\f\\r\\x{85}\\x{2028}\\x{2029}';

function escapeOf(escaped: string, inClass: boolean): string {
  if (escaped === 's') return inClass ? '\\s\\x0b' : '[\\s\\x0b]';
  if (escaped === 'S' && !inClass) return '[^\\s\\x0b]';
  if (escaped === 'v') return inClass ? verticalSpace : `[${verticalSpace}]`;
  if (escaped === 'Z' && !inClass) return finalEnd;
  return `\\${escaped}`;
}

function isBlank(char: string): boolean {
  return ' \t\n\v\f\r'.includes(char);
}

/**
 * What every string that matches begins with: "ab" for `/^abc?/`, "" if the pattern says nothing about it. For index
 * bounds; strings in the bounds still have to be tested.
 */
export function literalPrefix(regex: unknown): string {
  const { pattern, options } = regexParts(regex);
  if (!pattern.startsWith('^') || pattern.includes('|')) return '';
  if ([...options].some((option) => 'imx'.includes(option))) return '';
  const units = [...pattern.slice(1)];
  const prefix: string[] = [];
  for (let index = 0; index < units.length; index += 1) {
    const unit = units[index]!;
    if ('?*{'.includes(unit)) {
      prefix.pop();
      break;
    }
    if (unit === '\\') {
      index += 1;
      const escaped = units[index];
      if (escaped === undefined || !punctuation.includes(escaped)) break;
      prefix.push(escaped);
    } else if ('.[($+^)'.includes(unit)) {
      break;
    } else {
      prefix.push(unit);
    }
  }
  return prefix.join('');
}

/** Characters that a backslash makes literal; before letters and digits it means something else. */
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ ';
