// What a client does whose server dies: it asks again until it has an answer.
import { RecourseError } from '../../engine/errors/recourse-error.js';

/**
 * @param doneBy codes that say, when it is asked again, that the first time was enough
 * @param death of the engine that is asked now
 * @param revive begins another one
 */
export async function insist(
  ask: () => Promise<unknown>,
  doneBy: readonly string[],
  { death, revive }: { readonly death: () => Promise<void>; readonly revive: () => Promise<void> },
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const asked = ask().then(
      () => 'answered' as const,
      (error: unknown) => {
        if (tries > 1 && error instanceof RecourseError && doneBy.includes(error.code)) return 'answered';
        throw error;
      },
    );
    const died = death().then(() => 'died' as const);
    if ((await Promise.race([asked, died])) !== 'died') return;
    await revive();
  }
}
