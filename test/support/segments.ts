// How often runs were committed by what came to them; not by workers that took over what they had in flight.
import type { Engine, JournalChunk } from '../../engine/index.js';

const isMove = ({ entries }: JournalChunk): boolean =>
  entries.some((entry) => (entry as { on?: string }).on !== 'inFlight');

export async function segmentsOf(engine: Engine, run: string): Promise<number> {
  const chunks = await engine.journal(run);
  return new Set(chunks.filter(isMove).map(({ seq }) => seq)).size;
}
