// Whether the server is ready: for load balancers, and for whoever started it; and its figures, for Prometheus.
import type { OpenDatabase } from '../../store/connect.js';
import { ofType } from '../answers/answer.js';
import { healthAnswer } from '../answers/server-answers.js';
import type { Metrics } from '../metrics.js';
import type { Phase } from '../phase.js';
import { serverErrors } from '../server-errors.js';
import type { Route } from './route.js';

export function healthRoutes(
  database: Pick<OpenDatabase, 'ping'>,
  phase: () => Phase,
  { registry }: Metrics,
): Route[] {
  return [
    {
      method: 'get',
      path: '/health',
      access: 'open',
      summary: 'Whether the server is ready.',
      answers: { 200: healthAnswer },
      async handle(_request, response) {
        const now = phase();
        if (now !== 'ready') throw serverErrors.error('unavailable', `the server is ${now}`);
        await database.ping();
        response.json({ status: 'ready' });
      },
    },
    {
      method: 'get',
      path: '/metrics',
      access: { permission: 'metrics.read' },
      summary: 'Figures in the text format of Prometheus.',
      answers: { 200: ofType('text/plain') },
      async handle(_request, response) {
        const text = await registry.metrics();
        response.setHeader('Content-Type', registry.contentType);
        response.end(text);
      },
    },
  ];
}
