// The HTTP application. It never listens, reads no environment and opens nothing: all of that is given to it.
import express, { type Express, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import type { Models, OpenDatabase } from '../store/connect.js';
import type { Restored } from '../store/restore.js';
import { Audit, auditNoteOf, toAuditNote } from './audit.js';
import { composeAuth } from './auth/compose-auth.js';
import { SignInThrottle } from './auth/sign-in-throttle.js';
import type { Clock } from './clock.js';
import { Cursors } from './cursor.js';
import type { Services } from './compose-services.js';
import { authenticate, requirePermission } from './middleware/authenticate.js';
import { jsonBody } from './middleware/json-body.js';
import { lastError } from './middleware/last-error.js';
import { createRateLimits, type RateLimits } from './middleware/rate-limit.js';
import { requestLog } from './middleware/request-log.js';
import { securityHeaders } from './middleware/security-headers.js';
import { trace } from './middleware/trace.js';
import { Metrics } from './metrics.js';
import { toOpenApi } from './openapi.js';
import type { Phase } from './phase.js';
import { toAnswerable } from './problem-answer.js';
import { packageVersion } from './project-root.js';
import { accessRoutes } from './routes/access.js';
import { adminRoutes } from './routes/admin.js';
import { auditRoutes } from './routes/audit.js';
import { healthRoutes } from './routes/health.js';
import { orderRoutes } from './routes/orders.js';
import { customerRoutes } from './routes/customers.js';
import { eventRoutes } from './routes/events.js';
import { flowBundleRoutes } from './routes/flow-bundle.js';
import { flowCatalogueRoutes } from './routes/flow-catalogue.js';
import { flowChangeRoutes } from './routes/flow-changes.js';
import { flowStartRoutes } from './routes/flow-starts.js';
import { flowRoutes } from './routes/flows.js';
import { jobRoutes } from './routes/jobs.js';
import { mailRoutes } from './routes/mails.js';
import { orderDocumentRoutes } from './routes/order-documents.js';
import { orderActionRoutes } from './routes/order-actions.js';
import { referenceRoutes } from './routes/reference.js';
import type { Route } from './routes/route.js';
import { toInput } from './request/to-input.js';
import { runRoutes } from './routes/runs.js';
import { signInRoutes } from './routes/sign-in.js';
import { templateRoutes } from './routes/templates.js';
import { userRoutes } from './routes/users.js';
import { serverErrors } from './server-errors.js';

export interface AppDeps {
  readonly database: OpenDatabase;
  readonly services: Services;
  readonly clock: Clock;
  readonly log: Logger;
  /** Signs cursors. */
  readonly cursorKey: Uint8Array;
  readonly phase: () => Phase;
  /** Taken of one user. */
  readonly requestsPerMinute: number;
  /** SHA-256 of the command line's token; without it the command line can't sign in. */
  readonly localTokenHash?: string;
  /** Where a backup lies while it is sent. */
  readonly scratchDirectory: string;
  /** Puts the staged backup in the place of the store, for who waits for that answer; absent where it isn't embedded. */
  readonly restore?: (asking: Response) => Promise<Restored>;
  /** Of the store as it is after a restore; those of the database if left out. */
  readonly currentModels?: () => Models | undefined;
}

export interface App {
  readonly handler: Express;
  readonly routes: readonly Route[];
}

export function createApp(deps: AppDeps): App {
  const { database, clock, log, phase } = deps;
  const { flows, mails } = deps.services;
  const auth = composeAuth(database.models, clock);
  const cursors = new Cursors(deps.cursorKey);
  const metrics = new Metrics(database);
  const throttle = new SignInThrottle(clock);
  const limits = createRateLimits(deps.requestsPerMinute);
  const audit = new Audit(() => deps.currentModels?.() ?? database.models, clock);
  let document: Record<string, unknown> | undefined;
  const routes: Route[] = [
    ...healthRoutes(database, phase, metrics),
    ...referenceRoutes(() => (document ??= toOpenApi(routes, packageVersion()))),
    ...signInRoutes(auth, throttle),
    ...orderRoutes(database.models, cursors),
    ...orderDocumentRoutes(database.models, cursors),
    ...customerRoutes(database.models),
    ...orderActionRoutes(database.models, flows),
    ...jobRoutes(flows.engine, deps.services.jobs),
    ...runRoutes(database.models, flows, cursors),
    ...eventRoutes(flows.engine),
    ...flowRoutes(flows),
    ...flowChangeRoutes(flows),
    ...flowStartRoutes(flows),
    ...flowCatalogueRoutes(flows),
    ...flowBundleRoutes(flows),
    ...templateRoutes(database.models, deps.services),
    ...mailRoutes(database.models, mails, cursors),
    ...userRoutes(database.models, auth, throttle),
    ...accessRoutes(auth, flows.engine),
    ...adminRoutes(database, auth, deps),
    ...auditRoutes(database.models, cursors),
  ];

  const handler = express();
  handler.disable('x-powered-by');
  handler.disable('etag');
  handler.set('query parser', 'simple');
  handler.set('trust proxy', false);
  handler.enable('case sensitive routing');
  handler.enable('strict routing');
  handler.use(trace, ...securityHeaders, requestLog(log), metrics.observe, refuseWhileNotReady(phase));
  const open = routes.filter(({ access }) => access === 'open');
  const closed = routes.filter(({ access }) => access !== 'open');
  mount(handler, open, limits, audit);
  handler.use(
    ['/api/v1', '/metrics'],
    limits.byAddress,
    authenticate(auth, deps.localTokenHash),
    limits.byUser,
  );
  mount(handler, closed, limits, audit);
  handler.use(() => {
    throw serverErrors.error('not-found', 'there is nothing at this path');
  });
  handler.use(lastError(log));
  return { handler, routes };
}

/** Health says by itself how things stand; everything else waits for the start to end. */
function refuseWhileNotReady(phase: () => Phase): RequestHandler {
  return (request, response, next) => {
    if (phase() === 'stopping') response.setHeader('Connection', 'close');
    const now = phase();
    if ((now === 'starting' || now === 'restoring') && request.path !== '/health') {
      throw serverErrors.error(
        'unavailable',
        `the server is ${now === 'starting' ? 'starting' : 'restoring a backup'}`,
      );
    }
    next();
  };
}

/** For the figures: under which pattern the path was found. */
const noteRoute =
  (path: string): RequestHandler =>
  (_request, response, next) => {
    response.locals['route'] = path;
    next();
  };

function mount(handler: Express, routes: readonly Route[], limits: RateLimits, audit: Audit): void {
  for (const route of routes) {
    const { method, path, access } = route;
    const before: RequestHandler[] = [
      ...(access === 'open' && method === 'post' ? [limits.byAddress] : []),
      ...(typeof access === 'object' ? [requirePermission(access.permission)] : []),
      ...(route.isCostly === true ? [limits.costly] : []),
    ];
    // The body is read after the permission is checked: a stranger's is not read at all.
    handler[method](
      path,
      noteRoute(path),
      ...before,
      ...jsonBody(route.bodyBytesMax),
      (request, response: Response) => {
        const input = toInput(route, request);
        const work = (): Promise<void> => route.handle(request, response, input);
        if (route.audited === undefined) return work();
        return audit.noted(toAuditNote(route, request, response, input), work, (error) => {
          const note = auditNoteOf(response);
          return {
            status: error === undefined ? response.statusCode : toAnswerable(error).status,
            ...(note === undefined ? {} : { note }),
          };
        });
      },
    );
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
    const allow = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
    handler.all(path, (request) => {
      throw serverErrors.error('method-not-allowed', `${request.method} is not possible here`, {
        data: { allow },
      });
    });
  }
}
