// The reference of operators, in Markdown, from the operators themselves.
import { type Operand, type Operator, operandCounts, type OperatorRegistry } from './operator.js';

/** One table a group: the operator with its operands, its sentence and its example. */
export function toOperatorsDocument(operators: OperatorRegistry): string {
  const groups = new Map<string, Operator[]>();
  for (const operator of operators)
    groups.set(operator.group, [...(groups.get(operator.group) ?? []), operator]);
  return [...groups]
    .map(([group, members]) =>
      [
        `### ${group}`,
        '',
        '| operator | what it gives | example |',
        '|---|---|---|',
        ...members.map(toRow),
      ].join('\n'),
    )
    .join('\n\n');
}

function toRow(operator: Operator): string {
  const { example } = operator;
  const scope = example.scope === undefined ? '' : ` over ${code(example.scope)}`;
  const cells = [
    `\`${operator.name}\`<br>${operands(operator)}`,
    operator.summary,
    `${code(example.rule)}${scope} is ${code(example.result)}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function operands(operator: Operator): string {
  const { operands: fixed, rest } = operator;
  const named = fixed.map((operand) => (operand.optional === true ? `[${name(operand)}]` : name(operand)));
  if (rest !== undefined) named.push(`${name(rest)}…`);
  return named.length === 0 || operandCounts(operator).most === 0 ? '' : named.join(', ');
}

function name({ name: operand, kind, oneOf }: Operand): string {
  if (oneOf !== undefined) return `${operand}: ${oneOf.join(' or ')}`;
  return kind === 'any' || kind === operand ? operand : `${operand}: ${kind}`;
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}
