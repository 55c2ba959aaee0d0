import { keys } from '../../journal/keys.ts'
import type { ExchangeSeen } from './event-book.ts'
import { entriesOf } from './event-laws.ts'
import type { Law } from './law.ts'

/** Every schedule of a plan ticks this often. */
const TICK = 120_000
export const EVERY_TICK = '*/2 * * * *'

/** A schedule as its row on disk says. */
export interface Ticker {
  readonly id: string
  /** When it was made, by the wall clock. */
  readonly since: number
  readonly handled: number
  readonly missed: string
  readonly overlap: string
  readonly jitter: number
  readonly buffered: readonly number[]
}

export const scheduleLaws: readonly Law<ExchangeSeen>[] = [
  {
    name: 'a tick starts one run, and not before it is due',
    fault({ commit, items, book, history }) {
      for (const { run, entry } of entriesOf(items, 'run.scheduled')) {
        const { schedule, event, continues } = entry
        if (schedule === undefined || continues !== undefined) continue
        // Its row says nothing of what it did before it was dropped.
        if (commit.write.dels.includes(keys.schedule(schedule))) continue
        const ticker = book.tickers.get(schedule)
        const nominal = event?.ts ?? 0
        if (ticker === undefined) return `${run}: there is no schedule ${schedule}`
        if (nominal % TICK !== 0) return `${run}: ${nominal} is no tick`
        if (nominal <= ticker.since) return `${run}: ${schedule} is younger`
        // The clock may have been put back since the tick was found to be due.
        const isDue = [history.clock.wall(), ...history.walls].some(wall => nominal <= wall)
        if (!isDue) return `${run}: it is not due before ${nominal}`
        if (nominal > ticker.handled) return `${schedule} says it has got to ${ticker.handled}`
      }
      return undefined
    },
  },
  {
    name: 'runs of a schedule do not meet unless it lets them',
    fault({ items, book, history }) {
      for (const { run, entry } of entriesOf(items, 'run.scheduled')) {
        const { schedule, continues } = entry
        if (schedule === undefined || continues !== undefined) continue
        if (book.tickers.get(schedule)?.overlap === 'allow-all') continue
        for (const { ledger } of history.runs.values()) {
          if (ledger.run === run || ledger.schedule !== schedule) continue
          if (ledger.outcome === undefined) return `${run} starts while ${ledger.run} goes on`
        }
      }
      return undefined
    },
  },
  {
    name: 'a schedule never goes back',
    fault({ book }) {
      return book.wentBack
    },
  },
]

/** Whether a schedule has kept up: asked when some minutes have passed with nothing going wrong. */
export function faultOfTicker(
  { id, since, handled, missed, overlap, jitter, buffered }: Ticker,
  wall: number,
  started: ReadonlySet<string>,
  isActive: boolean,
): string | undefined {
  if (buffered.length > 0 && !isActive) return `${id}: ticks wait for no run`
  const newest = Math.floor((wall - 120_000 - jitter) / TICK) * TICK
  if (newest > since && handled < newest) return `${id} has got to ${handled}, not to ${newest}`
  if (overlap !== 'allow-all' || handled <= since) return undefined
  if (missed === 'last' && !started.has(`${id} ${handled}`)) return `${id}: no run of ${handled}`
  if (missed !== 'all') return undefined
  for (let tick = Math.floor(since / TICK) * TICK + TICK; tick <= handled; tick += TICK) {
    if (!started.has(`${id} ${tick}`)) return `${id}: no run of ${tick}`
  }
  return undefined
}
