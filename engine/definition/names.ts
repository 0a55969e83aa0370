// What names in a flow look like: of elements, variables, outcomes, fields.
export const namePattern = '^[A-Za-z][A-Za-z0-9_]{0,63}$';
