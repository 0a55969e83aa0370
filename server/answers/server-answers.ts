// What the server answers about itself and about who may use it.
import {
  flag,
  instant,
  json,
  list,
  nullableInstant,
  nullableText,
  nullableWhole,
  object,
  oneOf,
  text,
  whole,
} from './answer.js';

export const healthAnswer = json(object({ status: oneOf(['ready']) }));
export const sessionAnswer = json(
  object({ token: text, tokenType: oneOf(['Bearer']), expiresAt: instant }, {}, 'NewSession'),
);
export const restoreAnswer = json(object({ aside: nullableText }));
export const newPassword = json(object({ username: text, password: text }, {}, 'NewPassword'));

const user = {
  username: text,
  displayName: text,
  roles: list(text),
  customer: nullableText,
  active: flag,
  createdAt: instant,
  version: whole,
};
export const wholeUser = object(user, {}, 'User');
export const newUser = json(object({ ...user, password: text }, {}, 'NewUser'));
export const meAnswer = json(
  object(
    {
      username: text,
      displayName: nullableText,
      roles: list(text),
      permissions: list(text),
      customer: nullableText,
    },
    {},
    'Me',
  ),
);
export const session = object(
  { id: text, createdAt: instant, lastUsedAt: instant, expiresAt: instant, isThisOne: flag },
  {},
  'Session',
);
export const auditEntry = object(
  {
    id: text,
    at: instant,
    by: text,
    action: text,
    path: text,
    body: {},
    note: nullableText,
    traceId: text,
    status: nullableWhole,
  },
  {},
  'AuditEntry',
);
export const wholeRole = object(
  { name: text, title: text, permissions: list(text), isBuiltIn: flag, version: whole },
  {},
  'Role',
);
export const permission = object({ name: text, roles: list(text) }, {}, 'Permission');
const key = {
  id: text,
  name: text,
  owner: text,
  permissions: list(text),
  createdAt: instant,
  createdBy: text,
  expiresAt: instant,
  lastUsedAt: nullableInstant,
};
export const listedKey = object(key, {}, 'ApiKey');
export const newKey = json(object({ ...key, token: text }, {}, 'NewApiKey'));
