// Random BSON values in canonical form, weighted towards collisions: equal numbers of different types, shared prefixes.
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import fc from 'fast-check';

const decimals = fc
  .tuple(
    fc.boolean(),
    fc.oneof(fc.bigInt(0n, 200n), fc.bigInt(0n, 10n ** 34n - 1n)),
    fc.oneof(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -6176, max: 6111 }), fc.constant(-340)),
  )
  .map(([minus, digits, exponent]) => Decimal128.fromString(`${minus ? '-' : ''}${digits}E${exponent}`));

const longs = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
const nearTwo53 = fc.integer({ min: -3, max: 3 });

/** One number in several types, so that equality across types is met often. */
const related = fc
  .tuple(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer()), fc.integer({ min: 0, max: 4 }))
  .map(([value, type]) =>
    type === 0
      ? new Int32(value | 0)
      : type === 1
        ? new Double(value)
        : type === 2
          ? Long.fromNumber(value)
          : type === 3
            ? Decimal128.fromString(`${value}.0`)
            : value,
  );

const near2To53 = fc
  .tuple(nearTwo53, fc.integer({ min: 0, max: 2 }), fc.boolean())
  .map(([by, type, minus]) => {
    const value = (2n ** 53n + BigInt(by)) * (minus ? -1n : 1n);
    return type === 0
      ? Long.fromBigInt(value)
      : type === 1
        ? new Double(Number(value))
        : Decimal128.fromString(`${value}.${by === 0 ? '0' : '25'}`);
  });

const fractions = fc
  .tuple(fc.integer({ min: -30, max: 30 }), fc.boolean())
  .map(([tenths, decimal]) => (decimal ? Decimal128.fromString(`${tenths}E-1`) : new Double(tenths / 10)));

export const numbers = fc.oneof(
  related,
  near2To53,
  fractions,
  longs.map((value) => Long.fromBigInt(value)),
  fc.double().map((value) => new Double(value)),
  decimals,
  fc.constantFrom(
    new Double(NaN),
    new Double(Infinity),
    new Double(-Infinity),
    new Double(-0),
    new Double(Number.MAX_VALUE),
    new Double(Number.MIN_VALUE),
    Decimal128.fromString('NaN'),
    Decimal128.fromString('Infinity'),
    Decimal128.fromString('-Infinity'),
    Decimal128.fromString('-0'),
    Decimal128.fromString('1E-6176'),
    Decimal128.fromString('-1E-6176'),
    Decimal128.fromString('9E+6144'),
    Long.MIN_VALUE,
    Long.MAX_VALUE,
  ),
);

export const strings = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', 'b', '\0', '\u0001', '\u0002', '\uffff', '\ue000', '😀', '\u{10ffff}'),
  }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

const names = fc.constantFrom('a', 'b', 'ab', '', '__proto__', 'constructor', '\uffff', '😀');

const leaves = fc.oneof(
  { weight: 6, arbitrary: numbers },
  { weight: 3, arbitrary: strings },
  fc.constantFrom(null, true, false, new MinKey(), new MaxKey()),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc
    .tuple(fc.uint8Array({ maxLength: 3 }), fc.constantFrom(0, 5, 128))
    .map(([bytes, subtype]) => new Binary(bytes, subtype)),
  fc
    .oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -8.64e15, max: 8.64e15 }))
    .map((ms) => new Date(ms)),
  fc
    .tuple(fc.constantFrom(0, 1, 0xffffffff), fc.constantFrom(0, 1, 0x80000000))
    .map(([t, i]) => new Timestamp({ t, i })),
  strings.map((text) => new BSONSymbol(text)),
  fc
    .tuple(fc.constantFrom('', 'a', 'ab'), fc.constantFrom('', 'i', 'm'))
    .map(([pattern, options]) => new BSONRegExp(pattern, options)),
  fc
    .tuple(fc.constantFrom('f', 'g'), fc.option(numbers))
    .map(([code, scope]) => (scope === null ? new Code(code) : new Code(code, { a: scope }))),
);

/** A document with these fields in this order; `__proto__` is a field like any other. */
export function documentOf(entries: readonly (readonly [string, unknown])[]): Document {
  const document: Document = {};
  for (const [name, value] of entries) {
    Object.defineProperty(document, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return document;
}

export const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaves,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 3 }).map(documentOf),
  ),
})).value;
