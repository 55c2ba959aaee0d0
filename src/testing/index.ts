/**
 * The engine under virtual time, and searches for schedules that break something.
 *
 * @module perdure/testing
 */
export type { Arbitrary } from './arbitrary.ts'
export { type AuditFinding, type AuditReport, auditIdempotency } from './audit.ts'
export { type CheckOptions, type CheckReport, check, replay } from './check.ts'
export { VirtualClock } from './clock.ts'
export { Compatibility, type Tally } from './compatibility.ts'
export { Disk, type DiskWrite, type WriteFault } from './disk.ts'
export type { Group } from './divergence-group.ts'
export { type Explored, type ExploreOptions, explore } from './explore.ts'
export type { Properties } from './property.ts'
export { type Journals, type ReplayOptions, replayJournals } from './replay-journals.ts'
export type { Difference, Outcome, ReplayedRun, Verdict } from './replayed-run.ts'
export { NeverReached, PropertyFailed } from './report.ts'
export { RunView, type StepView } from './run-view.ts'
export type {
  Coming,
  ComingSignal,
  Faults,
  Spec,
  Start,
  StepOutcome,
  StepSpec,
  StepStub,
} from './spec.ts'
export type { Stub, StubCall, Stubs } from './stubs.ts'
export { type TestEngine, type TestEngineOptions, testEngine } from './test-engine.ts'
export { TestRun } from './test-run.ts'
export type { View } from './view.ts'
