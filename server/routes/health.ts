// Whether the server is ready: for load balancers, and for whoever started it.
import type { OpenDatabase } from '../../store/connect.js';
import { healthAnswer } from '../answers/server-answers.js';
import type { Phase } from '../phase.js';
import { serverErrors } from '../server-errors.js';
import type { Route } from './route.js';

export function healthRoutes(database: Pick<OpenDatabase, 'ping'>, phase: () => Phase): Route[] {
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
  ];
}
