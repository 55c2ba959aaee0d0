import { parseLimitId, SHARED } from './limit-id.ts'
import type { Marks, Memory } from './marks.ts'

/** Of a pause: how long it lasts, on the elapsed clock. */
interface PauseState {
  /** Absent: until it is resumed. */
  readonly until?: number
}

const PAUSE = 'pause '
const DRAIN = 'drain '

/** Nothing begins under it: of everything, of a workflow, of a limit. Undefined: it is not paused. */
export function pausedUntil(marks: Marks, what: string): number | undefined {
  // Asked many times a run: as a rule nothing at all is remembered.
  if (marks.size === 0) return undefined
  const state = marks.get(PAUSE + what) as PauseState | undefined
  return state && (state.until ?? Number.POSITIVE_INFINITY)
}

export function pause(marks: Marks, what: string, until: number | undefined): void {
  marks.set(PAUSE + what, until === undefined ? {} : { until })
}

export const resume = (marks: Marks, what: string): void => {
  if (marks.get(PAUSE + what) !== undefined) marks.set(PAUSE + what, undefined)
}

/** Nothing new is taken in: of everything, of a workflow. */
export const isDrained = (marks: Memory, what: string): boolean =>
  marks.size > 0 && marks.get(DRAIN + what) !== undefined

export const drain = (marks: Marks, what: string): void => marks.set(DRAIN + what, {})

export const refill = (marks: Marks, what: string): void => {
  if (isDrained(marks, what)) marks.set(DRAIN + what, undefined)
}

/** Whether nothing begins under it, or nothing is taken in. */
export const isHeldUp = (marks: Marks, what: string): boolean =>
  pausedUntil(marks, what) !== undefined || isDrained(marks, what)

/** Whether what is remembered under an id is a pause that is over. */
export const isOver = (id: string, state: unknown, now: number): boolean =>
  id.startsWith(PAUSE) && ((state as PauseState).until ?? Number.POSITIVE_INFINITY) <= now

/** The limits of a workflow that are paused for a value of their keys, whatever the keys are now. */
export function pausesOf(marks: Marks, workflow: string, value: string): readonly string[] {
  const limits: string[] = []
  for (const [id] of marks.entries()) {
    const limit = id.startsWith(PAUSE) ? parseLimitId(id.slice(PAUSE.length)) : undefined
    if (limit?.value !== value) continue
    if (limit.owner === workflow || limit.owner === SHARED) limits.push(id.slice(PAUSE.length))
  }
  return limits
}
