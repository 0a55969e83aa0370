// The nursery: where V8 makes new objects, and which it clears often and cheaply.
import { setFlagsFromString } from 'node:v8';

/** MiB; V8's own limit, from the beginning. */
const ofThreadsMiB = 16;

/**
 * Has the nursery that the command line asks for be the main thread's only. V8 gives each thread the same otherwise, and one
 * whose memory is limited, as that of mails is, would then do nothing but collect garbage.
 */
export function keepNurseryToMainThread(): void {
  setFlagsFromString('--max-semi-space-size=0');
  setFlagsFromString(`--min-semi-space-size=${ofThreadsMiB}`);
}
