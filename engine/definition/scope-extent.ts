// How large everything can be that expressions of a flow find by name, from its schemas.
import type { OutputSite } from '../elements/element.js';
import {
  type Expression,
  type Extent,
  extentOfValue,
  largestExtent,
  nullExtent,
  numberExtent,
  objectExtent,
  textExtent,
  unknownExtent,
} from '../expressions/index.js';
import { extentOfSchema } from './extent-of-schema.js';
import type { FlowDefinition } from './flow.js';
import type { GraphNode } from './paths.js';

export interface ScopeParts {
  readonly definition: FlowDefinition;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly formulas: ReadonlyMap<string, Expression>;
  readonly outputs: OutputSite;
}

/** Names and instants are no longer. */
const nameChars = 100;

export class ScopeExtent {
  /** The whole scope; its parts are looked at when they are asked for. */
  readonly extent: Extent;
  readonly #parts: ScopeParts;
  readonly #known = new Map<string, Extent>();
  #whole: Extent | undefined;

  constructor(parts: ScopeParts) {
    this.#parts = parts;
    const whole = (): Extent => {
      this.#whole ??= this.#all();
      return this.#whole;
    };
    this.extent = {
      get chars() {
        return whole().chars;
      },
      get items() {
        return whole().items;
      },
      get parts() {
        return whole().parts;
      },
      length: 0,
      isText: false,
      part: (name) => this.#of(name),
    };
    // Each comes after those that it reads, so none has to be followed; in a circle, which is reported elsewhere, one is
    // as large as anything can be until it is looked at.
    for (const name of parts.formulas.keys()) this.#known.set(name, largestExtent);
    for (const name of parts.formulas.keys()) this.#known.set(name, this.#named(name));
    this.#whole = undefined;
  }

  #of(name: string): Extent {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const extent = name.startsWith('$') ? this.#global(name) : this.#named(name);
    this.#known.set(name, extent);
    return extent;
  }

  #named(name: string): Extent {
    const { definition, nodes, formulas, outputs } = this.#parts;
    const { variables = {}, constants = {} } = definition;
    if (Object.hasOwn(variables, name)) {
      const at = { pointer: `/variables/${name}/schema` };
      return extentOfSchema(variables[name]!.schema, unknownExtent, 0, at);
    }
    if (Object.hasOwn(constants, name)) return extentOfValue(constants[name]);
    const formula = formulas.get(name);
    if (formula !== undefined) return formula.estimate(this.extent).extent;
    const node = nodes.get(name);
    const output = node?.type.output?.(node.definition, outputs);
    return output === 'none' ? nullExtent : extentOfSchema(output, unknownExtent, 0, { name });
  }

  #global(name: string): Extent {
    const { definition, nodes, outputs } = this.#parts;
    const { trigger } = definition.start;
    const names = Object.keys(definition.elements);
    const element = textExtent(nameChars);
    switch (name) {
      case '$record':
      case '$recordPrior': {
        const record = 'record' in trigger ? trigger.record : undefined;
        const schema = record === undefined ? undefined : outputs.record(record)?.schema;
        return schema === undefined
          ? unknownExtent
          : extentOfSchema({ type: 'object', ...schema }, unknownExtent, 0, { name });
      }
      case '$now':
        return element;
      case '$visits':
        return objectExtent(Object.fromEntries(names.map((one) => [one, numberExtent])));
      case '$flow':
        return objectExtent(
          {
            visited: extentOfValue(names),
            errors: objectExtent(Object.fromEntries([...nodes.keys()].map((one) => [one, element]))),
            stages: extentOfValue((definition.stages ?? []).map((stage) => stage.name)),
          },
          unknownExtent,
        );
      default:
        return unknownExtent;
    }
  }

  #all(): Extent {
    // While the whole is looked at, it may be anything.
    this.#whole = largestExtent;
    const { definition, nodes, formulas } = this.#parts;
    const { variables = {}, constants = {} } = definition;
    const names = [
      ...Object.keys(variables),
      ...Object.keys(constants),
      ...formulas.keys(),
      ...nodes.keys(),
      '$record',
      '$flow',
      '$visits',
    ];
    return objectExtent(Object.fromEntries(names.map((name) => [name, this.#of(name)])), unknownExtent);
  }
}
