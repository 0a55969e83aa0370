// Holds every answer of an application against its OpenAPI document, whatever test asked for it.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import express, { type Express, type Response } from 'express';
import { toOpenApi } from '../../server/openapi.js';
import type { Route } from '../../server/routes/route.js';

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;

export interface CheckedApp {
  readonly handler: Express;
  /** What was answered otherwise than the document says. */
  readonly mismatches: string[];
  /** `<method> <path> <status>` of what was answered. */
  readonly answered: ReadonlySet<string>;
}

export function checkAnswers(app: Express, routes: readonly Route[]): CheckedApp {
  const mismatches: string[] = [];
  const answered = new Set<string>();
  const check = new AnswerCheck(routes);
  const handler = express();
  handler.disable('x-powered-by');
  handler.set('query parser', 'simple');
  handler.use((request, response: Response, next) => {
    const route = check.routeOf(request.method, request.path);
    const chunks: Buffer[] = [];
    const end = response.end.bind(response) as (...parts: unknown[]) => Response;
    response.end = ((chunk?: unknown, ...rest: unknown[]) => {
      if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) chunks.push(Buffer.from(chunk as string));
      if (route !== undefined && request.method !== 'HEAD') {
        answered.add(`${route.method} ${route.path} ${response.statusCode}`);
        const found = check.mismatch(route, response, Buffer.concat(chunks).toString());
        if (found !== undefined)
          mismatches.push(`${request.method} ${request.path} ${response.statusCode}: ${found}`);
      }
      return end(chunk, ...rest);
    }) as typeof response.end;
    next();
  });
  handler.use(app);
  return { handler, mismatches, answered };
}

class AnswerCheck {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true });
  readonly #routes: readonly (Route & { readonly pattern: RegExp })[];
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(routes: readonly Route[]) {
    addFormats(this.#ajv);
    this.#ajv.addSchema({ ...toOpenApi(routes, 'test'), $id: 'openapi' });
    this.#routes = routes.map((route) => ({
      ...route,
      pattern: new RegExp(`^${route.path.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`),
    }));
  }

  routeOf(method: string, path: string): Route | undefined {
    return this.#routes.find((route) => route.method === method.toLowerCase() && route.pattern.test(path));
  }

  mismatch({ method, path, answers }: Route, response: Response, body: string): string | undefined {
    const status = response.statusCode;
    const type = String(response.getHeader('content-type') ?? '').split(';')[0]!;
    const at = ['paths', path.replace(/:(\w+)/g, '{$1}'), method, 'responses'];
    if (status >= 400) {
      if (type !== 'application/problem+json') return `the error is ${type}`;
      return this.#validate([...at, 'default', 'content', type, 'schema'], body);
    }
    const answer = answers[status];
    if (answer === undefined) return 'the document has no such status';
    if (answer === 'none') return body === '' ? undefined : 'there is a body';
    if ('mediaType' in answer) return type === answer.mediaType ? undefined : `it is ${type}`;
    if (type !== 'application/json') return `it is ${type}`;
    return this.#validate([...at, String(status), 'content', type, 'schema'], body);
  }

  #validate(at: readonly string[], body: string): string | undefined {
    const pointer = at
      .map((name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    let validate = this.#validators.get(pointer);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: `openapi#/${pointer}` });
      this.#validators.set(pointer, validate);
    }
    if (validate(JSON.parse(body))) return undefined;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath} ${error?.message} ${JSON.stringify(error?.params)}`;
  }
}
