// Custom logic strings, `1 AND (2 OR NOT 3)`: numbers of conditions joined by AND, OR and NOT. As in Salesforce, AND and OR
// side by side need parentheses, so that nobody has to know which binds more tightly. `and` and `or` alone join them all.
import { expressionLimits } from './expression-limits.js';

/** A parsed logic string; conditions are counted from 1. */
export type Logic =
  | { readonly condition: number }
  | { readonly not: Logic }
  | { readonly operator: 'and' | 'or'; readonly operands: readonly Logic[] };

/** What is wrong with a logic string, and at which character, from 0. */
export interface LogicFault {
  readonly position: number;
  readonly detail: string;
  readonly expected: string;
}

interface Token {
  readonly text: string;
  readonly position: number;
}

class Fault extends Error {
  constructor(readonly fault: LogicFault) {
    super(fault.detail);
  }
}

/** Parses a logic string over so many conditions. */
export function parseConditionLogic(
  text: string,
  conditions: number,
):
  | { readonly logic: Logic; readonly fault?: undefined }
  | { readonly logic?: undefined; readonly fault: LogicFault } {
  if (text === 'and' || text === 'or') {
    const operands = Array.from({ length: conditions }, (_, index) => ({ condition: index + 1 }));
    return { logic: { operator: text, operands } };
  }
  try {
    const parser = new Parser(toTokens(text), text.length, conditions);
    return { logic: parser.whole() };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.fault };
    throw error;
  }
}

function toTokens(text: string): Token[] {
  if (text.length > expressionLimits.logicCharsMax) {
    throw new Fault({
      position: expressionLimits.logicCharsMax,
      detail: `the logic has ${text.length} characters`,
      expected: `at most ${expressionLimits.logicCharsMax} characters`,
    });
  }
  const tokens: Token[] = [];
  for (const match of text.matchAll(/\s+|[0-9]+|[A-Za-z]+|[\s\S]/g)) {
    if (match[0].trim() !== '') tokens.push({ text: match[0].toUpperCase(), position: match.index });
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  readonly #conditions: number;
  readonly #used = new Set<number>();
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], end: number, conditions: number) {
    this.#tokens = tokens;
    this.#end = end;
    this.#conditions = conditions;
  }

  whole(): Logic {
    const logic = this.#group();
    if (this.#peek() !== undefined) throw this.#fault('AND, OR or the end');
    for (let condition = 1; condition <= this.#conditions; condition += 1) {
      if (!this.#used.has(condition)) {
        throw new Fault({
          position: this.#end,
          detail: `condition ${condition} is not used`,
          expected: 'every condition',
        });
      }
    }
    return logic;
  }

  #group(): Logic {
    const first = this.#unary();
    const operator = this.#operator();
    if (operator === undefined) return first;
    const operands = [first];
    while (this.#operator() !== undefined) {
      if (this.#operator() !== operator) {
        throw this.#fault(operator.toUpperCase(), 'AND and OR are mixed without parentheses');
      }
      this.#next += 1;
      operands.push(this.#unary());
    }
    return { operator, operands };
  }

  #unary(): Logic {
    const token = this.#peek();
    if (token?.text === 'NOT') {
      this.#next += 1;
      return this.#nested(() => ({ not: this.#unary() }));
    }
    if (token?.text === '(') {
      this.#next += 1;
      const inside = this.#nested(() => this.#group());
      if (this.#peek()?.text !== ')') throw this.#fault('AND, OR or )');
      this.#next += 1;
      return inside;
    }
    return this.#condition(token);
  }

  #condition(token: Token | undefined): Logic {
    if (token === undefined || !/^[0-9]+$/.test(token.text))
      throw this.#fault('the number of a condition, NOT or (');
    const condition = Number(token.text);
    if (condition < 1 || condition > this.#conditions) {
      throw this.#fault(`1 to ${this.#conditions}`, `there is no condition ${token.text.slice(0, 20)}`);
    }
    this.#next += 1;
    this.#used.add(condition);
    return { condition };
  }

  #nested(parse: () => Logic): Logic {
    this.#depth += 1;
    if (this.#depth > expressionLimits.depthMax)
      throw this.#fault(`at most ${expressionLimits.depthMax} levels`);
    const logic = parse();
    this.#depth -= 1;
    return logic;
  }

  #operator(): 'and' | 'or' | undefined {
    const text = this.#peek()?.text;
    return text === 'AND' ? 'and' : text === 'OR' ? 'or' : undefined;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #fault(expected: string, detail?: string): Fault {
    const token = this.#peek();
    const found = token === undefined ? 'the end' : JSON.stringify(token.text.slice(0, 20));
    return new Fault({
      position: token?.position ?? this.#end,
      detail: detail ?? `expected ${expected}, found ${found}`,
      expected,
    });
  }
}
