import { decodeValue } from '../../journal/codec/decode.ts'
import type { Entry } from '../../journal/entry.ts'
import type { PostedInput } from '../../journal/event.ts'
import { openEvent, openInput } from '../../journal/event-reader.ts'
import { keys } from '../../journal/keys.ts'
import type { Change } from '../../journal/pending.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import type { CommitSeen } from './commit-laws.ts'
import type { Post, Stored } from './event-book.ts'

/** What a commit holds, in the order in which it was put there. */
export type Item =
  | { readonly kind: 'record'; readonly record: StoredRecord; readonly changes: readonly Change[] }
  | { readonly kind: 'event'; readonly event: Stored }
  | { readonly kind: 'post'; readonly post: Post }

/** `commit` is the how manieth commit it is. */
export function itemsOf(
  seen: CommitSeen,
  changesOf: ReadonlyMap<StoredRecord, readonly Change[]>,
  known: Known,
  commit: number,
): Item[] {
  const items: Item[] = []
  let at = 0
  for (const [key, value] of seen.write.puts) {
    const record = key.startsWith('e!') ? seen.records[at++] : undefined
    if (record !== undefined) {
      items.push({ kind: 'record', record, changes: changesOf.get(record) ?? [] })
    } else if (key.startsWith('v!')) {
      const { name, id, ts, at, data } = openEvent(key, value)
      const event = { row: key, name, id, ts, at, data: decodeValue(data), commit }
      items.push({ kind: 'event', event })
    } else if (key.startsWith('b!')) items.push({ kind: 'post', post: openInput(key, value) })
  }
  return [...items, ...briefPosts(seen, items, known)]
}

/** What was put into an inbox and taken out in one write: its row is not there, its record is. */
function briefPosts({ write, commit }: CommitSeen, items: readonly Item[], known: Known): Item[] {
  const posts: Item[] = []
  const here = items.flatMap(item => (item.kind === 'event' ? item.event : []))
  const events = [...known.byRow.values(), ...here]
  const answers = new Set(
    items.flatMap(item => {
      const input = item.kind === 'record' ? item.record.entries[0] : undefined
      return item.kind === 'record' && input ? [{ run: item.record.run, input }] : []
    }),
  )
  const there = [
    ...known.inbox.values(),
    ...items.flatMap(item => (item.kind === 'post' ? item.post : [])),
  ]
  for (const answer of answers) {
    const { run, input } = answer
    if (there.some(post => post.run === run && isOf(input, post.input))) answers.delete(answer)
  }
  for (const [run, n] of commit.posted ?? []) {
    if (write.puts.has(keys.inbox(run, n))) continue
    const answer = [...answers].find(each => each.run === run && postedOf(each.input, events))
    if (answer !== undefined) answers.delete(answer)
    const input = answer && postedOf(answer.input, events)
    posts.push({ kind: 'post', post: { run, n, input, brief: true } })
  }
  return posts
}

/** The input as it would have waited in an inbox, if it could have. */
function postedOf(input: Entry, events: readonly Stored[]): PostedInput | undefined {
  if (input.type === 'run.cancel_requested' || input.type === 'child.finished') return input
  if (input.type !== 'event.received') return undefined
  const { of, key, event, storedAt } = input
  const found = events.findLast(
    ({ id, name, at }) => id === event.id && name === event.name && at === storedAt,
  )
  return found && { type: 'event.delivered', of, key, row: found.row }
}

/** What was there before. */
export interface Known {
  readonly inbox: ReadonlyMap<string, Post>
  readonly byRow: ReadonlyMap<string, Stored>
}

/** Whether an entry is what became of an input in an inbox. */
export function isOf(entry: Entry, input: PostedInput | undefined): boolean {
  if (input === undefined) return false
  if (input.type === 'run.cancel_requested') {
    return entry.type === input.type && entry.reason === input.reason
  }
  if (input.type === 'run.started' || input.type === 'run.joined') return entry.type === input.type
  const type = input.type === 'event.delivered' ? 'event.received' : input.type
  return entry.type === type && 'of' in entry && 'of' in input && entry.of === input.of
}
