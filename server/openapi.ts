// The OpenAPI 3.1 document of a table of routes: made of the same schemas that check what comes in.
import type { Answer, Schema } from './answers/answer.js';
import type { InputCheck } from './input.js';
import type { Route } from './routes/route.js';

type Components = Record<string, Schema>;

const methodsWithBody: ReadonlySet<Route['method']> = new Set(['post', 'put', 'delete']);
const headers = {
  'idempotency-key': {
    name: 'Idempotency-Key',
    description:
      'Chosen by the caller; the same one when the request is sent again, so that it is done once.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
  },
  'if-match': {
    name: 'If-Match',
    description: 'The ETag of what the caller has seen; 412 if it was changed meanwhile.',
    schema: { type: 'string', pattern: '^(W/)?"[A-Za-z0-9._-]{1,80}"$' },
  },
} as const;

const problem: Schema = {
  title: 'Problem',
  description: 'An error, as RFC 9457 has it. `code` never changes; docs/errors.md lists all of them.',
  type: 'object',
  properties: {
    type: { type: 'string', pattern: '^urn:recourse:error:' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    retryable: { type: 'boolean' },
    remedy: { type: 'string' },
    traceId: { type: 'string' },
    problems: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string' },
          parameter: { type: 'string' },
          code: { type: 'string' },
          detail: { type: 'string' },
          expected: { type: 'string' },
          remedy: { type: 'string' },
        },
        required: ['code', 'detail'],
        additionalProperties: false,
      },
    },
    data: { type: 'object' },
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'retryable', 'remedy', 'traceId'],
  additionalProperties: false,
};

export function toOpenApi(routes: readonly Route[], version: string): Record<string, unknown> {
  const components: Components = {};
  const problemRef = hoist(problem, components);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operationOf(route, components, problemRef) };
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Recourse',
      version,
      description: 'Everything that happens after an order is placed.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token of a session, or an API key.' },
      },
    },
  };
}

function operationOf(route: Route, components: Components, problemRef: Schema): Record<string, unknown> {
  const { method, path, access, summary, needs, query, body, answers } = route;
  return {
    operationId: operationIdOf(route),
    tags: [tagOf(path)],
    summary,
    'x-access': typeof access === 'object' ? access.permission : access,
    security: access === 'open' ? [] : [{ bearer: [] }],
    parameters: [
      ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...(needs === undefined ? [] : [{ ...headers[needs], in: 'header', required: true }]),
      ...(query === undefined ? [] : toParameters(query)),
    ],
    ...(methodsWithBody.has(method) && body !== undefined ? { requestBody: toRequestBody(body) } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, toResponse(answer, components)]),
      ),
      default: {
        description: 'An error.',
        content: { 'application/problem+json': { schema: problemRef } },
      },
    },
  };
}

/** `getOrders`, `postOrdersNumberActionsFlow`: the method and the words of the path. */
function operationIdOf({ method, path }: Route): string {
  const words = path.replace(/^\/api\/v1/, '').match(/[a-z]+/gi) ?? [];
  return method + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

const tagOf = (path: string): string => /^\/api\/v1\/([^/:]+)/.exec(path)?.[1] ?? 'server';

function toParameters({ schema: { properties, required = [] } }: InputCheck): unknown[] {
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    description,
    schema,
  }));
}

function toRequestBody(body: InputCheck | 'any'): unknown {
  if (body === 'any') return { content: { 'application/json': { schema: {} } } };
  const { schema } = body;
  const isRequired = (schema.required ?? []).length > 0;
  return { required: isRequired, content: { 'application/json': { schema } } };
}

function toResponse(answer: Answer, components: Components): unknown {
  if (answer === 'none') return { description: 'Done; there is no body.' };
  if ('mediaType' in answer) return { description: 'Done.', content: { [answer.mediaType]: {} } };
  return {
    description: 'Done.',
    content: { 'application/json': { schema: hoist(answer.schema, components) } },
  };
}

/** The schema with every titled one moved to the components. */
function hoist(schema: Schema, components: Components): Schema {
  const inside = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, hoistValue(value, components)]),
  );
  const { title } = schema;
  if (typeof title !== 'string') return inside;
  components[title] = inside;
  return { $ref: `#/components/schemas/${title}` };
}

function hoistValue(value: unknown, components: Components): unknown {
  if (Array.isArray(value)) return value.map((each) => hoistValue(each, components));
  if (typeof value !== 'object' || value === null) return value;
  // The members of `properties` are schemas by name: `title` may be one of the names.
  const { title, ...rest } = value as Record<string, unknown>;
  if (typeof title === 'object' && title !== null) {
    const names = Object.entries({ ...rest, title }).map(([name, each]) => [
      name,
      hoistValue(each, components),
    ]);
    return Object.fromEntries(names);
  }
  return hoist(value as Schema, components);
}
