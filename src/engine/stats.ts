import type { Parts } from './parts.ts'

/** How much an engine has of what. */
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
  /** Runs that wait to begin because of limits. */
  readonly waitingRuns: number
  /** Bytes of the data of these. */
  readonly waitingBytes: number
  /** Runs that gather events. */
  readonly gatheringRuns: number
  /** Keys of limits that something is remembered for: windows, paces, pauses. */
  readonly limitKeys: number
  /** Inputs that wait for their turn. */
  readonly waitingInputs: number
  /** Those who wait for the result of a run. */
  readonly waitingResults: number
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
  events,
  outcomes,
}: Parts): EngineStats {
  const { lobby, gatherers, marks } = events.admission.admission
  const { runs: waitingRuns, bytes: waitingBytes } = lobby.crowd()
  return {
    runs: journal.tip.active.count,
    resident: residents.size,
    waits: journal.tip.waits.count,
    timers: journal.tip.timers.count,
    nearTimers: alarm.size,
    runningSteps: attempts.running,
    waitingSteps: attempts.waiting,
    waitingRuns,
    waitingBytes,
    gatheringRuns: gatherers.size,
    limitKeys: marks.size,
    waitingInputs: loop.waiting,
    waitingResults: outcomes.size,
    commits: journal.tip.commit,
    epoch: journal.epoch,
    stopped: leaving !== undefined,
  }
}
