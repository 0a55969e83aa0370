// Fields cut from a document's bytes: the same as those of the decoded document.
import assert from 'node:assert/strict';
import {
  Binary,
  BSONRegExp,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from 'bson';
import fc from 'fast-check';
import { decode } from '../../../../../store/embedded/bson/codec.js';
import { pickFields } from '../../../../../store/embedded/bson/pick-fields.js';

const ofEachType: Record<string, unknown> = {
  double: new Double(1.5),
  string: 'text with \0 and ü',
  document: { a: { b: [1, 'x'] } },
  array: [1, [2], {}],
  binary: new Binary(Buffer.from([0, 1, 2, 0])),
  oldBinary: new Binary(Buffer.from([1, 2]), 2),
  objectId: new ObjectId('0123456789abcdef01234567'),
  yes: true,
  date: new Date(5),
  nothing: null,
  regex: new BSONRegExp('a.b', 'i'),
  code: new Code('f()'),
  scoped: new Code('f()', { x: 1 }),
  int: new Int32(7),
  timestamp: new Timestamp({ t: 1, i: 2 }),
  long: Long.fromString('9007199254740993'),
  decimal: Decimal128.fromString('1.10'),
  most: new MaxKey(),
  least: new MinKey(),
  reference: new DBRef('c', new ObjectId('0123456789abcdef01234567')),
  ümlaut: 'a name beyond ASCII',
  empty: '',
};

function check(document: Record<string, unknown>, names: readonly string[]): void {
  const whole = decode(serialize(document));
  const wanted = Object.fromEntries(Object.entries(whole).filter(([name]) => names.includes(name)));
  assert.deepEqual(decode(pickFields(serialize(document), new Set(names))), wanted);
}

describe('fields picked from bytes', () => {
  it('are those of every type, one at a time, all, and none', () => {
    const names = Object.keys(ofEachType);
    for (const name of names) check(ofEachType, [name]);
    check(ofEachType, names);
    check(ofEachType, []);
    check({}, ['a']);
  });

  it('are those of any document of JSON values', () => {
    const name = fc.string({ maxLength: 5 }).filter((text) => !/[$\0]/.test(text) && text !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue()), fc.array(name), (document, names) => {
        check(document, [...names, ...Object.keys(document).filter((_, at) => at % 2 === 0)]);
      }),
    );
  });
});
