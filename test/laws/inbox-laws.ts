import { isDeepStrictEqual } from 'node:util'
import { decodeValue } from '../../journal/codec/decode.ts'
import type { Entry } from '../../journal/entry.ts'
import type { PostedInput } from '../../journal/event.ts'
import type { EventBook, ExchangeSeen, Post } from './event-book.ts'
import { entriesOf, recordsOf } from './event-laws.ts'
import type { History } from './history.ts'
import { type Item, isOf } from './items.ts'
import type { Law } from './law.ts'

/** What runs tell each other, and what becomes of it. */
export const inboxLaws: readonly Law<ExchangeSeen>[] = [
  {
    name: 'a child is written with the call that starts it',
    fault({ items }) {
      const started = entriesOf(items, 'run.scheduled')
      for (const { run, record, entry } of entriesOf(items, 'child.started')) {
        const seq = record.seq + record.entries.indexOf(entry)
        const child = started.find(other => other.run === entry.child)
        if (child === undefined) return `${entry.child} is not there`
        if (child.entry.workflow !== entry.workflow) return `${entry.child} is of another workflow`
        if (!isDeepStrictEqual(child.entry.parent, { run, seq }))
          return `${entry.child} has no parent`
      }
      return undefined
    },
  },
  {
    name: 'a parent is told how its child ended, in the write of that end',
    fault({ items, history }) {
      const told = postsOf(items, 'child.finished').map(
        ({ run, input }) => `${run}!${input.of} ${input.ok} ${textOf(input.value)}`,
      )
      const expected = recordsOf(items).flatMap(({ run, entries }) => {
        const parents = history.run(run)?.ledger.parents ?? []
        const ending = endingOf(entries)
        if (ending === undefined) return []
        return parents.map(parent => `${parent.run}!${parent.seq} ${ending}`)
      })
      // What a cancellation is told as is an error that is made for it.
      const isTold = (text: string): boolean => told.some(each => each.startsWith(text))
      const missing = expected.find(text => !isTold(text))
      const moot = items.filter(item => item.kind === 'post' && item.post.brief).length
      if (missing !== undefined && moot === 0) return `nobody is told ${missing}`
      const isRight = told.length <= expected.length + moot && told.length + moot >= expected.length
      return isRight ? undefined : `told: ${told.join(', ')}`
    },
  },
  {
    name: 'a cancelled run cancels its children, but for those it abandons',
    fault(seen) {
      const { items } = seen
      const asked = postsOf(items, 'run.cancel_requested')
      const children = cascaded(items)
      for (const { run, shielded } of children) {
        const isMoot = items.some(
          item => item.kind === 'post' && item.post.brief && item.post.run === run,
        )
        if (shielded || isMoot || asked.some(post => post.run === run)) continue
        return `${run} is not asked`
      }
      const extra = asked.find(
        ({ run, input, brief }) =>
          !brief &&
          !/^(event |schedule |a newer run )/.test(input.reason) &&
          !children.some(child => child.run === run) &&
          !handedOn(seen).some(other => other.run === run && other.reason === input.reason),
      )
      return extra && `${extra.run} is asked`
    },
  },
  {
    name: 'a cancellation that comes too late for a run is for the one that continues it',
    fault(seen) {
      const asked = postsOf(seen.items, 'run.cancel_requested')
      const lost = handedOn(seen).find(
        ({ run, reason }) => !asked.some(post => post.run === run && post.input.reason === reason),
      )
      return lost && `${lost.run} does not hear of "${lost.reason}"`
    },
  },
  {
    name: 'what is taken from an inbox had its turn',
    fault({ commit, items, book, history }) {
      for (const [run, n] of commit.commit.taken ?? []) {
        const post = book.inbox.get(`${run}!${n}`)
        if (post === undefined) return `${run} has no input ${n}`
        const entries = recordsOf(items)
          .filter(record => record.run === run)
          .flatMap(({ entries }) => entries)
        if (!hadTurn(post, entries, history)) return `${run}: ${JSON.stringify(post.input)}`
      }
      return undefined
    },
  },
  {
    name: 'a wait gets what was put into the inbox of its run',
    fault({ items, book }) {
      for (const { run, entry } of entriesOf(items, 'event.received')) {
        const post = [...book.inbox.values()].find(
          ({ run: other, input }) =>
            other === run && input?.type === 'event.delivered' && input.of === entry.of,
        )
        const event =
          post?.input?.type === 'event.delivered' ? book.byRow.get(post.input.row) : undefined
        if (event === undefined) return `${run}!${entry.of}: nothing was there`
        const { name, id, ts, data } = event
        const got = { ...entry.event, data: decodeValue(entry.data) }
        if (!isDeepStrictEqual(got, { name, id, ts, data })) return `${run}!${entry.of} got another`
        if (entry.storedAt !== event.at) return `${run}!${entry.of}: stored at ${entry.storedAt}`
      }
      return undefined
    },
  },
  {
    name: 'the code of a run gets what its journal says',
    fault({ items, book, history }) {
      for (const record of recordsOf(items)) {
        const [input] = record.entries
        if (input === undefined || !('of' in input)) continue
        const step = history.run(record.run)?.ids.get(input.of)
        const key = `${record.run} ${step}`
        const told = toldBy(input, key, book)
        if (told === undefined || !book.seen.has(key)) continue
        if (!isDeepStrictEqual(book.seen.get(key), told.what))
          return `${key}: ${JSON.stringify(book.seen.get(key))}`
      }
      return undefined
    },
  },
]

/** Cancellations of runs that had continued as others before they had their turn. */
export const handedOn = ({
  commit,
  book,
  history,
}: Pick<ExchangeSeen, 'commit' | 'book' | 'history'>): { run: string; reason: string }[] =>
  (commit.commit.taken ?? []).flatMap(([run, n]) => {
    const input = book.inbox.get(`${run}!${n}`)?.input
    const { continuedAs, cancelled, skippedFor } = history.run(run)?.ledger ?? {}
    if (input?.type !== 'run.cancel_requested' || continuedAs === undefined) return []
    if (cancelled !== undefined || skippedFor !== undefined) return []
    // It may have been asked before, or have ended.
    const next = history.run(continuedAs)?.ledger
    if (next?.outcome !== undefined || next?.cancelled !== undefined) return []
    return { run: continuedAs, reason: input.reason }
  })

/** Children of runs that are cancelled in a commit, unless they were abandoned. */
export const cascaded = (items: readonly Item[]): { run: string; shielded: boolean }[] =>
  items.flatMap(item => {
    if (item.kind !== 'record' || item.record.entries[0]?.type !== 'run.cancel_requested') return []
    return item.changes.flatMap(({ op, what }) =>
      op === 'closed' && what.kind === 'child' && !what.abandon
        ? { run: what.child, shielded: what.shielded }
        : [],
    )
  })

function hadTurn({ run, input }: Post, entries: readonly Entry[], history: History): boolean {
  const ledger = history.run(run)?.ledger
  if (input === undefined || ledger === undefined || ledger.outcome !== undefined) return true
  if (input.type === 'run.cancel_requested') return ledger.cancelled !== undefined
  return entries.some(entry => isOf(entry, input)) || !('of' in input && ledger.open.has(input.of))
}

/** What the code is to get for an input that answers a call of an event node. */
function toldBy(input: Entry, key: string, book: EventBook): { what: unknown } | undefined {
  const node = book.calls.get(key)?.node
  if (node === undefined) return undefined
  if (input.type === 'timer.fired' && (node.kind === 'wait' || node.kind === 'signal')) {
    return { what: null }
  }
  if (input.type === 'child.finished') {
    return { what: input.ok ? decodeValue(input.value) : 'it throws' }
  }
  if (input.type !== 'event.received') return undefined
  const data = decodeValue(input.data)
  const event = { ...input.event, data }
  switch (node.kind) {
    case 'wait':
      return { what: event }
    case 'any of':
      return { what: { key: input.key, event } }
    case 'signal':
      return { what: (data as { data: unknown }).data }
    default:
      return undefined
  }
}

function postsOf<Type extends PostedInput['type']>(
  items: ExchangeSeen['items'],
  type: Type,
): { run: string; input: Extract<PostedInput, { type: Type }>; brief: boolean }[] {
  return items.flatMap(item => {
    if (item.kind !== 'post' || item.post.input?.type !== type) return []
    const { run, input, brief = false } = item.post
    return { run, input: input as Extract<PostedInput, { type: Type }>, brief }
  })
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** How a parent is told that these entries end its child. */
function endingOf(entries: readonly Entry[]): string | undefined {
  const last = entries.at(-1)
  switch (last?.type) {
    case 'run.completed':
      return `true ${textOf(last.output)}`
    case 'run.failed':
      return `false ${textOf(last.error)}`
    case 'run.cancelled':
      return 'false'
    case 'run.skipped':
      return last.reason === 'joined' ? undefined : 'false'
    default:
      return undefined
  }
}
