// Signing in and out.
import { none } from '../answers/answer.js';
import { sessionAnswer } from '../answers/server-answers.js';
import type { SignInThrottle } from '../auth/sign-in-throttle.js';
import type { Auth } from '../auth/compose-auth.js';
import { toUserName } from '../auth/users.js';
import { InputCheck } from '../input.js';
import { addressOf } from '../request/conditions.js';
import { principalOf } from '../middleware/authenticate.js';
import { serverErrors } from '../server-errors.js';
import type { Route } from './route.js';

const credentials = new InputCheck({
  type: 'object',
  properties: {
    username: { type: 'string', minLength: 1, maxLength: 64, description: 'a text of 1 to 64 characters' },
    password: {
      type: 'string',
      minLength: 1,
      maxLength: 1024,
      description: 'a text of 1 to 1024 characters',
    },
  },
  required: ['username', 'password'],
  additionalProperties: false,
});

export function signInRoutes({ users, sessions }: Auth, throttle: SignInThrottle): Route[] {
  return [
    {
      method: 'post',
      path: '/api/v1/sign-in',
      access: 'open',
      summary: 'Begin a session.',
      body: credentials,
      answers: { 200: sessionAnswer },
      async handle(request, response, { body }) {
        const { username, password } = body;
        const account = toUserName(String(username));
        const address = addressOf(request);
        throttle.admit(account, address);
        const userName = await users.check(account, String(password));
        if (userName === undefined) {
          throw serverErrors.error('sign-in-refused', 'the user name or the password is wrong');
        }
        throttle.succeed(account, address);
        const { token, expiresAt } = await sessions.begin(userName);
        response.json({ token, tokenType: 'Bearer', expiresAt });
      },
    },
    {
      method: 'post',
      path: '/api/v1/sign-out',
      access: 'signed-in',
      summary: 'End the session of the token.',
      answers: { 204: none },
      async handle(_request, response) {
        const sessionId = principalOf(response)?.sessionId;
        if (sessionId !== undefined) await sessions.end(sessionId);
        response.status(204).end();
      },
    },
  ];
}
