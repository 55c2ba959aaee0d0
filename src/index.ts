/**
 * Workflows, events, and the engine that runs them.
 *
 * @module perdure
 */
export { JournalError, PerdureError } from '../journal/error.ts'
export type { RunStatus } from '../journal/lifecycle.ts'
export { type ClientEvent, connect, type EngineClient } from './control/engine-client.ts'
export type { CancelOption, CancelRule } from './define/cancel-on.ts'
export type { Condition } from './define/condition.ts'
export type {
  StartEvent,
  Step,
  StepAttempt,
  StepBody,
  StepOptions,
  WorkflowContext,
} from './define/context.ts'
export { type CronOptions, cron, type Missed, type Overlap } from './define/cron.ts'
export type { CronData, CronEvent, CronTrigger } from './define/cron-trigger.ts'
export type { DataPath, MatchPath } from './define/data-path.ts'
export type { Duration } from './define/duration.ts'
export type { CancelContext, EndingHandlers, FailureContext } from './define/endings.ts'
export {
  CancelledError,
  EngineError,
  type EngineErrorCode,
  NonRetriableError,
  StepError,
} from './define/error.ts'
export { type EventOptions, type EventType, event, type MadeEvent } from './define/event.ts'
export type { EventMatch, WherePattern } from './define/event-match.ts'
export type { EventOf, EventRef } from './define/event-ref.ts'
export type { EventSteps } from './define/event-steps.ts'
export type { Flow, FlowOptions } from './define/flow/flow.ts'
export type { Key, KeyOption } from './define/flow/key.ts'
export type { InvokeOptions } from './define/invoke-options.ts'
export type { Logger } from './define/logger.ts'
export type { Moment } from './define/moment.ts'
export type { ReceivedEvent } from './define/received-event.ts'
export { RetryAfterError, type RetryAfterOptions, type RetryScope } from './define/retry-after.ts'
export type { Backoff, RetryOptions } from './define/retry-options.ts'
export {
  type RunCancelled,
  type RunCompleted,
  type RunEnded,
  type RunFailed,
  runCancelled,
  runCompleted,
  runFailed,
} from './define/run-events.ts'
export type { EventTrigger, Trigger, TriggerOption } from './define/trigger.ts'
export type {
  AnyOption,
  Came,
  SignalOptions,
  WaitOptions,
  WaitTimer,
} from './define/wait-options.ts'
export { type Workflow, type WorkflowOptions, workflow } from './define/workflow.ts'
export type {
  AdmissionControls,
  AdmissionScope,
  PauseOptions,
} from './engine/admission-controls.ts'
export type { BodyCall, BodyRunner } from './engine/body-runner.ts'
export type { Engine, StartOptions } from './engine/engine.ts'
export type { RunEntry, RunHandle } from './engine/handle.ts'
export type { Limits } from './engine/limits.ts'
export type { RunSummary, RunsFilter } from './engine/listing.ts'
export { openEngine } from './engine/open.ts'
export type { EngineOptions } from './engine/options.ts'
export type { ScheduleInfo } from './engine/schedule-info.ts'
export type {
  NewSchedule,
  ScheduleChanges,
  Schedules,
  ScheduleTimes,
} from './engine/schedules.ts'
export type { Sent } from './engine/sender.ts'
export type { EngineStats } from './engine/stats.ts'
export type { HeldUp, LimitInfo, Reason, Why } from './inspect/why.ts'
export type { Clock } from './ports/clock.ts'
export type { Ids } from './ports/ids.ts'
