import type { Parts } from './parts.ts'

export interface EngineStats {
  /** Runs that have not ended. */
  readonly runs: number
  /** Of these, how many are in memory. */
  readonly resident: number
  /** Waits and cancellations that are open. */
  readonly waits: number
  /** Timers that are set. */
  readonly timers: number
  /** Of these, how many are in memory. */
  readonly nearTimers: number
  readonly runningSteps: number
  /** Steps that wait because `concurrency` are running. */
  readonly waitingSteps: number
  /** Inputs that wait for their turn. */
  readonly waitingInputs: number
  readonly commits: number
  readonly epoch: number
  /** It takes nothing more: it closes, or has stopped after an error. */
  readonly stopped: boolean
}

export function statsOf({
  journal,
  residents,
  alarm,
  attempts,
  loop,
  leaving,
}: Parts): EngineStats {
  return {
    runs: journal.tip.active.count,
    resident: residents.size,
    waits: journal.tip.waits.count,
    timers: journal.tip.timers.count,
    nearTimers: alarm.size,
    runningSteps: attempts.running,
    waitingSteps: attempts.waiting,
    waitingInputs: loop.waiting,
    commits: journal.tip.commit,
    epoch: journal.epoch,
    stopped: leaving !== undefined,
  }
}
