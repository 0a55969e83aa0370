// Every mistake that a flow can have: its code, how bad it is, what it means and what it looks like.

export interface FlowProblemKind {
  /** With an error a flow can't be activated; a warning is worth a look. */
  readonly severity: 'error' | 'warning';
  readonly title: string;
  /** Why it is refused and how to put it right. */
  readonly explanation: string;
  /** The mistake in a few lines. */
  readonly example: string;
}

const error = (title: string, explanation: string, example: string): FlowProblemKind => ({
  severity: 'error',
  title,
  explanation,
  example,
});
const warning = (title: string, explanation: string, example: string): FlowProblemKind => ({
  severity: 'warning',
  title,
  explanation,
  example,
});

/** The kinds by their codes, in the order in which they are looked for. */
export const flowProblems = {
  'flow.file-too-large': error(
    'File too large',
    'A flow file has at most 1 MiB. Split it into subflows.',
    'a file of 1,100,000 bytes',
  ),
  'flow.too-deep': error(
    'Nested too deeply',
    'Objects and lists stand at most 64 deep in one another. Take parts out into formulas and subflows.',
    '[[[[ … ]]]]',
  ),
  'flow.json-syntax': error(
    'Not JSON',
    'The text breaks a rule of JSON. What the file means is looked at once it is JSON.',
    '{"name": "cancel-order",}',
  ),
  'flow.json-comment': error(
    'Comment in JSON',
    'JSON has no comments, and other programs would refuse the file. Use `description`.',
    '{"name": "cancel-order" /* v2 */}',
  ),
  'flow.key-duplicate': error(
    'Name twice in one object',
    'Of two properties of one name only one would count, and readers would see the other. Remove one of them.',
    '{"label": "Cancel", "label": "Cancel order"}',
  ),
  'flow.name-reserved': error(
    'Reserved name',
    'Names that every JavaScript object inherits (`constructor`, `toString`, …) and names with `$` mean something else already.',
    '{"variables": {"toString": {"schema": {"type": "string"}}}}',
  ),
  'flow.property-unknown': error(
    'Unknown property',
    'Nothing reads this property; usually its name is misspelt.',
    '{"type": "end", "label": "Done", "nxt": "other"}',
  ),
  'flow.property-missing': error(
    'Property missing',
    'The property is required.',
    '{"type": "end"} — without label',
  ),
  'flow.property-invalid': error(
    'Property of the wrong kind',
    'The value is of the wrong type, outside its limits or none of the texts that are allowed.',
    '{"type": "end", "label": 7}',
  ),
  'flow.property-useless': error(
    'Property that changes nothing',
    'Beside the other properties of the element this one is never looked at, though somebody meant something by it. Remove it, or the one that stands against it.',
    '{"type": "getRecords", "id": …, "where": […]}',
  ),
  'flow.value-invalid': error(
    'Value that can never be right',
    'What stands here is the same whenever the flow runs, and would be refused each time.',
    '{"after": "2 days"}',
  ),
  'flow.name-invalid': error(
    'Not a name',
    'Elements, variables, constants, formulas, texts and signals have names of a letter, then at most 63 letters, digits and _.',
    '{"elements": {"ask customer": {"type": "screen"}}}',
  ),
  'flow.name-taken': error(
    'Name used twice',
    'Expressions find variables, constants, formulas, texts and outputs of elements by name alone, so no two may share one.',
    '{"variables": {"order": …}, "elements": {"order": …}}',
  ),
  'flow.too-many-elements': error(
    'Too many elements',
    'A flow has at most 2,000 elements. Split it into subflows.',
    '2,001 elements',
  ),
  'flow.element-type-unknown': error(
    'Unknown element type',
    'There is no element of this type; docs/elements.md lists them.',
    '{"type": "asignment", "label": "Set"}',
  ),
  'flow.schema-invalid': error(
    'Not a JSON Schema',
    'Variables, signals and fields are described by JSON Schema (2020-12), in its strict form: unknown keywords are refused.',
    '{"schema": {"type": "txt"}}',
  ),
  'flow.variable-untyped': error(
    'Variable without a type',
    'The schema has to say what the variable is: by type, enum, const, or alternatives that do.',
    '{"variables": {"note": {"schema": {}}}}',
  ),
  'flow.default-invalid': error(
    'Default does not fit',
    'The default of a variable has to be valid against its schema.',
    '{"schema": {"type": "number"}, "default": "12"}',
  ),
  'flow.reason-missing': error(
    'System mode without a reason',
    'Whoever reviews the flow has to see why it acts with more rights than its user.',
    '{"mode": {"system": {}}}',
  ),
  'flow.system-mode': warning(
    'Flow that acts with all rights',
    'Whoever starts the flow does through it what they may not do themselves. Only who has the permission flows.system can make it active. Leave system mode out where the rights of its users are enough, and name a permission in the trigger where not everybody is to start it.',
    '{"mode": {"system": {"reason": "Agents may not see payments."}}}',
  ),
  'flow.right-missing': error(
    'Right that nobody has',
    'A flow that a change, an event or the clock starts acts for nobody, until somebody answers a screen, task or approval. What needs a permission is refused there. Put it after such an answer, or give the flow system mode.',
    '{"trigger": {"type": "event", "event": "order.shipped"}} and {"type": "getRecords", "record": "order", "id": "11075"}',
  ),
  'flow.sentence-missing': error(
    'Start condition without its sentence',
    'Agents are told why a flow does not apply; `otherwise` is that sentence.',
    '{"when": {"==": [{"var": "$record.status"}, "open"]}}',
  ),
  'flow.input-not-given': error(
    'Input that nobody gives',
    'A flow with a schedule, or that starts when a record changes, is given no inputs. Give the variable a default, or take `input` away.',
    '{"type": "schedule", …} and {"variables": {"order": {"schema": …, "input": true}}}',
  ),
  'flow.cron-invalid': error(
    'Not a schedule',
    'Write five fields: minute, hour, day of the month, month, day of the week.',
    '{"type": "schedule", "cron": "every day"}',
  ),
  'flow.schedule-never': warning(
    'Schedule that never comes',
    'No month has the day, so the clock never starts the flow.',
    '{"type": "schedule", "cron": "0 0 30 2 *"}',
  ),
  'flow.time-zone-unknown': error(
    'Unknown time zone',
    'Use a name of the IANA time zone database.',
    '{"timeZone": "Europe/Berlyn"}',
  ),
  'flow.calendar-unknown': error(
    'Unknown business calendar',
    'No business calendar of this name exists; flows/calendars.json has them.',
    '{"business.addDays": [{"var": "$now"}, 2, "ofice"]}',
  ),
  'flow.permission-unknown': error(
    'Unknown permission',
    'Nobody could ever have this permission.',
    '{"trigger": {"type": "action", "permission": "orders.cancl"}}',
  ),
  'flow.record-type-unknown': error(
    'Unknown record type',
    'No record type of this name is declared.',
    '{"trigger": {"type": "action", "record": "oder"}}',
  ),
  'flow.record-field-unknown': error(
    'Unknown field',
    'The record type has no such field.',
    '{"record": "order", "filter": [{"field": "stauts", …}]}',
  ),
  'flow.record-order': error(
    'Records by the size of an amount',
    'Stores compare amounts as text, so that 10.00 would come before 9.00, and find nothing where one is to be greater. Read the records, and use the elements sort and filter, which know money.',
    '{"record": "invoice", "sort": [{"field": "total"}]}',
  ),
  'flow.record-incomplete': warning(
    'New record without what every record has',
    'The type requires fields that are not given. Unless a before-save flow sets them, creating the record fails.',
    '{"type": "createRecords", "record": "case", "fields": {}}',
  ),
  'flow.target-unknown': error(
    'Leads to an element that does not exist',
    'The name of the next element is misspelt, or the element was removed.',
    '{"next": "sendMial"}',
  ),
  'flow.element-unknown': error(
    'Unknown element',
    '`wasVisited` and `hasError` ask for an element by its name; of one that there is not they say false for ever.',
    '{"wasVisited": "aprove"}',
  ),
  'flow.element-unreachable': error(
    'Element that is never reached',
    'No path from the start leads here. Connect it or remove it.',
    'an element that no `next` names',
  ),
  'flow.endless-cycle': error(
    'Loop that cannot end',
    'None of the elements in this circle leads out of it. Let a decision, a loop or a wait lead on.',
    'a → b → a',
  ),
  'flow.loop-body-open': error(
    'Loop body that never comes back',
    'The last element of a loop body has to name the loop as its next element, or only the first item is treated.',
    '{"each": "treat"}, and treat has no `next`',
  ),
  'flow.loop-body-ends': warning(
    'Path in a loop body that ends the flow',
    'Further items are not treated when this path is taken. Lead it back to the loop, or to an end element if that is meant.',
    'one outcome of a decision in a loop body has no `next`',
  ),
  'flow.branch-shared': error(
    'Branches that run into each other',
    'An element of a branch may be reached from within its branch only: no jumps out of it, into it or to another one.',
    'two branches that both lead to `notify`',
  ),
  'flow.branches-assign': error(
    'Two branches assign one variable',
    'Which of the values would remain depends on which branch is slower. Use one variable for each branch.',
    'both branches assign `status`',
  ),
  'flow.outcome-unhandled': warning(
    'Outcome that leads nowhere',
    'When this outcome comes, the flow ends here. Let it lead on, or to an end element if that is meant.',
    'a decision without a default path, or a wait whose time-out has none',
  ),
  'flow.percents-sum': error(
    'Percentages that do not come to 100',
    'The percentages of the paths of an experiment come to 100, no more and no less. Decimals are added exactly.',
    '{"paths": [{"name": "a", "percent": 33.3}, {"name": "b", "percent": 66.6}]}',
  ),
  'flow.variable-unknown': error(
    'Unknown variable',
    'There is no variable, constant, formula, text or element of this name.',
    '{"var": "custmer.name"}',
  ),
  'flow.path-unknown': error(
    'Unknown part',
    'The schema of the variable, record or output does not have this part, so it could never be found.',
    '{"var": "customer.nmae"}',
  ),
  'flow.value-never': warning(
    'Compared with what it never is',
    'The schema of the variable, field or output does not have this value: it is never equal, and always unequal. Write one of the values that there are, or null for none.',
    '{"==": [{"var": "$record.status"}, "closd"]}',
  ),
  'flow.global-unknown': error(
    'Unknown global',
    'Globals are $record, $recordPrior, $user, $permission, $flow, $now, $error, $calendar and $visits.',
    '{"var": "$today"}',
  ),
  'flow.record-missing': error(
    'No record',
    '`$record` needs a trigger that names a record type; `$recordPrior` needs a record-change trigger.',
    '{"trigger": {"type": "action"}} and {"var": "$record.status"}',
  ),
  'flow.output-unset': error(
    'Output of an element that has not run',
    'No path to this place passes the element whose output is read here.',
    'the first element reads the output of the last one',
  ),
  'flow.output-maybe-unset': warning(
    'Output of an element that may not have run',
    'Not all paths to this place pass the element whose output is read here. Give a default, or read it where it is set.',
    'an element after a decision reads an output of one of its paths',
  ),
  'flow.output-none': error(
    'Element without output',
    'Elements of this type have no output that could be read.',
    '{"var": "decide.result"}',
  ),
  'flow.assignment-to-constant': error(
    'Assignment to what cannot change',
    'Constants, formulas, texts and outputs of elements can be read only. Use a variable.',
    '{"target": "vatRate", "operator": "assign", "value": 7}',
  ),
  'flow.record-read-only': error(
    'Change of a record that can not be made',
    'Only a before-save flow can set fields of `$record`, elsewhere update the record; never the id. Records that only actions change can be written by neither.',
    '{"target": "$record.status", "value": "open"} in a flow that starts after the save',
  ),
  'flow.assignment-type': error(
    'Assignment of the wrong type',
    'The value can never be valid against the schema of the variable or of the field.',
    '{"target": "count", "operator": "assign", "value": "many"}',
  ),
  'flow.assignment-operator': error(
    'Operator that does not go with its target',
    'The operator always fails on a target, or with a value, of this type: items belong to lists, `assignCount` to numbers, `add` and `subtract` to numbers, money, days of dates, texts and lists. Take another operator, or another variable.',
    '{"target": "note", "operator": "addItem", "value": 1}',
  ),
  'flow.formula-circle': error(
    'Formulas that read each other',
    'A formula that reads itself, directly or through others, has no value.',
    'a reads b, b reads a',
  ),
  'flow.expression-costly': error(
    'Expression that may take too many steps',
    'Over the largest data that the schemas allow, or that are assumed where they say nothing, an evaluation has to end within 100,000 steps. Give lists a `maxItems` and texts a `maxLength`, put fewer iterations in one another, take what is the same for each item out into a formula, or use a filter or transform element, whose rules are evaluated for each item by themselves. docs/expressions.md says how steps are counted.',
    '{"sum": [{"var": "orders"}, {"sum": [{"var": "lines"}, …]}]} over lists of any length',
  ),
  'flow.action-unknown': error(
    'Unknown action',
    'No action of this name is registered.',
    '{"type": "action", "action": "payment.refnd"}',
  ),
  'flow.input-unknown': error(
    'Unknown input',
    'The action, flow or template takes no input of this name.',
    '{"inputs": {"amuont": 5}}',
  ),
  'flow.input-missing': error(
    'Input missing',
    'The action, flow or template needs this input.',
    '{"inputs": {}}',
  ),
  'flow.input-type': error(
    'Input of the wrong type',
    'The value can never be valid against the schema of the input.',
    '{"inputs": {"amount": true}}',
  ),
  'flow.subflow-unknown': error(
    'Unknown flow',
    'No flow of this name exists.',
    '{"type": "subflow", "flow": "refnd"}',
  ),
  'flow.subflow-inactive': error(
    'Flow without an active version',
    'Only active versions can be called. Activate that flow first.',
    '{"type": "subflow", "flow": "refund"}',
  ),
  'flow.subflow-endless': warning(
    'Flow that always calls itself',
    'Every path through the flow calls it again, directly or through others. Put the call behind a decision.',
    'flow a calls flow b, which calls flow a',
  ),
  'flow.template-unknown': error(
    'Unknown template',
    'No template of this name exists.',
    '{"type": "sendMail", "template": "order-canceled"}',
  ),
  'flow.assignee-unknown': warning(
    'Work for somebody who is not there',
    'No user, and no role that would be the group or queue, has this name. Unless it is made before, the run stops at an incident where the work begins.',
    '{"assignee": {"group": "supervisers"}}',
  ),
  'flow.signal-unknown': error(
    'Undeclared signal',
    'A wait can take only signals that the flow declares.',
    '{"signal": "parcelScaned"}',
  ),
  'flow.signal-unused': warning(
    'Signal that nothing waits for',
    'No element takes this signal, so nobody can use it. Remove it, or wait for it.',
    '{"signals": {"parcelScanned": …}} and no wait',
  ),
  'flow.before-save': error(
    'What can not be done before a save',
    'A before-save flow runs while the record is being saved: it reads, decides, sets fields of `$record` and may refuse the save. It can not wait, act outside, or write records, mails and events. Use a trigger after the save for these.',
    '{"type": "recordChange", "before": true, …} and a wait',
  ),
  'flow.retry-useless': warning(
    'Retry of what is not tried again',
    'Only actions that ask or act outside can succeed at a second attempt, and those declared `never` are not repeated.',
    'an assignment with `retry`',
  ),
  'flow.fault-unhandled': warning(
    'Outside call without a fault path',
    'When the call fails, the run stops at an incident until somebody acts. Add `onFault` if the flow can deal with it.',
    'an action that refunds, without `onFault`',
  ),
  'flow.late-effect': warning(
    'Call that may come too late and stays done',
    'The call is in a branch that may lose a race, or in a flow that is called there. One that is under way then is finished, and undone if its action can be undone; this one can not.',
    'a parallel element with `"join": "any"`, and a letter posted in one of its branches',
  ),
  'flow.roll-back-beside': warning(
    'Fault path that discards what another branch writes',
    'Branches that have not waited yet are in one segment. `rollBack` discards all that the segment has written, of every branch, and the branches beside go on as if they had written it. Let the fault path roll nothing back, or let the others wait first.',
    'a parallel element with an update of a record in one branch, and `"onFault": {"next": …, "rollBack": true}` in another',
  ),
  'flow.roll-back-loop': warning(
    'Fault path that begins a loop anew',
    '`rollBack` discards what the segment has done for the items before, too, and the loop begins anew where control comes back to it. With nothing put right on the way, the same fault comes again, until the run is stopped. Let the fault path roll nothing back, or ask somebody before it comes back.',
    'an update of a record in the body of the loop each, and `"onFault": {"next": "each", "rollBack": true}`',
  ),
  'flow.choices-unknown': error(
    'Unknown choices',
    'The flow declares no choices of this name.',
    '{"name": "reason", "choices": "reasns"}',
  ),
  'flow.stage-unknown': error(
    'Unknown stage',
    'The flow declares no stage of this name.',
    '{"type": "screen", "stage": "chek"}',
  ),
  'flow.choice-invalid': error(
    'Choice that the field does not take',
    'The value of the choice is not valid against the schema of the field that offers it.',
    'a choice with the value 1 in a field whose schema is {"type": "string"}',
  ),
  'flow.join-impossible': error(
    'Join that can never happen',
    'More branches are to end than there are.',
    '{"branches": [a, b], "join": 3}',
  ),
  'flow.wait-event-invalid': error(
    'Event that is not one thing',
    'Each event of a wait is exactly one of: until, after, signal, event, record; a key stands beside event only.',
    '{"name": "late", "after": "P1D", "signal": "scanned"}',
  ),
  'flow.table-cell-invalid': error(
    'Cell that can never hold',
    'The cell compares with a value of the wrong type, or contradicts itself.',
    '{"amount": {"lessThan": "many"}}',
  ),
  'flow.table-gap': error(
    'Gap in a decision table',
    'For the inputs that are named no rule holds. Add a rule, or a default path.',
    'rules for amount < 100 and amount > 100',
  ),
  'flow.table-gap-shared': warning(
    'Gap on the path of the rules',
    'For the inputs that are named no rule holds. The default path is taken, as it is by rules without a path of their own, and what the table gives is null.',
    '{"rules": [{"when": {"amount": {"lessThan": 100}}, "output": "small"}], "next": "tell"}',
  ),
  'flow.table-overlap': error(
    'Overlap in a decision table',
    'For the inputs that are named two rules hold, and the hit policy is unique.',
    'rules for amount < 100 and amount < 50',
  ),
  'flow.table-rule-unused': warning(
    'Rule that is never used',
    'Earlier rules hold whenever this one does.',
    'a rule for amount < 50 after one for amount < 100',
  ),
  'flow.table-unchecked': warning(
    'Decision table too large to be checked',
    'Whether there are gaps could not be found out with reasonable effort. Split the table.',
    'twelve inputs, two hundred rules',
  ),
  'flow.too-many-problems': error(
    'Too many problems',
    'Only the first problems are shown. Correct them and check again.',
    'a thousand unreachable elements',
  ),
} as const satisfies Readonly<Record<string, FlowProblemKind>>;

export type FlowProblemCode = keyof typeof flowProblems;

/** Where the kind of problem is explained, from the project's root. */
export const docsOf = (code: string): string =>
  code.startsWith('expression.')
    ? 'docs/errors.md#expression'
    : `docs/flow-problems.md#${code.replace('.', '')}`;

/** The text of docs/flow-problems.md. */
export function toFlowProblemsDocument(): string {
  return [
    '# What can be wrong with a flow',
    '',
    '<!-- Written by `npm run schema`; a test compares it with the code. -->',
    '',
    'A flow is checked as a whole, and all of its problems are reported at once, in the order in which they stand in the',
    'file: each with its code, a JSON pointer, line and column, what was expected and, where a name is misspelt, the nearest',
    'one that exists. With an **error** a flow can be saved as a draft and not be activated; a **warning** is worth a look.',
    'Mistakes in expressions have the codes `expression.*`, which are in [errors.md](errors.md#expression).',
    '',
    ...Object.entries(flowProblems).flatMap(([code, { severity, title, explanation, example }]) => [
      `## ${code}`,
      '',
      `**${title}** (${severity}). ${explanation}`,
      '',
      `For example: ${example.includes('{') || example.includes('[') ? `\`${example}\`` : example}`,
      '',
    ]),
  ].join('\n');
}
