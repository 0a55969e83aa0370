// Signing in is refused: there is nobody to sign in as, and a client must not believe otherwise.
import { unsupported } from '../../errors.js';
import type { Command } from '../command.js';

export const authenticationCommands: readonly Command[] = [
  {
    names: ['saslStart', 'saslContinue', 'authenticate', 'getnonce', 'logout', 'createUser', 'updateUser'],
    options: ['mechanism', 'payload', 'options', 'conversationId', 'pwd', 'roles', 'user', 'autoAuthorize'],
    run: () => Promise.reject(unsupported('authentication: connect without a user name')),
  },
];
