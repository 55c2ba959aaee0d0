import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { Entry, Input } from '../../journal/entry.ts'
import type { Change } from '../../journal/pending.ts'
import { CancelledError } from '../define/error.ts'
import type { Run } from '../run/run.ts'
import { encodeThrown } from '../run/storable-error.ts'
import { skippedError } from './outcomes.ts'
import type { Post } from './turn.ts'

/** What a run's turn has to tell its parent and its children. */
export function postsOf(
  { id, ledger }: Run,
  input: Input,
  changes: readonly Change[],
  entries: readonly Entry[],
  values: ValueLimits,
): Post[] {
  const posts: Post[] = []
  if (input.type === 'run.cancel_requested') {
    for (const { op, what } of changes) {
      if (op !== 'closed' || what.kind !== 'child' || what.abandon) continue
      posts.push({ run: what.child, input: { type: 'run.cancel_requested', reason: input.reason } })
    }
  }
  const { parents } = ledger
  const outcome = parents.length === 0 ? undefined : outcomeFor(id, entries, values)
  if (outcome === undefined) return posts
  for (const { run, seq } of parents) {
    posts.push({ run, input: { type: 'child.finished', of: seq, ...outcome } })
  }
  return posts
}

/** What these entries of a run tell a parent, if they end it. */
export function outcomeFor(
  run: string,
  entries: readonly Entry[],
  values: ValueLimits,
): { readonly ok: boolean; readonly value: Uint8Array } | undefined {
  const last = entries.at(-1)
  switch (last?.type) {
    case 'run.completed':
      return { ok: true, value: last.output }
    case 'run.failed':
      return { ok: false, value: last.error }
    case 'run.cancelled':
      return { ok: false, value: encodeThrown(new CancelledError(last.reason), values) }
    case 'run.skipped':
      // It is part of another run, which has this parent as well.
      if (last.reason === 'joined') return undefined
      return { ok: false, value: encodeThrown(skippedError(run, last), values) }
    default:
      return undefined
  }
}
