// What this API is, for programs: the OpenAPI document of all its routes.
import { anyObject, json } from '../answers/answer.js';
import type { Route } from './route.js';

/** @param document made when it is asked for the first time: it describes this route, too */
export function referenceRoutes(document: () => Record<string, unknown>): Route[] {
  return [
    {
      method: 'get',
      path: '/openapi.json',
      access: 'open',
      summary: 'This document.',
      answers: { 200: json(anyObject) },
      async handle(_request, response) {
        response.json(document());
      },
    },
  ];
}
