// Books one change: from moved units and added components to a change order, its figures and the summary after it.
import type { Minor } from '../records/money-fields.js';
import type { ChangeEntry, ChangeOrder, ChangeType, Phase, QuantityChange } from './change-order.js';
import { addTaxed, type Component, nothing, taxedOf } from './component.js';
import { type Explanation, explain, plain } from './explanation.js';
import { fractionText } from './fraction.js';
import type { OriginalLine } from './original-order.js';
import { roundBy } from './rounding.js';
import type { LedgerSettings } from './settings.js';
import { type OrderSummary, summarize } from './summary.js';
import { exactlyLeft, keptOf, type Position, valuesAt } from './values.js';

export interface ChangeDraft {
  readonly type: ChangeType;
  readonly phase: Phase;
  readonly reason: string;
  readonly quantities?: readonly QuantityChange[];
  readonly releasedDeliveries?: readonly string[];
  readonly addedLines?: readonly OriginalLine[];
  readonly addedComponents?: readonly Component[];
}

export interface BookedChange {
  readonly changeOrder: ChangeOrder;
  /** The summary after the change. */
  readonly summary: OrderSummary;
}

/** The id that the next change order gets. */
export const nextChangeId = ({ changeOrders }: Pick<OrderSummary, 'changeOrders'>): string =>
  `C${changeOrders.length + 1}`;

/**
 * Books a change whose preconditions were checked.
 *
 * A component's entry is its rounded share after the change minus what is booked on it, so full reversals end at zero
 * even when the settings were changed in between.
 *
 * @throws {RecourseError} `orders.ledger-broken`
 */
export function bookChange(
  summary: OrderSummary,
  draft: ChangeDraft,
  settings: LedgerSettings,
): BookedChange {
  const { quantities = [], releasedDeliveries = [], addedLines = [], addedComponents = [] } = draft;
  const position = moved(summary, quantities, releasedDeliveries);
  const touched = touchedComponents(summary, quantities, releasedDeliveries, settings);
  const targets = valuesAt(touched, position, settings);
  const entries: ChangeEntry[] = [];
  for (const [index, { id }] of touched.entries()) {
    const before = summary.booked[id]!;
    const { amount, taxes } = targets[index]!;
    const entry = {
      component: id,
      amount: amount - before.amount,
      taxes: taxes.map((tax, at) => tax - before.taxes[at]!),
    };
    if (entry.amount !== 0n || entry.taxes.some((tax) => tax !== 0n)) entries.push(entry);
  }
  for (const { id, amount, taxes } of addedComponents) {
    entries.push({ component: id, amount, taxes: taxes.map((tax) => tax.amount) });
  }
  const components = new Map([...summary.components, ...addedComponents].map((each) => [each.id, each]));
  let totals = nothing;
  for (const entry of entries) totals = addTaxed(totals, taxedOf(components.get(entry.component)!, entry));
  const id = nextChangeId(summary);
  const titles = new Map([...summary.lines, ...addedLines].map((line) => [line.id, line.title]));
  const changeOrder: ChangeOrder = {
    id,
    type: draft.type,
    phase: draft.phase,
    reason: draft.reason,
    quantities,
    releasedDeliveries,
    addedLines,
    addedComponents,
    entries,
    totals,
    explanation: explain(
      'change-order',
      `${draft.type} ${id}`,
      totals.total,
      summary.original.currency,
      { subject: id },
      explainOwners(summary, entries, components, titles, position, settings),
    ),
  };
  const changeOrders = [...summary.changeOrders, changeOrder];
  return { changeOrder, summary: summarize({ ...summary, changeOrders }) };
}

function moved(
  summary: OrderSummary,
  changes: readonly QuantityChange[],
  releasedDeliveries: readonly string[],
): Position {
  const byLine = new Map(changes.map((change) => [change.line, change]));
  return {
    original: summary.original,
    releasedDeliveries: [...summary.releasedDeliveries, ...releasedDeliveries],
    lines: summary.lines.map((line) => {
      const change = byLine.get(line.id);
      if (change === undefined) return line;
      const { cancelled, returned } = line.quantities;
      return {
        ...line,
        shippingReduced: line.shippingReduced + change.shippingReduced,
        quantities: {
          ...line.quantities,
          cancelled: cancelled + change.cancelled,
          returned: returned + change.returned,
        },
      };
    }),
  };
}

function touchedComponents(
  { components, lines }: OrderSummary,
  quantities: readonly QuantityChange[],
  releasedDeliveries: readonly string[],
  settings: LedgerSettings,
): readonly Component[] {
  if (quantities.length === 0 && releasedDeliveries.length === 0) return [];
  if (settings.rounding.scope === 'order') return components;
  const owners = new Set<string>(releasedDeliveries.map((id) => `delivery ${id}`));
  for (const { line, shippingReduced } of quantities) {
    owners.add(`line ${line}`);
    if (shippingReduced > 0) {
      owners.add(`delivery ${lines.find(({ id }) => id === line)!.deliveryGroup}`);
    }
  }
  return components.filter(({ owner }) => owners.has(`${owner.kind} ${owner.id}`));
}

function explainOwners(
  summary: OrderSummary,
  entries: readonly ChangeEntry[],
  components: ReadonlyMap<string, Component>,
  titles: ReadonlyMap<string, string>,
  position: Position,
  settings: LedgerSettings,
): Explanation[] {
  const { currency } = summary.original;
  const byOwner = new Map<string, { component: Component; entry: ChangeEntry }[]>();
  for (const entry of entries) {
    const component = components.get(entry.component)!;
    const key = `${component.owner.kind} ${component.owner.id}`;
    const group = byOwner.get(key);
    if (group === undefined) byOwner.set(key, [{ component, entry }]);
    else group.push({ component, entry });
  }
  return [...byOwner.values()].map((group) => {
    const { owner } = group[0]!.component;
    const total = group.reduce((sum, { component, entry }) => sum + taxedOf(component, entry).total, 0n);
    const label = owner.kind === 'line' ? (titles.get(owner.id) ?? owner.id) : `${owner.kind} ${owner.id}`;
    return explain(
      owner.kind,
      label,
      total,
      currency,
      { subject: owner.id },
      group.map(({ component, entry }) => explainEntry(summary, component, entry, position, settings)),
    );
  });
}

function explainEntry(
  summary: OrderSummary,
  component: Component,
  entry: ChangeEntry,
  position: Position,
  settings: LedgerSettings,
): Explanation {
  const { currency } = summary.original;
  const before = summary.booked[component.id];
  const kept = keptOf(component, position, settings);
  const { mode, scope } = settings.rounding;
  const formulaOf = (whole: Minor, was: Minor | undefined, change: Minor) => {
    if (was === undefined) {
      const { formula } = component;
      return formula === undefined ? {} : { formula, rounding: { mode, scope } };
    }
    const share = `${plain(whole, currency)} × ${fractionText(kept)} / ${fractionText(component.base)}`;
    const rest = was + change - roundBy(mode, exactlyLeft(whole, kept, component.base));
    const leftOver = rest === 0n ? '' : ` + (${plain(rest, currency)} left over)`;
    return {
      formula: `round(${share})${leftOver} - ${plain(was, currency)}`,
      ...(kept.num === 0n ? {} : { rounding: { mode, scope } }),
    };
  };
  const amountNode = (kind: string, label: string) =>
    explain(kind, label, entry.amount, currency, {
      subject: component.id,
      ...formulaOf(component.amount, before?.amount, entry.amount),
    });
  const { total, tax } = taxedOf(component, entry);
  if (component.taxIncluded) {
    const node = amountNode(component.kind, component.label);
    return tax === 0n ? node : { ...node, containedTax: explain('tax', '', tax, currency).amount };
  }
  if (component.taxes.length === 0) return amountNode(component.kind, component.label);
  const taxes = component.taxes.map(({ name, amount }, at) =>
    explain('tax', name, entry.taxes[at]!, currency, {
      subject: component.id,
      ...(before === undefined ? {} : formulaOf(amount, before.taxes[at]!, entry.taxes[at]!)),
    }),
  );
  return explain(component.kind, component.label, total, currency, { subject: component.id }, [
    amountNode('net', 'before tax'),
    ...taxes,
  ]);
}
