// $exists, $type, $mod, $regex, the bit tests, and what they see in arrays.
import { Decimal128, Double, Int32, Long, ObjectId } from 'mongodb';
import { refused, theme } from './theme.js';

export const queryElements = theme('element', (it) => {
  it('$exists true takes null', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: 1 });
    await at.answers({ a: { $exists: true } }, [1, 3]);
  });

  it('$exists false takes missing fields alone', async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: [] });
    await at.answers({ a: { $exists: false } }, [2]);
  });

  it('$exists on a path through an array: some element has it', async (at) => {
    await at.given({ _id: 1, a: [{ b: 1 }, {}] }, { _id: 2, a: [{}] }, { _id: 3, a: [] });
    await at.answers({ 'a.b': { $exists: true } }, [1]);
    await at.answers({ 'a.b': { $exists: false } }, [2, 3]);
  });

  it('$exists tells the length of an array by a position', async (at) => {
    await at.given({ _id: 1, a: [1, 2] }, { _id: 2, a: [1] });
    await at.answers({ 'a.1': { $exists: true } }, [1]);
  });

  it('$type by name', async (at) => {
    await at.given({ _id: 1, a: 'x' }, { _id: 2, a: 1 }, { _id: 3 });
    await at.answers({ a: { $type: 'string' } }, [1]);
  });

  it('$type by number', async (at) => {
    await at.given({ _id: 1, a: 'x' }, { _id: 2, a: true }, { _id: 3, a: new ObjectId() });
    await at.answers({ a: { $type: 8 } }, [2]);
  });

  it('$type tells the numeric types apart', async (at) => {
    await at.given(
      { _id: 1, a: new Int32(1) },
      { _id: 2, a: new Double(1) },
      { _id: 3, a: Long.fromNumber(1) },
      { _id: 4, a: Decimal128.fromString('1') },
    );
    await at.answers({ a: { $type: 'int' } }, [1]);
    await at.answers({ a: { $type: 'double' } }, [2]);
    await at.answers({ a: { $type: 'long' } }, [3]);
    await at.answers({ a: { $type: 'decimal' } }, [4]);
  });

  it("$type 'number' takes all four numeric types", async (at) => {
    await at.given(
      { _id: 1, a: new Int32(1) },
      { _id: 2, a: new Double(1) },
      { _id: 3, a: Long.fromNumber(1) },
      { _id: 4, a: Decimal128.fromString('1') },
      { _id: 5, a: '1' },
    );
    await at.answers({ a: { $type: 'number' } }, [1, 2, 3, 4]);
  });

  it('$type takes several types', async (at) => {
    await at.given({ _id: 1, a: 'x' }, { _id: 2, a: true }, { _id: 3, a: 1 });
    await at.answers({ a: { $type: ['string', 'bool'] } }, [1, 2]);
  });

  it('$type looks at the elements of an array', async (at) => {
    await at.given({ _id: 1, a: [1, 'x'] }, { _id: 2, a: [1] });
    await at.answers({ a: { $type: 'string' } }, [1]);
  });

  it("$type 'array' takes arrays themselves", async (at) => {
    await at.given({ _id: 1, a: [] }, { _id: 2, a: [1] }, { _id: 3, a: 1 });
    await at.answers({ a: { $type: 'array' } }, [1, 2]);
  });

  it("$type 'null' leaves out missing fields", async (at) => {
    await at.given({ _id: 1, a: null }, { _id: 2 });
    await at.answers({ a: { $type: 'null' } }, [1]);
  });

  it('$type of an unknown name is refused', async (at) => {
    await at.given({ _id: 1, a: 1 });
    await refused(at.collection.find({ a: { $type: 'money' as 'int' } }).toArray(), 2);
  });

  it('$mod matches by remainder', async (at) => {
    await at.given({ _id: 1, a: 4 }, { _id: 2, a: 5 }, { _id: 3, a: '4' }, { _id: 4 });
    await at.answers({ a: { $mod: [4, 0] } }, [1]);
  });

  it('$mod cuts off the fraction of the field', async (at) => {
    await at.given({ _id: 1, a: 4.9 }, { _id: 2, a: 5.1 });
    await at.answers({ a: { $mod: [4, 0] } }, [1]);
  });

  it('$mod of a negative number has its sign', async (at) => {
    await at.given({ _id: 1, a: -5 }, { _id: 2, a: 5 });
    await at.answers({ a: { $mod: [4, -1] } }, [1]);
  });

  it('$mod by zero is refused', async (at) => {
    await at.given({ _id: 1, a: 1 });
    await refused(at.collection.find({ a: { $mod: [0, 0] } }).toArray(), 2);
  });

  it('$mod with one number is refused', async (at) => {
    await at.given({ _id: 1, a: 1 });
    await refused(at.collection.find({ a: { $mod: [2] as unknown as [number, number] } }).toArray(), 2);
  });

  it('a regular expression matches strings alone', async (at) => {
    await at.given({ _id: 1, a: 'abc' }, { _id: 2, a: 'xbc' }, { _id: 3, a: 123 }, { _id: 4 });
    await at.answers({ a: /^a/ }, [1]);
  });

  it('$regex takes its options beside it', async (at) => {
    await at.given({ _id: 1, a: 'ABC' }, { _id: 2, a: 'xyz' });
    await at.answers({ a: { $regex: '^ab', $options: 'i' } }, [1]);
  });

  it('$regex matches an element of an array', async (at) => {
    await at.given({ _id: 1, a: ['xyz', 'abc'] }, { _id: 2, a: ['xyz'] });
    await at.answers({ a: { $regex: 'b' } }, [1]);
  });

  it('option m lets anchors match at lines', async (at) => {
    await at.given({ _id: 1, a: 'one\ntwo' }, { _id: 2, a: 'one two' });
    await at.answers({ a: { $regex: '^two', $options: 'm' } }, [1]);
  });

  it('option s lets the dot match a line break', async (at) => {
    await at.given({ _id: 1, a: 'a\nb' }, { _id: 2, a: 'b\na' });
    await at.answers({ a: { $regex: 'a.b', $options: 's' } }, [1]);
    await at.answers({ a: { $regex: 'a.b' } }, []);
  });

  it('option x leaves white space of the pattern out', async (at) => {
    await at.given({ _id: 1, a: 'abc' }, { _id: 2, a: 'a b c' });
    await at.answers({ a: { $regex: 'a b c # spaced', $options: 'x' } }, [1]);
  });

  it('a broken regular expression is refused', async (at) => {
    await at.given({ _id: 1, a: 'x' });
    await refused(at.collection.find({ a: { $regex: '(' } }).toArray());
  });

  it('$options without $regex is refused', async (at) => {
    await at.given({ _id: 1, a: 'x' });
    await refused(at.collection.find({ a: { $options: 'i' } }).toArray(), 2);
  });

  it('$bitsAllSet by mask', async (at) => {
    await at.given({ _id: 1, a: 54 }, { _id: 2, a: 20 }, { _id: 3, a: 'x' });
    await at.answers({ a: { $bitsAllSet: 50 } }, [1]);
  });

  it('$bitsAllClear by positions', async (at) => {
    await at.given({ _id: 1, a: 54 }, { _id: 2, a: 20 });
    await at.answers({ a: { $bitsAllClear: [1, 5] } }, [2]);
  });

  it('$bitsAnySet and $bitsAnyClear', async (at) => {
    await at.given({ _id: 1, a: 1 }, { _id: 2, a: 2 }, { _id: 3, a: 3 });
    await at.answers({ a: { $bitsAnySet: 1 } }, [1, 3]);
    await at.answers({ a: { $bitsAnyClear: [0, 1] } }, [1, 2]);
  });
});
