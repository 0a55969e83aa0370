// Random documents, filters, updates, sorts and projections over few fields and many types, so that they meet often.
import { Decimal128, type Document, Double, Int32, Long, ObjectId } from 'mongodb';
import type { Random } from './random.js';

/** What a reference is known to answer wrongly (deviations.ts) and is therefore not asked. */
export type Switch =
  | 'arraysAndDocumentsAsOperands'
  | 'nullInRanges'
  | 'severalBounds'
  | 'existsThroughArrays'
  | 'negationThroughArrays'
  | 'all'
  | 'elemMatch'
  | 'sortThroughArrays'
  | 'severalPathsInUpdates'
  | 'pathsUnderScalars'
  | 'setAcrossNumericTypes'
  | 'projectionOfSeveral'
  | 'replacements'
  | 'nullThroughArrays'
  | 'regexes'
  | 'distinctOfPaths'
  | 'addToSetOfDocuments'
  | 'nullInDocuments'
  | 'decimalArithmetic'
  | 'nestedArrays'
  | 'upsertOfOperators';

export type Operation =
  | { readonly kind: 'find'; readonly filter: Document; readonly options: Document }
  | { readonly kind: 'count'; readonly filter: Document }
  | { readonly kind: 'distinct'; readonly field: string; readonly filter: Document }
  | { readonly kind: 'insert'; readonly document: Document }
  | {
      readonly kind: 'update';
      readonly filter: Document;
      readonly update: Document;
      /** The `_id` to insert if nothing matches. */
      readonly upsert?: number;
    }
  | { readonly kind: 'updateMany'; readonly filter: Document; readonly update: Document }
  | { readonly kind: 'replace'; readonly filter: Document; readonly document: Document }
  | { readonly kind: 'modify'; readonly filter: Document; readonly update: Document; readonly after: boolean }
  | { readonly kind: 'delete'; readonly filter: Document; readonly many: boolean };

const fields = ['a', 'b', 'c'] as const;
const ids = ['65f000000000000000000001', '65f000000000000000000002'] as const;

export class Generator {
  readonly #random: Random;
  readonly #off: ReadonlySet<Switch>;
  #nextId = 1;

  constructor(random: Random, off: ReadonlySet<Switch>) {
    this.#random = random;
    this.#off = off;
  }

  operation(): Operation {
    const random = this.#random;
    const roll = random.below(100);
    if (roll < 40) return { kind: 'find', filter: this.filter(), options: this.findOptions() };
    if (roll < 45) return { kind: 'count', filter: this.filter() };
    if (roll < 50)
      return {
        kind: 'distinct',
        field: this.on('distinctOfPaths') ? this.path() : random.pick(fields),
        filter: this.filter(),
      };
    if (roll < 60) return { kind: 'insert', document: this.document() };
    if (roll < 80) return this.updateOne();
    if (roll < 86) return { kind: 'updateMany', filter: this.filter(), update: this.update() };
    if (roll < 90 && this.on('replacements'))
      return { kind: 'replace', filter: this.filter(), document: this.body() };
    if (roll < 96)
      return { kind: 'modify', filter: this.filter(), update: this.update(), after: random.chance(50) };
    return { kind: 'delete', filter: this.filter(), many: random.chance(10) };
  }

  private updateOne(): Operation {
    const isUpsert = this.#random.chance(10);
    const isPlain = isUpsert && !this.on('upsertOfOperators');
    const filter = isPlain ? { [this.#random.pick(fields)]: this.value(0) } : this.filter();
    const update = this.update();
    return isUpsert
      ? { kind: 'update', filter, update, upsert: this.#nextId++ }
      : { kind: 'update', filter, update };
  }

  /** Increasing `_id`s: the first match is then the same in the order of insertion and in that of `_id`. */
  document(): Document {
    return { _id: this.#nextId++, ...this.body() };
  }

  body(): Document {
    const random = this.#random;
    const body: Document = {};
    for (const field of fields) if (random.chance(70)) body[field] = this.value(2);
    return body;
  }

  filter(depth = 2): Document {
    const random = this.#random;
    if (depth > 0 && random.chance(20)) {
      return { [random.pick(['$and', '$or', '$nor'])]: random.list(2, () => this.filter(depth - 1), 1) };
    }
    const filter: Document = {};
    for (let count = 1 + random.below(2); count > 0; count--) {
      const path = this.path();
      filter[path] = this.condition(path);
    }
    return filter;
  }

  private on(name: Switch): boolean {
    return !this.#off.has(name);
  }

  private path(): string {
    const random = this.#random;
    const field = random.pick(fields);
    if (random.chance(70)) return field;
    if (random.chance(30)) return `${field}.${random.below(3)}`;
    return `${field}.${random.pick(fields)}`;
  }

  private number(): unknown {
    const random = this.#random;
    const n = random.below(7) - 2;
    const kinds: (() => unknown)[] = [
      () => new Int32(n),
      () => new Double(n),
      () => new Double(n + 0.5),
      () => Long.fromNumber(n),
      () => Decimal128.fromString(`${n}.5`),
      () => Decimal128.fromString(`${n}`),
    ];
    return random.pick(kinds)();
  }

  private scalar(): unknown {
    const random = this.#random;
    const roll = random.below(10);
    if (roll < 4) return this.number();
    if (roll < 6) return random.pick(['', 'x', 'xy', 'y', 'X']);
    if (roll === 6) return null;
    if (roll === 7) return random.chance(50);
    if (roll === 8) return new Date(random.below(3) * 1000);
    return new ObjectId(random.pick(ids));
  }

  /** A value of a document or an update. */
  private value(depth: number, isElement = false): unknown {
    const random = this.#random;
    if (depth > 0 && random.chance(20) && (!isElement || this.on('nestedArrays'))) {
      return random.list(3, () => this.value(depth - 1, true));
    }
    if (depth > 0 && random.chance(20)) {
      const nested: Document = {};
      for (const field of fields) if (random.chance(50)) nested[field] = this.value(depth - 1, isElement);
      return nested;
    }
    const scalar = this.scalar();
    if (scalar === null && !this.on('nullInDocuments')) return 'x';
    return this.countable(scalar);
  }

  private countable(value: unknown): unknown {
    return value instanceof Decimal128 && !this.on('decimalArithmetic')
      ? new Int32(this.#random.below(4))
      : value;
  }

  private operand(path = ''): unknown {
    const operand = this.on('arraysAndDocumentsAsOperands') ? this.value(1) : this.scalar();
    return operand === null && path.includes('.') && !this.on('nullThroughArrays') ? 'x' : operand;
  }

  private bound(): unknown {
    let bound = this.operand();
    while (bound === null && !this.on('nullInRanges')) bound = this.operand();
    return bound;
  }

  private condition(path: string): unknown {
    const random = this.#random;
    const throughArray = path.includes('.');
    const range = (): Document => ({ [random.pick(['$gt', '$gte', '$lt', '$lte'])]: this.bound() });
    const negations = this.on('negationThroughArrays') || !throughArray;
    const kinds: (() => unknown)[] = [
      () => this.operand(path),
      () => this.operand(path),
      () => ({ $eq: this.operand(path) }),
      range,
      range,
      () => ({ $in: random.list(3, () => this.operand(path)) }),
      () => ({ $mod: [2, random.below(2)] }),
      () => ({ $size: random.below(3) }),
    ];
    if (this.on('regexes')) {
      kinds.push(() => ({ $regex: random.pick(['^x', 'y$', 'x', '^X']), $options: random.pick(['', 'i']) }));
    }
    if (this.on('severalBounds')) kinds.push(() => ({ ...range(), ...range() }));
    kinds.push(() => ({
      $type: random.pick(['int', 'long', 'double', 'string', 'null', 'array', 'object', 'number']),
    }));
    if (negations) {
      kinds.push(
        () => ({ $ne: this.operand(path) }),
        () => ({ $nin: random.list(2, () => this.operand(path)) }),
        () => ({ $not: range() }),
      );
    }
    if (this.on('existsThroughArrays') || !throughArray) kinds.push(() => ({ $exists: random.chance(50) }));
    if (this.on('all')) kinds.push(() => ({ $all: random.list(2, () => this.operand(path)) }));
    if (this.on('elemMatch')) {
      kinds.push(
        () => ({ $elemMatch: range() }),
        () => ({ $elemMatch: { [random.pick(fields)]: this.operand(path) } }),
      );
    }
    return random.pick(kinds)();
  }

  private findOptions(): Document {
    const random = this.#random;
    const sort: Document = {};
    if (random.chance(60)) {
      const path = this.on('sortThroughArrays') ? this.path() : '_id';
      sort[path] = random.pick([1, -1]);
    }
    sort['_id'] ??= random.pick([1, -1]);
    const options: Document = { sort };
    if (random.chance(20)) options['skip'] = random.below(4);
    if (random.chance(20)) options['limit'] = 1 + random.below(4);
    if (random.chance(30)) options['projection'] = this.projection();
    return options;
  }

  private projection(): Document {
    const random = this.#random;
    const shown = random.pick([0, 1]);
    const projection: Document = {};
    const paths = this.on('projectionOfSeveral')
      ? random.list(3, () => random.pick(fields), 1)
      : [random.pick(fields)];
    for (const field of paths) {
      projection[random.chance(20) ? `${field}.${random.pick(fields)}` : field] = shown;
    }
    for (const field of fields) {
      const isParent = Object.keys(projection).some((path) => path.startsWith(`${field}.`));
      if (isParent) delete projection[field];
    }
    if (random.chance(20)) projection['_id'] = 0;
    return projection;
  }

  private target(): string {
    return this.on('pathsUnderScalars') ? this.path() : this.#random.pick(fields);
  }

  private update(): Document {
    const random = this.#random;
    const update: Document = {};
    const taken = new Set<string>();
    const count = this.on('severalPathsInUpdates') ? 1 + random.below(3) : 1;
    for (let index = 0; index < count; index++) {
      const path = this.target();
      const [root] = path.split('.') as [string];
      if (taken.has(root)) continue;
      taken.add(root);
      const [name, operand] = this.change(path, taken);
      update[name] = { ...update[name], [path]: operand };
    }
    return update;
  }

  private change(path: string, taken: Set<string>): [string, unknown] {
    const random = this.#random;
    const kinds: (() => [string, unknown])[] = [
      () => [
        '$set',
        this.on('setAcrossNumericTypes') ? this.value(1) : random.pick(['x', 'y', true, new Date(0)]),
      ],
      () => ['$set', random.list(2, () => this.value(0))],
      () => ['$unset', ''],
      () => ['$push', this.value(1, true)],
      () => ['$pull', this.scalar()],
    ];
    kinds.push(() => ['$pop', random.pick([1, -1])]);
    kinds.push(
      () => ['$inc', this.countable(this.number())],
      () => ['$mul', this.countable(this.number())],
    );
    kinds.push(
      () => ['$min', this.value(0)],
      () => ['$max', this.value(0)],
    );
    if (this.on('setAcrossNumericTypes'))
      kinds.push(() => ['$addToSet', this.value(this.on('addToSetOfDocuments') ? 1 : 0, true)]);
    kinds.push(() => ['$pull', { [random.pick(['$gt', '$lte', '$ne'])]: this.bound() }]);
    kinds.push(() => [
      '$push',
      {
        $each: random.list(2, () => this.value(1, true)),
        ...(random.chance(30) ? { $position: random.below(3) } : {}),
        ...(random.chance(30) ? { $sort: random.pick([1, -1]) } : {}),
        ...(random.chance(30) ? { $slice: random.below(4) - 2 } : {}),
      },
    ]);
    const free = fields.filter((field) => !taken.has(field));
    if (free.length > 0 && !path.includes('.')) {
      kinds.push(() => {
        const to = random.pick(free);
        taken.add(to);
        return ['$rename', to];
      });
    }
    return random.pick(kinds)();
  }
}
