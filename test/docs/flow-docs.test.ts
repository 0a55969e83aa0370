// The documents of elements and actions in step with the code.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { standardElements } from '../../engine/index.js';
import { describedActions } from '../../server/commands/validate-flows.js';
import { actionDocs, elementDocs } from '../../server/flow-docs.js';
import { projectRoot } from '../../server/project-root.js';

describe('the documents of elements and actions', () => {
  const written = (name: string): string => readFileSync(join(projectRoot(), 'docs', name), 'utf8');

  it('are what the code says (npm run docs writes them)', () => {
    assert.ok(written('elements.md') === elementDocs(), 'docs/elements.md is out of step');
    assert.ok(written('actions.md') === actionDocs(describedActions()), 'docs/actions.md is out of step');
  });

  it('have every one of them, each with what it takes', () => {
    const elements = written('elements.md');
    for (const { type } of standardElements) assert.ok(elements.includes(`\n## ${type}\n`), type);
    const actions = written('actions.md');
    for (const { name } of describedActions()) assert.ok(actions.includes(`\n## ${name}\n`), name);
    assert.doesNotMatch(elements + actions, /undefined|\[object/);
  });
});
