// The schema of flow files and the list of problems: current, complete, described; and they accept what editors should.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { flowProblems, toFlowProblemsDocument } from '../../../../engine/definition/flow-problems.js';
import { flowSchemaId, toFlowSchema } from '../../../../engine/definition/flow-schema.js';
import { createElementRegistry } from '../../../../engine/elements/registry.js';
import { standardElements } from '../../../../engine/elements/standard-elements.js';
import { projectRoot } from '../../../../server/project-root.js';
import { edited } from './edit-flow.js';
import { sampleElements, soundFlow } from './sample-elements.js';

const committed = (path: string): string => readFileSync(join(projectRoot(), path), 'utf8');
const schema = toFlowSchema(createElementRegistry(standardElements));

/** Every property that a schema describes, with where. */
function* properties(value: unknown, at = ''): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return;
  const { properties: own } = value as { properties?: Record<string, Record<string, unknown>> };
  for (const [name, one] of Object.entries(own ?? {})) yield [`${at}/${name}`, one];
  for (const [name, part] of Object.entries(value)) {
    if (name !== 'examples' && name !== 'const' && name !== 'enum' && name !== 'if')
      yield* properties(part, `${at}/${name}`);
  }
}

describe('the schema of flow files', () => {
  it('is the one that is committed', () => {
    assert.equal(
      committed('flows/flow.schema.json'),
      `${JSON.stringify(schema, undefined, 2)}\n`,
      'npm run schema',
    );
  });

  it('describes every property, with an example', () => {
    const all = [...properties(schema)];
    assert.ok(all.length > 150, `${all.length} properties`);
    const bare = all.filter(([, { description, examples }]) => {
      const isDescribed = typeof description === 'string' && description.length > 0;
      return !isDescribed || !Array.isArray(examples) || examples.length === 0;
    });
    assert.deepEqual(
      bare.map(([at]) => at),
      [],
    );
  });

  it('is valid by itself, with an id and one shape for each element', () => {
    assert.equal(schema['$id'], flowSchemaId);
    const { $defs } = JSON.parse(JSON.stringify(schema)) as { $defs: Record<string, unknown> };
    assert.deepEqual(Object.keys($defs).sort(), standardElements.map(({ type }) => type).sort());
    assert.doesNotThrow(() =>
      new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(schema),
    );
  });

  it('accepts examples of its own properties', () => {
    const ajv = new Ajv2020({ strict: false });
    const wrong: string[] = [];
    for (const [at, property] of properties(schema)) {
      if (JSON.stringify(property).includes('$ref')) continue;
      const validate = ajv.compile(property);
      for (const example of property['examples'] as unknown[]) {
        if (!validate(example))
          wrong.push(`${at}: ${JSON.stringify(example)} ${ajv.errorsText(validate.errors)}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('takes up elements from outside the engine', () => {
    const validate = new Ajv2020({ strict: false }).compile(toFlowSchema(sampleElements));
    assert.ok(validate(soundFlow), JSON.stringify(validate.errors));
    assert.ok(!validate(edited(soundFlow, { '/elements/treat/targt': 'x' })));
    assert.ok(!validate(edited(soundFlow, { '/elements/treat/type': 'assignment' })));
  });
});

describe('the document of problems', () => {
  it('is the one that is committed', () => {
    assert.equal(committed('docs/flow-problems.md'), toFlowProblemsDocument(), 'npm run schema');
  });

  it('has every code with an explanation and an example', () => {
    const document = toFlowProblemsDocument();
    for (const [code, { title, explanation, example }] of Object.entries(flowProblems)) {
      assert.ok(document.includes(`## ${code}\n`), code);
      assert.ok(title.length > 3 && explanation.length > 20 && example.length > 3, code);
    }
  });

  it('is where the problems point to', () => {
    const headings = new Set(
      [...toFlowProblemsDocument().matchAll(/^## (.*)$/gm)].map(([, heading]) =>
        heading!.replaceAll('.', ''),
      ),
    );
    for (const code of Object.keys(flowProblems)) assert.ok(headings.has(code.replace('.', '')), code);
  });
});
