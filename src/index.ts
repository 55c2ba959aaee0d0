export { JournalError, PerdureError } from '../journal/error.ts'
export type { RunStatus } from '../journal/lifecycle.ts'
export type {
  Moment,
  StartEvent,
  Step,
  StepAttempt,
  StepBody,
  StepOptions,
  WorkflowContext,
} from './define/context.ts'
export type { Duration } from './define/duration.ts'
export {
  CancelledError,
  EngineError,
  type EngineErrorCode,
  NonRetriableError,
  RetryAfterError,
  StepError,
} from './define/error.ts'
export type { Logger } from './define/logger.ts'
export type { Backoff, RetryOptions } from './define/retry-options.ts'
export { type Workflow, type WorkflowOptions, workflow } from './define/workflow.ts'
export type { Engine, EngineStats, RunSummary, RunsFilter, StartOptions } from './engine/engine.ts'
export type { RunEntry, RunHandle } from './engine/handle.ts'
export type { Limits } from './engine/limits.ts'
export { openEngine } from './engine/open.ts'
export type { EngineOptions } from './engine/options.ts'
export type { Clock } from './ports/clock.ts'
export type { Ids } from './ports/ids.ts'
