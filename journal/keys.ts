import type { TimerClock } from './entry.ts'

/**
 * The keyspaces. Keys are UTF-8 text; LevelDB orders them by byte, so numbers are decimal digits of
 * fixed width. A run id holds neither "!" nor control characters.
 *
 *   m                              the journal itself: identity, durability
 *   c!<commit:16>                  one row a commit: what it holds, chained to the one before
 *   e!<run>!<seq:10>               record, under the seq of its first entry
 *   a!<run>                        head of a run that has not ended
 *   z!<run>                        head of a run that has ended
 *   f!<at:16>!<run>                ended runs by the time they ended             (derived)
 *   t!<clock>!<due:16>!<run>!<seq:10>   open timers by due time; clock is e or w  (derived)
 *
 * Heads are derived too: `verify` folds the records and compares.
 */
export const keys = {
  meta: 'm',
  commit: (commit: number): string => `c!${wide(commit)}`,
  record: (run: string, seq: number): string => `e!${run}!${narrow(seq)}`,
  active: (run: string): string => `a!${run}`,
  ended: (run: string): string => `z!${run}`,
  endedAt: (at: number, run: string): string => `f!${wide(at)}!${run}`,
  timer: (clock: TimerClock, due: number, run: string, seq: number): string =>
    `t!${clock[0]}!${wide(Math.ceil(due))}!${run}!${narrow(seq)}`,
}

/** Ranges are half open: `gte` belongs to it, `lt` does not. */
export interface KeyRange {
  readonly gte: string
  readonly lt: string
}

export const ranges = {
  commits: (from = 0): KeyRange => ({ gte: keys.commit(from), lt: 'c"' }),
  records: (): KeyRange => prefixed('e!'),
  run: (run: string, from = 0): KeyRange => ({ gte: keys.record(run, from), lt: `e!${run}"` }),
  active: (): KeyRange => prefixed('a!'),
  ended: (): KeyRange => prefixed('z!'),
  endedBefore: (at: number): KeyRange => ({ gte: 'f!', lt: `f!${wide(at)}` }),
  timers: (): KeyRange => prefixed('t!'),
  timersDue: (clock: TimerClock, from: number, before: number): KeyRange => ({
    gte: `t!${clock[0]}!${wide(Math.ceil(from))}`,
    lt: `t!${clock[0]}!${wide(Math.ceil(before))}`,
  }),
}

export const parseKey = {
  record: (key: string): { run: string; seq: number } => {
    const [, run = '', seq = ''] = key.split('!')
    return { run, seq: Number(seq) }
  },
  head: (key: string): string => key.slice(2),
  endedAt: (key: string): { at: number; run: string } => {
    const [, at = '', run = ''] = key.split('!')
    return { at: Number(at), run }
  },
  timer: (key: string): TimerKey => {
    const [, clock, due = '', run = '', seq = ''] = key.split('!')
    return { clock: clock === 'w' ? 'wall' : 'elapsed', due: Number(due), run, seq: Number(seq) }
  },
}

export interface TimerKey {
  readonly clock: TimerClock
  readonly due: number
  readonly run: string
  readonly seq: number
}

const prefixed = (prefix: string): KeyRange => ({
  gte: prefix,
  lt: `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`,
})

const FARTHEST = Number.MAX_SAFE_INTEGER
const wide = (n: number): string => String(Math.max(0, Math.min(n, FARTHEST))).padStart(16, '0')
const narrow = (n: number): string => String(n).padStart(10, '0')
