import { encodeValue } from '../../journal/codec/encode.ts'
import type { Entry, EventFacts } from '../../journal/entry.ts'
import { openOn } from '../../journal/open.ts'
import type { Store } from '../../journal/store.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { Origins } from '../engine/origins.ts'
import { Expressions } from '../router/folding.ts'
import type { Moment } from '../run/retry.ts'
import { Run } from '../run/run.ts'

/** What a run began with, as it is recorded. */
export interface Beginning {
  readonly id: string
  readonly data: unknown
  /** What its recorded chance and idempotency keys come from. */
  readonly seed: string
  /** The event that started it, if one did. */
  readonly event?: EventFacts
  /** The schedule it is a run of. */
  readonly schedule?: string
  /** What it had gathered when it began, and how it is given that. */
  readonly gathered?: Gathered
}

export interface Gathered {
  /** `'all'` and `'last'`: by a debounce. */
  readonly as: 'batch' | 'all' | 'last'
  /** Those that came after the one it was scheduled with, in the order in which they did. */
  readonly events: readonly (EventFacts & { readonly data: unknown })[]
}

/**
 * Writes a journal with nothing in it but that a run is scheduled, and what it has gathered. Data and
 * events are taken as they are: schemas, which may change what they are given, have had their turn
 * when they were recorded.
 */
export async function writeFirstRecord(
  store: Store,
  workflow: AnyWorkflow,
  beginning: Beginning,
  at: number,
): Promise<void> {
  const { journal } = await openOn(store, { path: store.place, now: at, newId: 'playback' })
  const moment = { at, elapsed: journal.tip.elapsed }
  const run = new Run(beginning.id, workflow)
  const { gathered } = beginning
  const first = entriesOf(workflow, beginning, moment)
  for (const entries of gathered === undefined ? [first] : gatheredIn(first, gathered, moment)) {
    const record = { run: run.id, seq: run.ledger.seq, ...moment, entries }
    run.note(record)
    await journal.append([{ record, ledger: run.ledger }])
  }
  await journal.close()
}

/** All at once, and begins then: when each came is of no account. */
function gatheredIn(
  first: readonly Entry[],
  { as, events }: Gathered,
  { at: ts, elapsed: due }: Moment,
): readonly (readonly Entry[])[] {
  const [gather, mode] = as === 'batch' ? (['batch', 'all'] as const) : (['debounce', as] as const)
  const joined = events.map(({ data, ...event }) => ({ event, data: encodeValue(data) }))
  return [
    [...first, { type: 'gather.set', gather, key: '', mode, due, ts }],
    [{ type: 'run.joined', events: joined, full: true }],
  ]
}

function entriesOf(
  workflow: AnyWorkflow,
  { id, data, seed, event, schedule, gathered }: Beginning,
  moment: Moment,
): readonly Entry[] {
  const bytes = encodeValue(data)
  const origins = new Origins({
    expressions: new Expressions(),
    newRunId: () => id,
    seedOf: () => seed,
    unmet: () => {},
  })
  if (event === undefined) {
    const scheduled = { type: 'run.scheduled', workflow: workflow.id, data: bytes, seed } as const
    return origins.entries(origins.of(id, workflow, scheduled, moment))
  }
  const view = { ...event, data }
  const arrival = origins.ofEvent(workflow, { ...event, data: bytes }, view, moment)
  // What gathers has been told when it is over.
  const due = gathered === undefined ? arrival.from : undefined
  const start: Entry[] = due === undefined ? [] : [{ type: 'start.set', due }]
  return [...origins.entries(arrival), ...start].map(entry =>
    entry.type === 'run.scheduled' && schedule !== undefined ? { ...entry, schedule } : entry,
  )
}
