// The wire server's public door.
export { serveWire, type WireOptions, type WireServer } from './server.js';
