import { encodeValue } from '../../journal/codec/encode.ts'
import { BYTES_MOST, DEPTH_MOST } from '../../journal/codec/limits.ts'
import type { Entry, Record } from '../../journal/entry.ts'
import type { Journal } from '../../journal/journal.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'

/** A lane and a limit whose names must be escaped in keys. */
export const LANE = '["run","mail","","ü!"]'
export const RATE = '["rate","mail","",""]'
const SLOT = '["run","mail","",""]'

/** Appends records of runs without an engine. */
export class Hand {
  readonly journal: Journal
  readonly records: Record[] = []
  readonly #ledgers = new Map<string, Ledger>()

  constructor(journal: Journal) {
    this.journal = journal
  }

  async write(run: string, ...entries: readonly Entry[]): Promise<void> {
    const ledger = this.#ledgers.get(run) ?? emptyLedger(run)
    this.#ledgers.set(run, ledger)
    const { at, elapsed } = this.journal.tip
    const record = { run, seq: ledger.seq, at, elapsed, entries }
    noteRecord(ledger, record)
    this.records.push(record)
    await this.journal.append([{ record, ledger }])
  }

  /** A queue entry at the next place. */
  async queue(run: string, rank: number, holds: readonly string[]): Promise<Entry> {
    let place = -1
    await this.journal.change(group => {
      place = group.nextPlace()
    })
    const limits = [SLOT, RATE]
    return { type: 'queue.set', lane: LANE, rank, place, limits, holds, bytes: run.length }
  }
}

export const value = (data: unknown): Uint8Array =>
  encodeValue(data, { bytes: BYTES_MOST, depth: DEPTH_MOST })

export const scheduled = (run: string): Entry & { readonly type: 'run.scheduled' } => ({
  type: 'run.scheduled',
  workflow: 'mail',
  data: value({ to: run }),
  seed: `hand/${run}`,
})

const due = 4_000_000_000_000
const event = { name: 'app/mailed', id: 'evt_m', ts: 7, v: '2' }
const parents = [
  { run: 'asking', seq: 3 },
  { run: 'asking', seq: 4 },
]
const deadline = (phase: 'start' | 'finish'): Entry => ({
  type: 'deadline.set',
  phase,
  due,
  after: 50,
})

/**
 * A run in every state of admission: `m-batch` and `n-debounce` gather, `o-full` has gathered and
 * begun, `p-over` and `q-queued` wait in a lane, `r-begun` and `s-asked` hold a slot, `t-refused`
 * and `u-joined` never begin. One limit has a state.
 */
export async function fillLanes(journal: Journal): Promise<Hand> {
  const hand = new Hand(journal)
  const batch = {
    type: 'gather.set',
    gather: 'batch',
    key: 'by size',
    mode: 'all',
    due,
    ts: 1,
  } as const
  const debounce = { ...batch, gather: 'debounce', key: RATE, mode: 'last', until: due } as const
  const slot = { type: 'slot.set', holds: [SLOT] } as const
  const started = { type: 'run.started' } as const
  const joined = { type: 'run.joined', events: [{ event, data: value(1) }] } as const
  await hand.write('m-batch', { ...scheduled('m-batch'), parents }, batch, deadline('start'))
  const child = { data: value('more'), parent: { run: 'late', seq: 9 } }
  await hand.write('m-batch', { ...joined, events: [...joined.events, child], due: due + 1 })
  await hand.write('n-debounce', { ...scheduled('n-debounce'), event }, debounce)
  await hand.write('n-debounce', joined)
  await hand.write('o-full', scheduled('o-full'), batch)
  await hand.write('o-full', { ...joined, full: true }, slot, started)
  await hand.write('p-over', scheduled('p-over'), debounce)
  await hand.write('p-over', { type: 'timer.fired', of: 1 }, await hand.queue('p-over', 5, []))
  for (const run of ['q-queued', 'r-begun', 's-asked']) {
    const queue = await hand.queue(run, 4, [SLOT])
    await hand.write(run, scheduled(run), deadline('start'), queue)
    if (run !== 'q-queued') await hand.write(run, started, deadline('finish'))
  }
  await hand.write('q-queued', { type: 'deadline.moved', phase: 'start' })
  const to = { due: due + 9, after: 59 }
  await hand.write('r-begun', { type: 'deadline.moved', phase: 'finish', to })
  await hand.write('s-asked', { type: 'run.cancel_requested', reason: 'no more' })
  await hand.write('t-refused', scheduled('t-refused'), { type: 'run.skipped', reason: 'backlog' })
  const by = 'm-batch'
  await hand.write('u-joined', scheduled('u-joined'), { type: 'run.skipped', reason: 'joined', by })
  await journal.change(group => {
    const early = group.putLimit(RATE, { at: 1 }, undefined)
    const dropped = group.putLimit('spent', null, undefined)
    group.putLimit(RATE, { at: 2 }, early)
    group.dropLimit('spent', dropped)
  })
  return hand
}
