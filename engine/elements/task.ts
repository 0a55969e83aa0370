// A piece of work for a person, a group or a queue.
import type { ElementType, Outcome, Visit } from './element.js';
import { checkParts, type FormField, fieldsSchema, Form, valuesSchema } from './form-fields.js';
import { type HumanWork, humanWorkProperties, valuesOf, Work } from './human-work.js';

interface TaskProperties extends HumanWork {
  readonly fields?: readonly FormField[];
}

export const taskElement: ElementType<TaskProperties> = {
  type: 'task',
  title: 'Task',
  description:
    'Asks a user, group or queue to do something, and waits until it is done; what was entered is found under the name of this element, with who did it.',
  schema: {
    type: 'object',
    properties: { ...humanWorkProperties, fields: fieldsSchema },
    required: ['subject', 'assignee'],
    additionalProperties: false,
  },
  parks: true,
  asks: true,
  outlets: ({ late, next }) => [
    { name: 'next', target: next, label: 'Done', pointer: '/next' },
    ...(late === undefined ? [] : [{ name: 'late', target: late, label: 'Too late', pointer: '/late' }]),
  ],
  output: ({ fields }, { flow }) => ({
    type: 'object',
    properties: {
      ...valuesSchema(fields, flow),
      by: { type: ['string', 'null'] },
      late: { type: 'boolean' },
    },
    additionalProperties: false,
  }),
  summary: ({ subject }) => `Task: ${subject}`,
  compile(properties, at) {
    const work = new Work(properties, at);
    const form = new Form(properties.fields, at);
    const open = async (visit: Visit): Promise<Outcome> => {
      const values = form.initial(visit, undefined);
      const fields = await form.show(visit, values, { by: null, late: false });
      return { kind: 'park', waits: work.waits(visit, { kind: 'task', fields }) };
    };
    return {
      async enter(visit) {
        await work.begin(visit);
        return open(visit);
      },
      async resume(visit, event) {
        if (event.kind === 'timer') {
          if (!(await work.onTimer(visit, event.name))) return open(visit);
          visit.output({ ...form.initial(visit, undefined), by: null, late: true });
          work.end(visit);
          return { kind: 'go', outlet: 'late' };
        }
        if (event.kind !== 'answer') return { kind: 'stay' };
        if (event.name !== 'answer') {
          await work.onClaim(visit, event.name, event.by, event.user);
          return open(visit);
        }
        work.checkPerson(visit, event.by, event.user);
        checkParts(event.payload, ['values']);
        const { isLate } = work.state(visit);
        const values = await form.accept(visit, valuesOf(event.payload), { by: event.by, late: isLate });
        visit.output({ ...values, by: event.by, late: isLate });
        work.end(visit);
        return { kind: 'go', outlet: 'next' };
      },
    };
  },
};
