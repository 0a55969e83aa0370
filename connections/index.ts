// The door of the room from which other systems are called.
export { answerOf } from './answer.js';
export { callActions } from './call-actions.js';
export type { CallAnswer, CallPort, OutgoingCall } from './call-port.js';
export { connectionErrors } from './connection-errors.js';
export { type Connections, readConnections } from './connection.js';
export { callLimits, HttpCaller } from './http-caller.js';
export { pathOf } from './target-url.js';
