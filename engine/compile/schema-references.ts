// What the references of a schema come to, before ajv follows them: it follows each one each time, and so does each check.
import { components } from '../definition/components.js';
import type { Schema } from '../definition/flow.js';
import { linksOf, type SchemaLink, type SchemaPlace } from './schema-links.js';

const schemasMax = 10_000;
const inARowMax = 100;

/**
 * Refuses a schema whose references never end for one value, that is too large once each is followed, or that checks a
 * part of a value several times with what leads back to it: each level of the value would take that many times as long.
 *
 * @throws {Error} saying what is wrong
 */
export function checkReferences(schema: Schema): void {
  const references = new References(schema);
  references.checkSize();
  references.checkCircles();
}

class References {
  readonly #root: Schema;
  readonly #links = new Map<Schema, readonly SchemaLink[]>();
  /** How many parts each schema has that a reference leads to. */
  readonly #sizes = new Map<Schema, number>();
  readonly #open = new Set<Schema>();

  constructor(root: Schema) {
    this.#root = root;
    this.#open.add(root);
  }

  /** One that is met again further down in a value, as in a tree, counts once. */
  checkSize(): void {
    this.#sizeOf(this.#root, this.#root);
  }

  #sizeOf(schema: Schema, base: Schema): number {
    const links = this.#links.get(schema) ?? linksOf(schema, base, this.#root);
    this.#links.set(schema, links);
    let size = 1;
    for (const { reference, to, base: begin } of links) {
      size += reference === undefined ? this.#sizeOf(to, begin) : this.#sizeAt(to, begin);
    }
    if (size > schemasMax) {
      throw new Error(`it has more than ${schemasMax} parts when all of its references are followed`);
    }
    return size;
  }

  #sizeAt(target: Schema, base: Schema): number {
    const known = this.#sizes.get(target);
    if (known !== undefined) return known;
    if (this.#open.has(target)) return 1;
    if (this.#open.size > inARowMax) throw new Error(`more than ${inARowMax} references lead to one another`);
    this.#open.add(target);
    const size = this.#sizeOf(target, base);
    this.#open.delete(target);
    this.#sizes.set(target, size);
    return size;
  }

  /** Once every link is known. */
  checkCircles(): void {
    const inPlace = (schema: Schema): readonly SchemaLink[] =>
      this.#links.get(schema)!.filter(({ place }) => place === undefined);
    const all = (schema: Schema): readonly SchemaLink[] => this.#links.get(schema)!;
    for (const { links } of circles(this.#links.keys(), inPlace)) {
      const [{ reference } = { reference: '' }] = links.filter((link) => link.reference !== undefined);
      throw new Error(`${reference} leads back to itself for the same value`);
    }
    for (const { members, links } of circles(this.#links.keys(), all)) {
      const returning = new Set(links);
      const places = new Map<Schema, readonly SchemaPlace[]>();
      for (const member of members) this.#returns(member, returning, places);
    }
  }

  /** The parts of a value that a schema checks with what leads back to it: each once, or it is refused. */
  #returns(
    schema: Schema,
    returning: ReadonlySet<SchemaLink>,
    known: Map<Schema, readonly SchemaPlace[]>,
  ): readonly SchemaPlace[] {
    const before = known.get(schema);
    if (before !== undefined) return before;
    const places: SchemaPlace[] = [];
    for (const link of this.#links.get(schema)!) {
      if (!returning.has(link)) continue;
      for (const place of link.place === undefined
        ? this.#returns(link.to, returning, known)
        : [link.place]) {
        const twice = places.find((other) => mayMeet(place, other));
        if (twice !== undefined) {
          const { of, name } = { ...twice, ...place };
          throw new Error(
            `it leads back to itself several times for the same ${of}${name === undefined ? '' : ` (${name})`}`,
          );
        }
        places.push(place);
      }
    }
    known.set(schema, places);
    return places;
  }
}

/** Whether two are of one and the same part; of patterns that is assumed. */
function mayMeet(one: SchemaPlace, other: SchemaPlace): boolean {
  if (one.of !== other.of) return false;
  if (one.name !== undefined && other.name !== undefined) return one.name === other.name;
  return one.sharedBy === undefined || one.sharedBy !== other.sharedBy || !(one.isRest || other.isRest);
}

/** Schemas that lead to one another, and the links by which they do. */
function circles(
  schemas: Iterable<Schema>,
  linksFrom: (schema: Schema) => readonly SchemaLink[],
): readonly { readonly members: readonly Schema[]; readonly links: readonly SchemaLink[] }[] {
  return components(schemas, (schema) => linksFrom(schema).map(({ to }) => to)).flatMap((members) => {
    const within = new Set(members);
    const links = members.flatMap((member) => linksFrom(member).filter(({ to }) => within.has(to)));
    return links.length === 0 ? [] : [{ members, links }];
  });
}
