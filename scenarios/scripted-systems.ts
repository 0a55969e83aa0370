// Other systems in a scenario: they answer what the scenario says, and keep what they were asked.
import {
  answerOf,
  type CallAnswer,
  type CallPort,
  connectionErrors,
  type OutgoingCall,
  pathOf,
} from '../connections/index.js';
import type { Json } from '../engine/index.js';
import type { SystemAnswer } from './scenario.js';

export class ScriptedSystems implements CallPort {
  /** Any connection may be named. */
  readonly names: readonly string[] = [];
  readonly calls: Json[] = [];
  readonly #answers = new Map<string, SystemAnswer[]>();

  constructor(answers: readonly SystemAnswer[]) {
    for (const answer of answers)
      this.#answers.set(answer.call, [...(this.#answers.get(answer.call) ?? []), answer]);
  }

  async call({ method, connection, query, body, ...rest }: OutgoingCall): Promise<CallAnswer> {
    const call = `${method} ${connection} ${pathOf(rest)}`;
    const [answer, ...later] = this.#answers.get(call) ?? [];
    if (answer === undefined)
      throw connectionErrors.error(
        'unknown',
        `the scenario has no answer for ${call}; add one to given.systems`,
      );
    if (later.length > 0) this.#answers.set(call, later);
    this.calls.push({ call, query, ...(body === undefined ? {} : { body }) });
    return answerOf(answer.status ?? 200, answer.body ?? null, method === 'GET');
  }
}
