// What identifies a flow's content.
import { createHash } from 'node:crypto';
import { toSortedJson } from './canonical.js';
import type { FlowDefinition } from './flow.js';

/** SHA-256 of the canonical content, in hex; the same for two files that differ in formatting only. */
export function toContentHash(definition: FlowDefinition): string {
  return createHash('sha256').update(toSortedJson(definition)).digest('hex');
}
