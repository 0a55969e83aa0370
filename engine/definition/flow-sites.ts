// What elements ask while a flow is validated, and what is noted of each for the checks that follow.
import type { Action } from '../actions/action.js';
import type { Registries } from '../compile/compile-flow.js';
import type { CompileWork } from '../compile/compile-work.js';
import type { CompileProblem, CompileSite, GivenInputs } from '../elements/element.js';
import { type Names, Suggestions } from '../expressions/did-you-mean.js';
import type { Expression } from '../expressions/index.js';
import type { AssigneeKind } from '../ports/assignees.js';
import type { RecordType } from '../ports/records.js';
import { checkInputs, checkType, constantOf } from './check-inputs.js';
import type { FlowDefinition, Json, Schema } from './flow.js';
import type { FlowInterface } from './flow-interface.js';
import { isBeforeSave, isOfRecord, readOnlyReason } from './record-target.js';
import { type PathSchema, schemaAt } from './schema-path.js';

interface Context {
  readonly flows?: ReadonlyMap<string, FlowInterface>;
  readonly templates?: ReadonlyMap<string, Schema>;
  readonly assignees?: Readonly<Partial<Record<AssigneeKind, ReadonlySet<string>>>>;
}

/** What one element does, as far as it has said so. */
export interface ElementNotes {
  readonly actions: Action[];
  readonly calls: string[];
  /** Variables that it assigns, with where. */
  readonly assigns: { readonly variable: string; readonly pointer: string }[];
  readonly needs: Need[];
}

/** A permission without which what is written at a pointer is refused. */
export interface Need {
  readonly what: string;
  readonly permission: string;
  readonly pointer: string;
}

type Report = (problem: CompileProblem) => void;

export class FlowSites {
  readonly signals = new Set<string>();
  readonly #notes = new Map<string, ElementNotes>();
  readonly #definition: FlowDefinition;
  readonly #ghosts: ReadonlySet<string>;
  readonly #work: CompileWork;
  readonly #registries: Registries;
  readonly #context: Context;
  readonly #report: Report;
  readonly #suggestions = new Suggestions();

  constructor(
    definition: FlowDefinition,
    ghosts: ReadonlySet<string>,
    work: CompileWork,
    registries: Registries,
    context: Context,
    report: Report,
  ) {
    this.#definition = definition;
    this.#ghosts = ghosts;
    this.#work = work;
    this.#registries = registries;
    this.#context = context;
    this.#report = report;
    work.field = (type, field, pointer, value) => this.#field(type, field, pointer, value);
    work.target = (path, pointer, value) => this.#target(path, pointer, value, []);
    work.useless = (pointer, why) => this.#useless(pointer, why);
  }

  notesOf(element: string): ElementNotes {
    const known = this.#notes.get(element);
    if (known !== undefined) return known;
    const notes = { actions: [], calls: [], assigns: [], needs: [] };
    this.#notes.set(element, notes);
    return notes;
  }

  siteOf(name: string): CompileSite {
    const at = `/elements/${name}`;
    const notes = this.notesOf(name);
    const site = this.#work.siteOf(name);
    return {
      ...site,
      target: (path, pointer, value) => this.#target(path, at + pointer, value, notes.assigns),
      action: (wanted, pointer, inputs) => {
        const action = site.action(wanted, pointer);
        if (action === undefined) return undefined;
        notes.actions.push(action);
        const { permission } = action;
        if (permission !== undefined) notes.needs.push({ what: wanted, permission, pointer: at + pointer });
        const given = below(at, inputs);
        if (given !== undefined) {
          checkInputs(
            `the action ${wanted}`,
            action.input,
            given,
            this.#compile,
            this.#suggestions,
            this.#report,
          );
        }
        return action;
      },
      record: (type, pointer, use) => this.#record(type, at + pointer, notes, use),
      newRecord: (type, pointer, fields) => this.#newRecord(type, at + pointer, fields),
      constant: (value, pointer, expected, wrong, types = [value.type]) => {
        const constant = constantOf(value);
        const isOther = value.type !== 'unknown' && !types.includes(value.type);
        const detail =
          constant === undefined
            ? isOther
              ? `it can't be a ${value.type}`
              : undefined
            : wrong(constant.value as Json);
        if (detail === undefined) return;
        this.#report({ code: 'flow.value-invalid', pointer: at + pointer, detail, expected });
      },
      useless: (pointer, why) => this.#useless(at + pointer, why),
      field: (type, field, pointer, value) => this.#field(type, field, at + pointer, value),
      calls: (flow, pointer, inputs) => {
        notes.calls.push(flow);
        this.#call(flow, at + pointer, below(at, inputs));
      },
      template: (template, pointer, variables) =>
        this.#template(template, at + pointer, below(at, variables)!),
      assignee: (kind, name, pointer) => this.#assignee(kind, name, at + pointer),
      choice: (choice, pointer) => {
        if (this.#ghosts.has(choice)) return undefined;
        const compiled = site.choice(choice, pointer);
        for (const variable of compiled?.targets ?? [])
          notes.assigns.push({ variable, pointer: at + pointer });
        return compiled;
      },
      signal: (signal, pointer) => this.#signal(signal, at + pointer),
      warn: (problem) => site.report(problem),
    };
  }

  #useless(pointer: string, why: string): void {
    const name = pointer.split('/').at(-1);
    this.#report({
      code: 'flow.property-useless',
      pointer,
      detail: `${name} changes nothing here: ${why}`,
      expected: `no ${name}`,
    });
  }

  #record(
    type: string,
    pointer: string,
    notes: ElementNotes,
    use: keyof RecordType['permissions'] = 'read',
  ): void {
    const { records } = this.#registries;
    const known = records.get(type);
    if (known === undefined) {
      this.#unknown('flow.record-type-unknown', 'record type', type, records, pointer);
      return;
    }
    notes.needs.push({ what: `${use} ${type} records`, permission: known.permissions[use], pointer });
    if (use !== 'read' && known.writtenBy === 'actions') {
      this.#report({
        code: 'flow.record-read-only',
        pointer,
        detail: `${type} records are changed by actions only`,
        expected: 'an action that does it, or a record type that elements may write',
      });
    }
  }

  /** A warning: who is not there yet may be there when the flow runs. */
  #assignee(kind: AssigneeKind, given: Expression, pointer: string): void {
    const known = this.#context.assignees?.[kind];
    const name = constantOf(given)?.value;
    if (known === undefined || typeof name !== 'string' || name === '' || known.has(name)) return;
    const near = this.#suggestions.for(name, known);
    this.#report({
      code: 'flow.assignee-unknown',
      pointer,
      detail: `there is no ${kind} ${JSON.stringify(name)}`,
      expected: `a ${kind} that is there when the flow runs`,
      ...(near === undefined ? {} : { didYouMean: near }),
    });
  }

  #newRecord(type: string, pointer: string, fields: readonly string[]): void {
    const schema = this.#registries.records.get(type)?.schema ?? {};
    const missing = ((schema['required'] ?? []) as readonly string[]).filter(
      (field) => field !== 'id' && !fields.includes(field),
    );
    if (missing.length === 0) return;
    this.#report({
      code: 'flow.record-incomplete',
      pointer,
      detail: `a new ${type} needs ${missing.join(', ')}`,
      expected: `a rule for each field that every ${type} has, or a before-save flow that sets it`,
    });
  }

  #target(
    path: string,
    pointer: string,
    value: Expression | undefined,
    assigns: ElementNotes['assigns'],
  ): Schema | undefined {
    const [name = '', ...rest] = path.split('.');
    if (isOfRecord(path)) return this.#recordTarget(path, rest, pointer, value, assigns);
    const { variables = {}, constants = {}, formulas = {}, texts = {}, elements } = this.#definition;
    if (this.#ghosts.has(name)) return undefined;
    if (!Object.hasOwn(variables, name)) {
      this.#reportTarget(name, pointer, variables, { constants, formulas, texts, elements });
      return undefined;
    }
    assigns.push({ variable: name, pointer });
    return this.#part(
      'flow.path-unknown',
      path,
      schemaAt(variables[name]!.schema, rest, name, this.#suggestions),
      pointer,
      value,
    );
  }

  /** A field of the record that a before-save flow is about. */
  #recordTarget(
    path: string,
    field: readonly string[],
    pointer: string,
    value: Expression | undefined,
    assigns: ElementNotes['assigns'],
  ): Schema | undefined {
    if (this.#ghosts.has('$record')) return undefined;
    const { records } = this.#registries;
    const reason = readOnlyReason(this.#definition, path, records);
    if (reason !== undefined) {
      this.#report({ ...reason, pointer });
      return undefined;
    }
    assigns.push({ variable: `$record.${field[0]}`, pointer });
    const { trigger } = this.#definition.start;
    const type = records.get('record' in trigger ? (trigger.record ?? '') : '');
    if (type === undefined) return undefined;
    const part = schemaAt({ type: 'object', ...type.schema }, field, '$record', this.#suggestions);
    return this.#part('flow.record-field-unknown', path, part, pointer, value);
  }

  /** Whether there is what is assigned to, and the value fits it. */
  #part(
    code: string,
    path: string,
    part: PathSchema,
    pointer: string,
    value: Expression | undefined,
  ): Schema | undefined {
    if (part.kind === 'missing') {
      const { detail, expected, didYouMean: near } = part;
      this.#report({
        code,
        pointer,
        detail,
        expected,
        ...(near === undefined ? {} : { didYouMean: near }),
      });
    }
    if (part.kind !== 'known') return undefined;
    if (value !== undefined) {
      checkType(path, part.schema, value, this.#compile, (problem) => {
        this.#report({ ...problem, code: 'flow.assignment-type', pointer });
      });
    }
    return part.schema;
  }

  #reportTarget(
    name: string,
    pointer: string,
    variables: Names,
    others: Readonly<Record<string, object>>,
  ): void {
    const section = Object.keys(others).find((one) => Object.hasOwn(others[one]!, name));
    const near = this.#suggestions.for(name, variables);
    this.#report({
      code: section === undefined ? 'flow.variable-unknown' : 'flow.assignment-to-constant',
      pointer,
      detail:
        section === undefined
          ? `there is no variable ${JSON.stringify(name)}`
          : `${name} is one of the ${section} and can't be assigned to`,
      expected: 'a variable of this flow',
      ...(near === undefined ? {} : { didYouMean: near }),
    });
  }

  #field(type: string, field: string, pointer: string, value: Expression | undefined): Schema | undefined {
    const schema = this.#registries.records.get(type)?.schema;
    if (schema === undefined || field === 'id') return undefined;
    const part = schemaAt({ type: 'object', ...schema }, field.split('.'), type, this.#suggestions);
    if (part.kind === 'missing') {
      const { detail, expected, didYouMean: near } = part;
      this.#report({
        code: 'flow.record-field-unknown',
        pointer,
        detail,
        expected,
        // The type is not part of what is written here.
        ...(near === undefined ? {} : { didYouMean: near.slice(type.length + 1) }),
      });
    } else if (part.kind === 'known' && value !== undefined) {
      checkType(`${type}.${field}`, part.schema, value, this.#compile, (problem) => {
        this.#report({ ...problem, code: 'flow.input-type', pointer });
      });
    }
    return part.kind === 'known' ? part.schema : undefined;
  }

  #call(flow: string, pointer: string, inputs: GivenInputs | undefined): void {
    const { flows } = this.#context;
    if (flows === undefined) return;
    const called = flows.get(flow);
    if (called === undefined) {
      // A flow may call itself, and is not among the others.
      if (flow !== this.#definition.name) this.#unknown('flow.subflow-unknown', 'flow', flow, flows, pointer);
      return;
    }
    if (!called.active && flow !== this.#definition.name) {
      this.#report({
        code: 'flow.subflow-inactive',
        pointer,
        detail: `${flow} has no active version`,
        expected: 'a flow with an active version',
      });
    }
    const { trigger } = this.#definition.start;
    const saved = isBeforeSave(trigger) ? trigger.record : undefined;
    if (called.setsRecord !== undefined && called.setsRecord !== saved) {
      this.#report({
        code: 'flow.record-read-only',
        pointer,
        detail: `${flow} sets fields of the ${called.setsRecord} that is about to be saved, and here none is`,
        expected: `a flow that sets nothing of $record, or a call before the save of a ${called.setsRecord}`,
      });
    }
    if (inputs !== undefined) {
      checkInputs(`the flow ${flow}`, called.inputs, inputs, this.#compile, this.#suggestions, this.#report);
    }
  }

  #template(template: string, pointer: string, variables: GivenInputs): void {
    const { templates } = this.#context;
    if (templates === undefined) return;
    const schema = templates.get(template);
    if (schema === undefined)
      this.#unknown('flow.template-unknown', 'template', template, templates, pointer);
    else
      checkInputs(
        `the template ${template}`,
        schema,
        variables,
        this.#compile,
        this.#suggestions,
        this.#report,
      );
  }

  #signal(signal: string, pointer: string): void {
    const { signals = {} } = this.#definition;
    this.signals.add(signal);
    if (Object.hasOwn(signals, signal) || this.#ghosts.has(signal)) return;
    this.#unknown('flow.signal-unknown', 'signal', signal, signals, pointer);
    // What was meant by it is waited for.
    this.signals.add(this.#suggestions.for(signal, signals) ?? signal);
  }

  #unknown(code: string, what: string, name: string, known: Names, pointer: string): void {
    const near = this.#suggestions.for(name, known);
    this.#report({
      code,
      pointer,
      detail: `there is no ${what} ${JSON.stringify(name)}`,
      expected: `a ${what} that exists`,
      ...(near === undefined ? {} : { didYouMean: near }),
    });
  }

  readonly #compile = (schema: Schema) => {
    try {
      return this.#registries.schemas.compile(schema);
    } catch {
      // A schema that is wrong is reported where it stands.
      return () => [];
    }
  };
}

const below = (at: string, inputs: GivenInputs | undefined): GivenInputs | undefined =>
  inputs === undefined ? undefined : { ...inputs, pointer: at + inputs.pointer };
