import type { JoinedEvent } from '../../journal/admission-entry.ts'
import { decodeValue } from '../../journal/codec/decode.ts'
import type { Entry, EventFacts, Record, RunScheduled } from '../../journal/entry.ts'
import type { ReceivedEvent } from '../define/received-event.ts'

/** What a run was started with: one event, or all that it gathered. */
export interface Opening {
  readonly event: ReceivedEvent
  readonly events: readonly ReceivedEvent[]
  readonly seed: string
}

/** The entries that say so. */
export interface Begun {
  readonly id: string
  /** When the run was scheduled, by the wall clock. */
  readonly createdAt: number
  readonly scheduled: RunScheduled | undefined
  /** How it gathers, if it does. */
  readonly gathers: 'batch' | 'last' | 'all' | undefined
  readonly joined: readonly JoinedEvent[]
}

/** What its code is to be called with. */
export function openingOf({ id, createdAt: at, scheduled, gathers, joined }: Begun): Opening {
  if (scheduled === undefined) throw new Error(`run ${id} does not begin`)
  const own = eventOfRun(id, scheduled, at)
  const { seed } = scheduled
  if (joined.length === 0) return { event: own, events: [own], seed }
  const events = [own, ...joined.map(each => eventOfRun(id, each, at))]
  if (gathers === 'batch') return { event: own, events, seed }
  const newest = newestOf(events)
  return { event: newest, events: gathers === 'last' ? [newest] : events, seed }
}

// Written out: to spread an object and add to it makes a new shape each time, which is slow.
/** The event that a run was started by, or what stands for it. */
function eventOfRun(
  run: string,
  { event, data }: Pick<RunScheduled, 'event' | 'data'>,
  at: number,
): ReceivedEvent {
  const { name, id, ts, v } = event ?? startEvent(run, at)
  return { name, id, ts, ...(v !== undefined && { v }), data: decodeValue(data) }
}

/** What stands for the event of a run that is started otherwise. */
export const startEvent = (run: string, at: number): EventFacts => ({
  name: 'perdure/run.scheduled',
  id: run,
  ts: at,
})

/** The same, while it is being found out. */
export type Beginning = { -readonly [Fact in keyof Omit<Begun, 'createdAt'>]: Begun[Fact] }

/** Takes in what entries say of how the run begins. */
export function noteOpening(beginning: Beginning, entries: readonly Entry[]): void {
  for (const entry of entries) {
    if (entry.type === 'run.scheduled') beginning.scheduled = entry
    if (entry.type === 'gather.set') {
      beginning.gathers = entry.gather === 'batch' ? 'batch' : entry.mode
    }
    if (entry.type === 'run.joined') beginning.joined = [...beginning.joined, ...entry.events]
  }
}

/** What the records of a run say of how it begins. */
export function openingIn(id: string, records: readonly Record[]): Begun {
  const createdAt = records[0]?.at ?? 0
  const beginning: Beginning & Begun = {
    id,
    createdAt,
    scheduled: undefined,
    gathers: undefined,
    joined: [],
  }
  for (const { entries } of records) {
    noteOpening(beginning, entries)
    if (entries.some(({ type }) => type === 'run.started')) break
  }
  return beginning
}

// Of two of the same time the later arrival.
const newestOf = (events: readonly ReceivedEvent[]): ReceivedEvent =>
  events.reduce((newest, event) => (event.ts >= newest.ts ? event : newest))
