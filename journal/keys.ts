import type { TimerClock } from './entry.ts'

/**
 * The keyspaces. Keys are UTF-8 text; LevelDB orders them by byte, so numbers are decimal digits of
 * fixed width. A run id holds neither "!" nor control characters.
 *
 *   m                              the journal itself: identity, durability
 *   p                              runs that are being brought back, while they are
 *   c!<commit:16>                  one row a commit: what it holds, chained to the one before
 *   e!<run>!<seq:10>               record, under the seq of its first entry
 *   a!<run>                        head of a run that has not ended
 *   z!<run>                        head of a run that has ended
 *   f!<elapsed:16>!<run>           ended runs by the time they ended             (derived)
 *   t!<clock>!<due:16>!<run>!<seq:10>   open timers by due time; clock is e or w  (derived)
 *   w!<run>!<seq:10>               what an open wait or cancellation listens for  (derived)
 *   b!<run>!<n:16>                 an input that waits for its run's turn
 *   s!<id>                         schedule
 *   v!<name>!<at:16>!<n:16>        event, by its name and when it was stored; n counts them all
 *   i!<id>                         event ids that were given by the sender, for a day
 *
 * Names and ids of events are written with "%" and two hex digits for each byte that is no letter,
 * digit or one of "-_.~/@". Heads are derived too: `verify` folds the records and compares.
 */
export const keys = {
  meta: 'm',
  recovery: 'p',
  commit: (commit: number): string => `c!${wide(commit)}`,
  record: (run: string, seq: number): string => `e!${run}!${narrow(seq)}`,
  active: (run: string): string => `a!${run}`,
  ended: (run: string): string => `z!${run}`,
  endedAt: (elapsed: number, run: string): string => `f!${wide(elapsed)}!${run}`,
  timer: (clock: TimerClock, due: number, run: string, seq: number): string =>
    `${keys.due(clock, due)}!${run}!${narrow(seq)}`,
  /** What the keys of timers that are due at this time begin with. */
  due: (clock: TimerClock, due: number): string => `t!${clock[0]}!${wide(Math.ceil(due))}`,
  wait: (run: string, seq: number): string => `w!${run}!${narrow(seq)}`,
  inbox: (run: string, n: number): string => `b!${run}!${wide(n)}`,
  schedule: (id: string): string => `s!${id}`,
  event: (name: string, at: number, n: number): string =>
    `v!${escaped(name)}!${wide(at)}!${wide(n)}`,
  eventId: (id: string): string => `i!${escaped(id)}`,
}

/** Ranges are half open: `gte` belongs to it, `lt` does not. */
export interface KeyRange {
  readonly gte: string
  readonly lt: string
}

export const ranges = {
  commits: (from = 0): KeyRange => ({ gte: keys.commit(from), lt: 'c"' }),
  records: (): KeyRange => prefixed('e!'),
  /** What the journal says of itself, schedules and timers: they lie side by side. */
  ownAndTimers: (): KeyRange => ({ gte: keys.meta, lt: prefixed('t!').lt }),
  activeAndInbox: (): KeyRange => ({ gte: 'a!', lt: prefixed('b!').lt }),
  run: (run: string, from = 0): KeyRange => ({ gte: keys.record(run, from), lt: `e!${run}"` }),
  recovery: (): KeyRange => ({ gte: keys.recovery, lt: `${keys.recovery}\0` }),
  active: (): KeyRange => prefixed('a!'),
  ended: (): KeyRange => prefixed('z!'),
  endedBefore: (elapsed: number): KeyRange => ({ gte: 'f!', lt: `f!${wide(elapsed)}` }),
  timers: (): KeyRange => prefixed('t!'),
  waits: (): KeyRange => prefixed('w!'),
  inbox: (): KeyRange => prefixed('b!'),
  schedules: (): KeyRange => prefixed('s!'),
  events: (): KeyRange => prefixed('v!'),
  eventsSince: (name: string, at: number): KeyRange => ({
    gte: `v!${escaped(name)}!${wide(at)}`,
    lt: `v!${escaped(name)}"`,
  }),
  /** Of the name of an event that has this key. */
  eventsBeside: (key: string): KeyRange => {
    const [, name = ''] = key.split('!')
    return { gte: `v!${name}!`, lt: `v!${name}"` }
  },
  eventIds: (): KeyRange => prefixed('i!'),
  timersDue: (clock: TimerClock, from: number, before: number): KeyRange => ({
    gte: keys.due(clock, from),
    lt: keys.due(clock, before),
  }),
}

export const parseKey = {
  record: (key: string): { run: string; seq: number } => {
    const [, run = '', seq = ''] = key.split('!')
    return { run, seq: Number(seq) }
  },
  head: (key: string): string => key.slice(2),
  endedAt: (key: string): { elapsed: number; run: string } => {
    const [, elapsed = '', run = ''] = key.split('!')
    return { elapsed: Number(elapsed), run }
  },
  inbox: (key: string): { run: string; n: number } => {
    const [, run = '', n = ''] = key.split('!')
    return { run, n: Number(n) }
  },
  event: (key: string): { at: number; n: number } => {
    const [, , at = '', n = ''] = key.split('!')
    return { at: Number(at), n: Number(n) }
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

const PLAIN = /^[\w.~/@-]*$/
const escaped = (text: string): string =>
  PLAIN.test(text) ? text : Array.from(Buffer.from(text), escapedByte).join('')

function escapedByte(byte: number): string {
  const letter = String.fromCharCode(byte)
  return PLAIN.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

const FARTHEST = Number.MAX_SAFE_INTEGER
const wide = (n: number): string => String(Math.max(0, Math.min(n, FARTHEST))).padStart(16, '0')
const narrow = (n: number): string => String(n).padStart(10, '0')
