import { isDeepStrictEqual } from 'node:util'
import { admissionRow } from '../../journal/admission.ts'
import { chainHash } from '../../journal/commit.ts'
import { unseal } from '../../journal/envelope.ts'
import { keys, ranges } from '../../journal/keys.ts'
import { isPassive } from '../../journal/ledger.ts'
import { dueOf, listenersOf } from '../../journal/pending.ts'
import { openCommit } from '../../journal/reader.ts'
import type { Store } from '../../journal/store.ts'
import type { RunFacts, Snapshot } from './snapshot.ts'

/**
 * The journal by itself: commits are dense, chained and in order of time and epoch, they hold
 * exactly the records there are, and every index is what the records make of it.
 */
export async function mustBeSound(store: Store, snapshot: Snapshot): Promise<void> {
  same('records', await committed(store), recordsOf(snapshot))
  for (const facts of snapshot.values()) {
    const { run, workflow, status, seq, at, createdAt, link, passive, outcome } = facts.head
    const head = { workflow, status, seq, at, createdAt, link, passive, outcome }
    same(`head of ${run}`, head, headOf(facts))
  }
  same('open timers', await keysIn(store, 't!'), timersOf(snapshot))
  same('open waits', await keysIn(store, 'w!'), waitsOf(snapshot))
  for (const prefix of ['q!', 'h!']) {
    same(`rows ${prefix}`, await keysIn(store, prefix), admissionsOf(snapshot, prefix))
  }
  same('ends', await keysIn(store, 'f!'), endsOf(snapshot))
}

const headOf = ({ ledger, records }: RunFacts): object => ({
  workflow: ledger.workflow,
  status: ledger.status,
  seq: ledger.seq,
  at: ledger.at,
  createdAt: ledger.createdAt,
  link: records.at(-1)?.check,
  passive: isPassive(ledger),
  outcome: ledger.outcome,
})

async function committed(store: Store): Promise<readonly string[]> {
  const records: string[] = []
  const inbox = new Set<string>()
  let last = { commit: 0, at: 0, elapsed: 0, epoch: 0, hash: '' }
  for await (const chunk of store.scan(ranges.commits())) {
    for (const [key, value] of chunk) {
      const row = openCommit(key, value)
      const { epoch } = unseal(key, value)
      const { commit, at, elapsed } = row
      same(`the place of ${key}`, commit, last.commit + 1)
      same(`the chain at ${key}`, Buffer.from(row.prev).toString('hex'), last.hash)
      if (at < last.at || elapsed < last.elapsed || epoch < last.epoch) {
        throw new Error(`${key} goes back: ${JSON.stringify({ at, elapsed, epoch })}`)
      }
      for (const [run, n] of row.posted ?? []) inbox.add(keys.inbox(run, n))
      for (const [run, n] of row.taken ?? []) inbox.delete(keys.inbox(run, n))
      for (const [run, seq, check] of row.records) records.push(`${run} ${seq} ${check}`)
      last = { commit, at, elapsed, epoch, hash: chainHash(value).toString('hex') }
    }
  }
  same('inputs that wait for a turn', await keysIn(store, 'b!'), [...inbox].sort())
  return records.sort()
}

const recordsOf = (snapshot: Snapshot): readonly string[] =>
  [...snapshot.values()]
    .flatMap(({ records }) => records.map(({ run, seq, check }) => `${run} ${seq} ${check}`))
    .sort()

const timersOf = (snapshot: Snapshot): readonly string[] =>
  [...snapshot.values()]
    .flatMap(({ ledger }) => [...ledger.open.values()].map(open => ({ run: ledger.run, open })))
    .flatMap(({ run, open }) => {
      const timer = dueOf(open)
      return timer === undefined ? [] : [keys.timer(timer.clock, timer.due, run, open.seq)]
    })
    .sort()

const waitsOf = (snapshot: Snapshot): readonly string[] =>
  [...snapshot.values()]
    .flatMap(({ ledger }) => [...ledger.open.values()].map(open => ({ run: ledger.run, open })))
    .flatMap(({ run, open }) => (listenersOf(open) === undefined ? [] : [keys.wait(run, open.seq)]))
    .sort()

const admissionsOf = (snapshot: Snapshot, prefix: string): readonly string[] =>
  [...snapshot.values()]
    .flatMap(({ ledger: { run, workflow, open } }) =>
      [...open.values()].flatMap(what => admissionRow(run, workflow, what)?.key ?? []),
    )
    .filter(key => key.startsWith(prefix))
    .sort()

const endsOf = (snapshot: Snapshot): readonly string[] =>
  [...snapshot.values()]
    .flatMap(({ head: { run, outcome } }) => (outcome ? [keys.endedAt(outcome.elapsed, run)] : []))
    .sort()

async function keysIn(store: Store, prefix: string): Promise<readonly string[]> {
  const found: string[] = []
  for await (const chunk of store.scan({ gte: prefix, lt: prefix.replace('!', '"') })) {
    for (const [key] of chunk) found.push(key)
  }
  return found.sort()
}

function same(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return
  const [a, b] = [found, expected].map(value => JSON.stringify(value).slice(0, 2_000))
  throw new Error(`${what}: found ${a}, expected ${b}`)
}
