import { openEvent } from '../../journal/event-reader.ts'
import { keys, ranges } from '../../journal/keys.ts'
import { openCommit, openRecord } from '../../journal/reader.ts'
import { decodeThrown } from '../run/thrown.ts'
import type { Request } from './requests.ts'
import type { Rows } from './run-view.ts'

/** What no move is made for: it comes of others, or when its time has come. */
const BY_ITSELF = 'by itself: '

export const isByItself = (move: string): boolean => move.startsWith(BY_ITSELF)

/**
 * The moves that led to what was recorded, in the order of the commits, and between them what came of
 * them by itself: in another schedule of the same order that is in the same places.
 */
export class RecordedMoves {
  readonly moves: string[] = []
  readonly #requests: readonly Request[]
  /** Ids of steps by where they were scheduled. */
  readonly #steps = new Map<string, string>()
  #next = 0

  constructor(requests: readonly Request[]) {
    this.#requests = requests
  }

  /** Goes on with what was written since. */
  read(rows: Rows): void {
    if (this.#next === 0) this.#next = firstCommit(rows)
    for (;;) {
      const key = keys.commit(this.#next)
      const row = rows.get(key)
      if (row === undefined) return
      this.#next++
      const { events = [], records } = openCommit(key, row)
      for (const [event] of events) this.moves.push(...this.#comingOf(rows, event))
      for (const [run, seq] of records) this.moves.push(...this.#ofRecord(rows, run, seq))
    }
  }

  /** The event that was sent; nothing if a run sent it. */
  #comingOf(rows: Rows, row: string): string[] {
    const bytes = rows.get(row)
    if (bytes === undefined) return []
    const { id } = openEvent(row, bytes)
    const request = this.#requests.find(request => !request.isStart && request.id === id)
    return request === undefined ? [] : [request.mover]
  }

  #ofRecord(rows: Rows, run: string, seq: number): string[] {
    const at = keys.record(run, seq)
    const bytes = rows.get(at)
    if (bytes === undefined) return []
    const { entries } = openRecord(at, bytes)
    for (const [place, entry] of entries.entries()) {
      if (entry.type === 'step.scheduled') this.#steps.set(`${run} ${seq + place}`, entry.id)
    }
    const [input] = entries
    switch (input?.type) {
      case 'run.scheduled': {
        const start = this.#requests.find(({ id, isStart }) => isStart && id === run)
        return [start?.mover ?? `${BY_ITSELF}${run}`]
      }
      case 'step.succeeded':
      case 'step.failed': {
        if (input.type === 'step.failed' && isTimeout(input.error)) return ['time']
        const step = this.#steps.get(`${run} ${input.of}`) ?? ''
        return [`${run}/${step}${input.attempt === 0 ? '' : `, attempt ${input.attempt + 1}`}`]
      }
      case 'timer.fired':
        return ['time']
      case 'event.received':
        return [`${BY_ITSELF}${run} gets ${input.event.id}`]
      default:
        return []
    }
  }
}

// Those that hold no records are not kept for ever.
const firstCommit = (rows: Rows): number => {
  const { gte, lt } = ranges.commits()
  const numbers = [...rows.keys()].filter(key => key >= gte && key < lt).map(keyNumber)
  return Math.min(...numbers)
}

const keyNumber = (key: string): number => Number(key.slice(keys.commit(0).indexOf('0')))

const isTimeout = (error: Uint8Array): boolean => {
  const thrown = decodeThrown(error)
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'STEP_TIMEOUT'
}
