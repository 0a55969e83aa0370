// What operators can do to runs, and what each operation takes beside the reason.
export const name = { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,200}$' } as const;
export const framePath = { type: 'string', pattern: '^[A-Za-z0-9._:/-]{1,500}$' } as const;
const effectId = { type: 'string', pattern: '^[A-Za-z0-9._:/-]{1,900}$' } as const;
export const reason = {
  type: 'string',
  minLength: 1,
  maxLength: 500,
  description: 'why, a text of 1 to 500 characters',
} as const;
export const operationBodies = {
  retry: {},
  skip: {
    output: { type: 'object', description: 'recorded as the output of the element' },
    outlet: { ...name, description: 'the way out; next if absent' },
  },
  edit: {
    frame: { ...framePath, description: 'the frame whose variables change; main if absent' },
    variables: { type: 'object', description: 'new values by name' },
  },
  move: {
    frame: { ...framePath, description: 'the frame; main if absent' },
    from: { ...name, description: 'the element control stands at; found if absent' },
    to: { ...name, description: 'the element control goes to' },
  },
  cancel: { compensate: { type: 'boolean', description: 'true: what was done outside is undone first' } },
  suspend: {},
  resume: {},
  resolve: {
    effect: { ...effectId, description: 'the effect in doubt' },
    happened: { type: 'boolean', description: 'whether it happened' },
    output: { type: 'object', description: 'what it answered, if it happened' },
  },
} as const;
export type Operation = keyof typeof operationBodies;
export const requiredOf: Partial<Record<Operation, readonly string[]>> = {
  edit: ['variables'],
  move: ['to'],
  resolve: ['effect', 'happened'],
};
export const operations = Object.keys(operationBodies) as Operation[];

export const operationSummaries: Readonly<Record<Operation, string>> = {
  retry: 'Try again what stopped a run.',
  skip: 'Go on without what stopped a run.',
  edit: 'Change variables of a run.',
  move: 'Go on at another element.',
  cancel: 'End a run, and undo what it did outside if asked.',
  suspend: 'Stop a run until it is resumed.',
  resume: 'Let a suspended run go on.',
  resolve: 'Say whether an effect in doubt happened.',
};
