import { isDeepStrictEqual } from 'node:util'
import { admissionRow, openLimit } from '../../journal/admission.ts'
import type { JoinedEvent } from '../../journal/admission-entry.ts'
import { decodeValue } from '../../journal/codec/decode.ts'
import { unseal } from '../../journal/envelope.ts'
import type { ExchangeSeen, Post } from './event-book.ts'
import { entriesOf, recordsOf } from './event-laws.ts'
import type { Law } from './law.ts'
import { gatherersOf, goesBefore, holdersOf, limitOf, mostOf, queueOf, waitsOf } from './turnout.ts'

const DAY = 86_400_000

/** What must be true of the journal of workflows with limits, after every write. */
export const admissionLaws: readonly Law<ExchangeSeen>[] = [
  {
    name: 'a limit has no more holders than it allows',
    fault({ history }) {
      for (const [id, runs] of holdersOf(history)) {
        const most = mostOf(id, history)
        if (runs.length > most) return `${id}: ${runs.join(', ')}, but ${most} may`
      }
      return undefined
    },
  },
  {
    name: 'who waits, holds and gathers has a row that says so',
    fault({ history }) {
      const rows = new Map([...history.rows].filter(([key]) => /^[qh]!/.test(key)))
      for (const { ledger } of history.runs.values()) {
        for (const what of ledger.open.values()) {
          const row = admissionRow(ledger.run, ledger.workflow, what)
          if (row === undefined) continue
          const found = rows.get(row.key)
          if (found === undefined) return `${row.key} is missing`
          rows.delete(row.key)
          const { body } = unseal(row.key, found)
          if (!isDeepStrictEqual(body, row.body)) return `${row.key}: ${JSON.stringify(body)}`
        }
      }
      const [extra] = rows.keys()
      return extra && `${extra} should not be there`
    },
  },
  {
    name: 'a run waits for one thing before it begins',
    fault({ items, history }) {
      for (const { run } of recordsOf(items)) {
        const ledger = history.run(run)?.ledger
        const waits = ledger === undefined ? [] : waitsOf(ledger).map(({ kind }) => kind)
        if (waits.length > 1) return `${run}: ${waits.join(', ')}`
        if (waits.length > 0 && ledger?.started) return `${run} has begun: ${waits.join()}`
      }
      return undefined
    },
  },
  {
    name: 'one run gathers for a key',
    fault({ history }) {
      const known = new Map<string, string>()
      for (const { ledger, gather } of gatherersOf(history)) {
        const other = known.get(gather.key)
        if (other !== undefined) return `${gather.key}: ${other} and ${ledger.run}`
        known.set(gather.key, ledger.run)
      }
      return undefined
    },
  },
  {
    name: 'a run gathers what came for it, each once and in order',
    fault({ commit, items, book }) {
      for (const record of recordsOf(items)) {
        const taken = (commit.commit.taken ?? [])
          .flatMap(([run, n]) => (run === record.run ? (book.inbox.get(`${run}!${n}`) ?? []) : []))
          .toSorted((a, b) => a.n - b.n)
        const came = taken.flatMap(joinedIn)
        const [input] = record.entries
        // What comes for a run that is cancelled comes to nothing.
        if (input?.type !== 'run.joined') continue
        const brief = items.flatMap(item =>
          item.kind === 'post' && item.post.brief && item.post.run === record.run ? item.post : [],
        )
        const { length } = came
        if (!isDeepStrictEqual(input.events.slice(0, length).map(textOf), came.map(textOf))) {
          return `${record.run} gets ${input.events.map(textOf)}, there came ${came.map(textOf)}`
        }
        if (input.events.length > length && brief.length === 0) {
          return `${record.run} gets ${input.events.map(textOf)}, there came ${came.map(textOf)}`
        }
      }
      return undefined
    },
  },
  {
    name: 'a run that gathers begins with all that was sent to it',
    fault({ items, book, commit, history }) {
      for (const record of recordsOf(items)) {
        const ledger = history.run(record.run)?.ledger
        const ended = record.entries.some(
          ({ type }) => type === 'run.started' || type === 'queue.set',
        )
        if (!ended || ledger === undefined) continue
        const left = [...book.inbox.values()].find(
          ({ run, n, input }) =>
            run === record.run &&
            input?.type === 'run.joined' &&
            input.events.length > 0 &&
            !(commit.commit.taken ?? []).some(([of, at]) => of === run && at === n),
        )
        if (left !== undefined) return `${record.run} begins without ${joinedIn(left).map(textOf)}`
      }
      return undefined
    },
  },
  {
    name: 'in a lane runs are let in by rank and place',
    fault({ items, history, book }) {
      const now = items.flatMap(item =>
        item.kind === 'post' && item.post.input?.type === 'run.started' ? item.post.run : [],
      )
      const waiting = queueOf(history)
      for (const run of now) {
        const own = [...(history.run(run)?.ledger.open.values() ?? [])].find(
          what => what.kind === 'queue',
        )
        if (own === undefined) continue
        const passedOver = waiting.find(({ ledger, queue }) => {
          const { commit } = history.commits.at(-2)?.commit ?? { commit: 0 }
          const isSeated = (book.admission.seated.get(ledger.run) ?? 0) < commit
          return queue.lane === own.lane && goesBefore(queue, own) && isSeated
        })
        if (passedOver !== undefined) return `${run} goes before ${passedOver.ledger.run}`
      }
      return undefined
    },
  },
  {
    name: 'a throttle lets no more begin than it allows',
    fault({ book }) {
      for (const passed of book.admission.newest) {
        const freeAt = book.admission.freeAt(passed)
        if (freeAt > passed.at) return `${passed.run} begins at ${passed.at}, not from ${freeAt} on`
      }
      return undefined
    },
  },
  {
    name: 'no more runs are accepted than a rate allows, and one for each key',
    fault({ items, history }) {
      for (const { run, record, entry } of entriesOf(items, 'run.scheduled')) {
        const flow = history.flowOf(entry.workflow)
        if (entry.continues !== undefined || flow === undefined) continue
        const { rateLimit, idempotency } = flow
        const accepted = (key: string | undefined, period: number) =>
          [...history.runs.values()].filter(
            ({ ledger, records }) =>
              ledger.workflow === entry.workflow &&
              ledger.status !== 'skipped' &&
              isArrival(records[0]?.entries[0]) &&
              (records[0]?.elapsed ?? 0) > record.elapsed - period &&
              (key === undefined || history.factsOf(ledger.run)?.k === history.factsOf(run)?.k),
          ).length
        if (rateLimit?.algorithm === 'sliding') {
          const { key, period, limit } = rateLimit
          const count = accepted(key, period)
          if (count > limit) return `${run}: the ${count}th within ${period} ms`
        }
        if (idempotency !== undefined && accepted(idempotency, DAY) > 1) return `${run} is again`
      }
      return undefined
    },
  },
  {
    name: 'what is remembered of a limit never goes back',
    fault({ commit, history }) {
      for (const [key, row] of commit.write.puts) {
        if (!key.startsWith('k!')) continue
        const { id, body } = openLimit(key, row)
        const { kind, owner } = limitOf(id)
        const before = history.events.admission.marks.get(id)
        const throttle = history.flowOf(owner)?.throttle
        if (kind !== 'throttle' || throttle === undefined || before === undefined) continue
        const interval = throttle.period / throttle.limit
        const [was, is] = [before, body].map(each => {
          const { from, count } = each as { from: number; count: number }
          return from + count * interval
        })
        if ((is ?? 0) <= (was ?? 0)) return `${id}: ${was}, then ${is}`
      }
      return undefined
    },
  },
  {
    name: 'a throttled run begins in the write that says so',
    fault({ commit, book, history }) {
      const limits = [...commit.write.puts.keys()].filter(key => key.startsWith('k!'))
      const silent = book.admission.newest.find(
        ({ workflow }) =>
          history.flowOf(workflow)?.throttle !== undefined &&
          !limits.some(key => limitOf(keyId(key, commit.write.puts)).kind === 'throttle'),
      )
      return silent?.run
    },
  },
  {
    name: 'a skipped run never begins',
    fault({ items, history }) {
      for (const { run } of recordsOf(items)) {
        const of = history.run(run)
        if (of?.ledger.status !== 'skipped') continue
        const entries = of.records.flatMap(record => record.entries.map(({ type }) => type))
        const other = entries.find(type => !UNBEGUN.has(type))
        if (other !== undefined || entries.at(-1) !== 'run.skipped') return `${run}: ${entries}`
      }
      return undefined
    },
  },
]

const UNBEGUN: ReadonlySet<string> = new Set([
  'run.scheduled',
  'cancel.set',
  'start.set',
  'gather.set',
  'run.joined',
  'timer.fired',
  'run.skipped',
])

const isArrival = (entry: { readonly type: string; readonly continues?: unknown } | undefined) =>
  entry?.type === 'run.scheduled' && entry.continues === undefined

const joinedIn = ({ input }: Post): readonly JoinedEvent[] =>
  input?.type === 'run.joined' ? input.events : []

const textOf = ({ event, data, parent }: JoinedEvent): string =>
  JSON.stringify([event?.id, decodeValue(data), parent])

const keyId = (key: string, rows: ReadonlyMap<string, Uint8Array>): string =>
  openLimit(key, rows.get(key) as Uint8Array).id
