// The flow that opens the gate in half of the worlds; in the others it is opened beside all runs.
import type { FlowDefinition } from '../../engine/index.js';

export const openGate = {
  format: 1,
  name: 'open-gate',
  label: 'Opens the gate',
  start: { trigger: { type: 'action' }, next: 'open' },
  elements: {
    open: { type: 'updateRecords', label: 'Open', record: 'order', id: 'gate', fields: { open: true } },
  },
} as unknown as FlowDefinition;
