// The operators that every expression has; rooms add their own with `standardOperators.with([...])`.
import { OperatorRegistry } from './operator.js';
import { arithmeticOperators } from './operators/arithmetic-operators.js';
import { businessOperators } from './operators/business-operators.js';
import { conditionOperators } from './operators/condition-operators.js';
import { dateOperators } from './operators/date-operators.js';
import { listOperators } from './operators/list-operators.js';
import { logicOperators } from './operators/logic-operators.js';
import { moneyOperators } from './operators/money-operators.js';
import { textOperators } from './operators/text-operators.js';
import { variableOperators } from './operators/variable-operators.js';

const all = [
  ...variableOperators,
  ...logicOperators,
  ...conditionOperators,
  ...arithmeticOperators,
  ...moneyOperators,
  ...listOperators,
  ...textOperators,
  ...dateOperators,
  ...businessOperators,
];

export const standardOperators = new OperatorRegistry(all.map((operator) => ({ sees: [], ...operator })));
