import assert from 'node:assert/strict'
import type { StoredHeld, StoredQueued } from '../../journal/admission.ts'
import type { Ledger } from '../../journal/ledger.ts'
import type { JournalReader } from '../../journal/reader.ts'
import { collect } from './journals.ts'

/** What an opening came across of lanes, slots and gatherings is what the records add up to. */
export async function admissionMustHold(
  journal: JournalReader,
  ledgers: readonly Ledger[],
  queued: readonly StoredQueued[],
  held: readonly StoredHeld[],
): Promise<void> {
  const expected = ledgers.flatMap(queuedIn).sort(inLanes)
  assert.deepEqual(queued, expected)
  assert.deepEqual([...held].sort(byRun), ledgers.flatMap(heldIn).sort(byRun))
  for (const lane of new Set(queued.map(each => each.lane))) {
    const own = expected.filter(each => each.lane === lane)
    assert.deepEqual(await collect(journal.queued(lane)), own)
    assert.deepEqual(
      await collect(journal.queued(lane, own[0], 1)),
      own.filter(behind(own[0])).slice(0, 1),
    )
  }
}

const queuedIn = ({ run, workflow, open }: Ledger): StoredQueued[] =>
  [...open.values()].flatMap(what => {
    if (what.kind !== 'queue') return []
    const { kind: _, id: __, shielded: ___, ...row } = what
    return [{ run, workflow, ...row }]
  })

const heldIn = ({ run, workflow, open }: Ledger): StoredHeld[] =>
  [...open.values()].flatMap((what): StoredHeld[] => {
    const { seq } = what
    if (what.kind === 'slot') return [{ run, seq, kind: 'slot', holds: what.holds }]
    if (what.kind !== 'gather') return []
    const { id: _, clock: __, shielded: ___, until, ...row } = what
    return [{ run, workflow, ...row, ...(until !== undefined && { until }) }]
  })

const inLanes = (a: StoredQueued, b: StoredQueued): number =>
  compare(a.lane, b.lane) ||
  a.rank - b.rank ||
  a.place - b.place ||
  compare(a.run, b.run) ||
  a.seq - b.seq

const behind =
  (first: StoredQueued | undefined) =>
  ({ rank, place }: StoredQueued): boolean =>
    first === undefined || rank > first.rank || (rank === first.rank && place > first.place)

const byRun = (a: StoredHeld, b: StoredHeld): number => compare(a.run, b.run) || a.seq - b.seq

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
