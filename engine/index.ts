// The one public door of the engine.
export type { Action, ActionCall, Effect, Repeat } from './actions/action.js';
export { type ActionRegistry, createActionRegistry } from './actions/registry.js';
export { type CompiledFlow, compileFlow, type Registries } from './compile/compile-flow.js';
export { SchemaCompiler } from './compile/schemas.js';
export { toCanonicalText } from './definition/canonical.js';
export type * from './definition/flow.js';
export { toContentHash } from './definition/hash.js';
export { type FlowInterface, toFlowInterface } from './definition/flow-interface.js';
export { flowProblems, toFlowProblemsDocument } from './definition/flow-problems.js';
export { toFlowSchema } from './definition/flow-schema.js';
export {
  type FlowProblem,
  type FlowValidation,
  type ValidationContext,
  soundDefinition,
  validateFlow,
} from './definition/validate.js';
export {
  FlowVersions,
  requireSystemRight,
  systemPermission,
  systemReasonOf,
  versionErrors,
} from './definition/versions.js';
export type * from './elements/element.js';
export { createElementRegistry, type ElementRegistry } from './elements/registry.js';
export { standardElements } from './elements/standard-elements.js';
export { createEngine, type Engine, type EngineOptions } from './engine.js';
export { defineErrors } from './errors/catalogue.js';
export { RecourseError } from './errors/recourse-error.js';
export { engineLimits } from './limits.js';
export type * from './ports/assignees.js';
export type * from './ports/clock.js';
export type { BulkProgress } from './runtime/operations/bulk.js';
export type { Refusal } from './runtime/decision/delivery.js';
export * from './ports/engine-store.js';
export type * from './ports/ids.js';
export { type Logger, silent } from './ports/logger.js';
export * from './ports/records.js';
export type * from './ports/subjects.js';
export type { Applicability } from './runtime/operations/applicability.js';
export type { PublishedEvent, ToldEvent } from './runtime/operations/events.js';
export type { Answerer } from './runtime/operations/messages.js';
export type { OutboxHandler } from './runtime/outbox.js';
export type { WorkPage } from './runtime/operations/runs.js';
export type { StartRequest } from './runtime/operations/prepare-start.js';
export type { Preview } from './runtime/operations/preview.js';
export type { Attribution } from './runtime/operations/run-changes.js';
export { actionErrors, recordErrors, runErrors } from './runtime/run-errors.js';
export type * from './runtime/run-state.js';
export { type OpenWork, openWorkOf, workKeysFor } from './runtime/work.js';
