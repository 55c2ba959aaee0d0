import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { StoredHeld, StoredQueued } from '../../journal/admission.ts'
import type { Record } from '../../journal/entry.ts'
import type { InboxInput, StoredWait } from '../../journal/event-reader.ts'
import type { Append, Journal } from '../../journal/journal.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import { dueOf } from '../../journal/pending.ts'
import { removeRuns } from '../../journal/upkeep.ts'
import { verify } from '../../journal/verify.ts'
import { Author } from './author.ts'
import { collect, NOW, start, startAgain, withoutLinks } from './journals.ts'
import { admissionMustHold } from './model-admission.ts'
import { EventModel, type EventMove, eventMoves } from './model-events.ts'
import type { Framework, OpenStore, StoreSubject } from './subject.ts'

type Move =
  /** Turns appended in one call each, all in one tick. */
  | { readonly kind: 'append'; readonly turns: readonly (readonly [run: number, choice: number])[] }
  | { readonly kind: 'remove'; readonly run: number }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'events'; readonly move: EventMove }

const RUNS = ['a', 'a-b', 'a.', 'b/c', 'z:1']

const run = fc.nat(RUNS.length - 1)
const moves = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        turns: fc.array(fc.tuple(run, fc.nat(60)), { minLength: 1, maxLength: 6 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), run }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('events' as const), move: eventMoves }),
    },
  ),
  { minLength: 4, maxLength: 25, size: 'max' },
)

/** Whatever is appended, removed and opened again: the journal holds what a list of records would. */
export function journalAgrees(framework: Framework, open: OpenStore): void {
  framework.test('agrees with a list of records, whatever is done', async () => {
    await fc.assert(
      fc.asyncProperty(moves, async moves => {
        const subject = await open()
        try {
          await play(subject, moves)
        } finally {
          await subject.close()
        }
      }),
      { numRuns: 60 },
    )
  })
}

async function play(subject: StoreSubject, moves: readonly Move[]): Promise<void> {
  let { journal } = await start(subject.store)
  let { store } = subject
  const events = new EventModel()
  let authors = RUNS.map(run => new Author(run))
  const model = new Map<string, Record[]>()
  let at = NOW
  for (const move of moves) {
    at += 10
    switch (move.kind) {
      case 'append':
        await appendAll(journal, turnsOf(move.turns, authors, at), model)
        break
      case 'remove':
        await remove(journal, RUNS[move.run] ?? '', model)
        authors = authors.map(author =>
          model.has(author.ledger.run) ? author : new Author(author.ledger.run),
        )
        break
      case 'reopen':
        ;({ journal, store } = await reopened(journal, subject, at, model, events))
        await mustHold(journal, model)
        await events.mustHold(journal)
        authors = await Promise.all(RUNS.map(run => Author.resume(journal, run)))
        break
      case 'events':
        await events.play(journal, store, move.move, at)
        break
      default:
        move satisfies never
    }
  }
  await mustHold(journal, model)
  await events.mustHold(journal)
  assert.deepEqual(await collect(verify(store)), [])
}

/** The journal opened again, which must come across what waits. */
async function reopened(
  journal: Journal,
  subject: StoreSubject,
  at: number,
  model: ReadonlyMap<string, readonly Record[]>,
  events: EventModel,
): ReturnType<typeof startAgain> {
  const waits: StoredWait[] = []
  const inbox: InboxInput[] = []
  const queued: StoredQueued[] = []
  const held: StoredHeld[] = []
  const again = await startAgain(journal, subject, at, {
    onWait: wait => void waits.push(wait),
    onInput: input => void inbox.push(input),
    onQueued: each => void queued.push(each),
    onHeld: each => void held.push(each),
  })
  events.mustBeFound(inbox)
  const ledgers = [...model].map(([run, records]) => foldOf(run, records))
  await admissionMustHold(again.journal, ledgers, queued, held)
  const expected = ledgers.flatMap(({ run, open }) =>
    [...open.values()].flatMap(what =>
      what.kind === 'wait' || what.kind === 'cancel'
        ? [{ run, seq: what.seq, kind: what.kind, on: what.on }]
        : [],
    ),
  )
  const inOrder = (a: StoredWait, b: StoredWait): number =>
    a.run < b.run ? -1 : a.run > b.run ? 1 : a.seq - b.seq
  assert.deepEqual(waits, expected.sort(inOrder))
  return again
}

const turnsOf = (
  turns: readonly (readonly [number, number])[],
  authors: readonly Author[],
  at: number,
): (() => Append | undefined)[] =>
  turns.map(([run, choice]) => () => {
    const author = authors[run]
    return author?.ledger.seq === 0 ? author.begin(at, choice) : author?.next(choice, at)
  })

// A turn is taken only when the one before is appended: the ledger is of the newest record.
async function appendAll(
  journal: Journal,
  turns: readonly (() => Append | undefined)[],
  model: Map<string, Record[]>,
): Promise<void> {
  const appended: Promise<void>[] = []
  for (const turn of turns) {
    const append = turn()
    if (append === undefined) continue
    appended.push(journal.append([append]))
    const { run } = append.record
    model.set(run, [...(model.get(run) ?? []), append.record])
  }
  await Promise.all(appended)
}

async function remove(journal: Journal, run: string, model: Map<string, Record[]>): Promise<void> {
  const endedAt = foldOf(run, model.get(run) ?? []).outcome?.elapsed
  if (endedAt === undefined) return
  assert.equal(await removeRuns(journal, [{ run, elapsed: endedAt }]), model.get(run)?.length)
  model.delete(run)
}

async function mustHold(
  journal: Journal,
  model: ReadonlyMap<string, readonly Record[]>,
): Promise<void> {
  const ledgers = [...model].map(([run, records]) => foldOf(run, records))
  ledgers.sort((a, b) => (a.run < b.run ? -1 : 1))
  const ended = ledgers.filter(({ outcome }) => outcome !== undefined)
  for (const [which, expected] of [
    ['active', ledgers.filter(({ outcome }) => outcome === undefined)],
    ['ended', ended],
  ] as const) {
    const heads = await collect(journal.heads(which))
    assert.deepEqual(
      heads.map(({ run, status, seq, at, outcome }) => ({ run, status, seq, at, outcome })),
      expected.map(({ run, status, seq, at, outcome }) => ({ run, status, seq, at, outcome })),
    )
    for (const head of heads) {
      const found = (await collect(journal.records(head))).map(withoutLinks)
      assert.deepEqual(found, model.get(head.run))
    }
  }
  const endedAt = ended.map(({ run, outcome }) => ({ elapsed: outcome?.elapsed ?? 0, run }))
  endedAt.sort((a, b) => a.elapsed - b.elapsed || (a.run < b.run ? -1 : 1))
  assert.deepEqual(await collect(journal.endedBefore(Number.MAX_SAFE_INTEGER, 1_000)), endedAt)
  await mustHoldTimers(journal, ledgers)
}

async function mustHoldTimers(journal: Journal, ledgers: readonly Ledger[]): Promise<void> {
  const open = ledgers.flatMap(({ run, open }) =>
    [...open.values()].flatMap(what => {
      const timer = dueOf(what)
      return timer === undefined
        ? []
        : [{ clock: timer.clock, due: Math.ceil(timer.due), run, seq: what.seq }]
    }),
  )
  for (const clock of ['wall', 'elapsed'] as const) {
    const expected = open.filter(timer => timer.clock === clock)
    expected.sort(
      (a, b) => a.due - b.due || (a.run < b.run ? -1 : a.run > b.run ? 1 : a.seq - b.seq),
    )
    assert.deepEqual(await collect(journal.timers(clock, 0, Number.MAX_SAFE_INTEGER)), expected)
  }
}

function foldOf(run: string, records: readonly Record[]): Ledger {
  const ledger = emptyLedger(run)
  for (const record of records) noteRecord(ledger, record)
  return ledger
}
