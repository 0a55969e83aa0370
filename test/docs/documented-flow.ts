// A flow and its scenario as a document shows them: validated and played as files of a flows directory.
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testFlows, type TestedFlows } from '../../scenarios/test-flows.js';
import { type CheckedFile, checkFlows } from '../../server/commands/validate-flows.js';
import { projectRoot } from '../../server/project-root.js';

export class DocumentedFlow {
  readonly #text: string;

  /** @param name of the file in docs/ */
  constructor(name: string) {
    this.#text = readFileSync(join(projectRoot(), 'docs', name), 'utf8');
  }

  /** The text of the one block that begins with ```json and this name. */
  block(name: string): string {
    return new RegExp(`^\`\`\`json ${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(this.#text)![1]!;
  }

  /** @param shipped names of shipped flows that the scenario starts */
  async play({
    flow = 'flow',
    scenario = this.block('scenario'),
    shipped = [] as readonly string[],
  } = {}): Promise<TestedFlows & { readonly problems: CheckedFile['problems'] }> {
    const flows = await mkdtemp(join(tmpdir(), 'recourse-flows-'));
    try {
      const text = this.block(flow);
      const { name } = JSON.parse(text) as { name: string };
      await mkdir(join(flows, name, 'scenarios'), { recursive: true });
      await writeFile(join(flows, name, 'flow.json'), text);
      await writeFile(join(flows, name, 'scenarios', 'shown.json'), scenario);
      for (const other of shipped) {
        await mkdir(join(flows, other));
        const file = readFileSync(join(projectRoot(), 'flows', other, 'flow.json'));
        await writeFile(join(flows, other, 'flow.json'), file);
      }
      const problems = (await checkFlows(flows, [name])).flatMap(({ problems: own }) => own);
      return { ...(await testFlows(flows, [name])), problems };
    } finally {
      await rm(flows, { recursive: true, force: true });
    }
  }
}
