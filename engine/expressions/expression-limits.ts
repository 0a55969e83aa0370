// Every bound on expressions, each with its unit in its name.

export const expressionLimits = {
  /** Values in a rule, operators and operands alike. */
  nodesMax: 500,
  /** Operators and literal lists inside one another. */
  depthMax: 20,
  literalCharsMax: 4_096,
  pathCharsMax: 256,
  patternCharsMax: 500,
  patternProgramMax: 2_000,
  logicCharsMax: 1_000,
  conditionsMax: 100,
  templateCharsMax: 65_536,
  templateFieldsMax: 300,
  /** Steps of one evaluation: one for each value looked at, more for work that grows with the data. */
  fuelStepsMax: 100_000,
  /** Steps that a rule may be estimated at. */
  staticStepsMax: 100_000,
  /** Values that an estimate looks at, those of bodies that build something up again and again. */
  estimateVisitsMax: 50_000,
  /** What an estimate assumes of data where no schema says it. */
  assumed: {
    listItems: 100,
    textChars: 1_000,
    /** Values in one variable, itself included. */
    parts: 1_000,
    /** Values in one item of a list, itself included. */
    itemParts: 20,
    /** Days in a row on which a business calendar is closed. */
    closedDays: 14,
    /** Days that a question of business time looks at, unless it is written in the rule how many. */
    businessDays: 366,
    /** Stretches of a day in which a business calendar is open. */
    businessStretches: 2,
  },
  textCharsMax: 65_536,
  listItemsMax: 10_000,
  /** Digits that a decimal may have on either side of the point. */
  decimalDigitsMax: 308,
  outputNodesMax: 100_000,
  outputCharsMax: 1_048_576,
  outputDepthMax: 64,
  truthNodesMax: 200,
  /** Items of an iteration whose evaluation a truth table shows. */
  truthIterationsMax: 5,
  truthValueCharsMax: 200,
  truthValueItemsMax: 10,
  truthValueDepthMax: 3,
} as const;
