// The door of the room: expressions, condition lists and text templates, and what they are made of.
export type { Literal, Read } from './check-rule.js';
export { type Logic, parseConditionLogic } from './condition-logic.js';
export {
  type Condition,
  type ConditionList,
  type ConditionOperator,
  checkConditions,
  compileConditions,
  conditionOperatorNames,
} from './conditions.js';
export { didYouMean } from './did-you-mean.js';
export type { Outcome } from './evaluator.js';
export {
  checkExpression,
  compileExpression,
  type Expression,
  type ExpressionCheck,
  type ExpressionOptions,
  type Scope,
} from './expression.js';
export { type ExpressionProblem, expressionErrors } from './expression-errors.js';
export type { Estimate } from './estimate.js';
export {
  booleanExtent,
  type Extent,
  extentOfValue,
  joined,
  largestExtent,
  listExtent,
  nullExtent,
  numberExtent,
  objectExtent,
  textExtent,
  unknownExtent,
  unknownItem,
} from './extent.js';
export { expressionLimits } from './expression-limits.js';
export {
  type Call,
  type Estimating,
  type ExpressionType,
  type Operand,
  type Operator,
  OperatorRegistry,
} from './operator.js';
export { toOperatorsDocument } from './operators-document.js';
export { standardOperators } from './standard-operators.js';
export { checkText, compileText } from './text-template.js';
export type { TruthNode, TruthOperand } from './truth.js';
