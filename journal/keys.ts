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
 *   q!<lane>!<rank:16>!<place:16>!<run>!<seq:10>   a run that waits for its turn  (derived)
 *   h!<run>!<seq:10>               what a run holds, or gathers                   (derived)
 *   k!<id>                         state of a limit
 *   s!<id>                         schedule
 *   v!<name>!<at:16>!<n:16>        event, by its name and when it was stored; n counts them all
 *   i!<id>                         event ids that were given by the sender, for a day
 *
 * Names and ids of events, lanes and ids of limits are written with "%" and two hex digits for each
 * byte that is no letter, digit or one of "-_.~/@". Heads are derived too: `verify` folds the records
 * and compares.
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
  queued: (lane: string, rank: number, place: number, run: string, seq: number): string =>
    `q!${escaped(lane)}!${wide(rank)}!${wide(place)}!${run}!${narrow(seq)}`,
  held: (run: string, seq: number): string => `h!${run}!${narrow(seq)}`,
  limit: (id: string): string => `k!${escaped(id)}`,
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
  /** Limits, what the journal says of itself, lanes, schedules and timers: they lie side by side. */
  limitsToTimers: (): KeyRange => ({ gte: 'k!', lt: prefixed('t!').lt }),
  activeAndInbox: (): KeyRange => ({ gte: 'a!', lt: prefixed('b!').lt }),
  run: (run: string, from = 0): KeyRange => ({ gte: keys.record(run, from), lt: `e!${run}"` }),
  recovery: (): KeyRange => ({ gte: keys.recovery, lt: `${keys.recovery}\0` }),
  active: (): KeyRange => prefixed('a!'),
  ended: (): KeyRange => prefixed('z!'),
  endedBefore: (elapsed: number): KeyRange => ({ gte: 'f!', lt: `f!${wide(elapsed)}` }),
  timers: (): KeyRange => prefixed('t!'),
  waits: (): KeyRange => prefixed('w!'),
  inbox: (): KeyRange => prefixed('b!'),
  inboxOf: (run: string): KeyRange => ({ gte: `b!${run}!`, lt: `b!${run}"` }),
  queued: (): KeyRange => prefixed('q!'),
  /** Of one lane, behind a place of it. */
  queuedIn: (lane: string, after?: QueuePlace): KeyRange => {
    const own = `q!${escaped(lane)}`
    const gte = after === undefined ? `${own}!` : `${own}!${wide(after.rank)}!${wide(after.place)}"`
    return { gte, lt: `${own}"` }
  },
  held: (): KeyRange => prefixed('h!'),
  limits: (): KeyRange => prefixed('k!'),
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
  queued: (key: string): QueueKey => {
    const [, lane = '', rank = '', place = '', run = '', seq = ''] = key.split('!')
    const at = { rank: Number(rank), place: Number(place) }
    return { lane: unescaped(lane), ...at, run, seq: Number(seq) }
  },
  limit: (key: string): string => unescaped(key.slice(2)),
  eventId: (key: string): string => unescaped(key.slice(2)),
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

/** Where in its lane a run waits. */
export interface QueuePlace {
  readonly rank: number
  readonly place: number
}

export interface QueueKey extends QueuePlace {
  readonly lane: string
  readonly run: string
  readonly seq: number
}

const prefixed = (prefix: string): KeyRange => ({
  gte: prefix,
  lt: `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`,
})

// The order of code units is that of UTF-8 bytes, but for what lies beyond the basic plane.
const BEYOND = /[\ud800-\udfff]/

/** Compares keys, or what ends them, as stores order them. */
export function inKeyOrder(a: string, b: string): number {
  if (BEYOND.test(a) || BEYOND.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a === b ? 0 : a < b ? -1 : 1
}

const PLAIN = /^[\w.~/@-]*$/
const escaped = (text: string): string =>
  PLAIN.test(text) ? text : Array.from(Buffer.from(text), escapedByte).join('')

function escapedByte(byte: number): string {
  const letter = String.fromCharCode(byte)
  return PLAIN.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

// Bytes that are no UTF-8 are nothing that `escaped` wrote: the caller compares.
const unescaped = (text: string): string => {
  if (!text.includes('%')) return text
  const bytes = text.replace(/%([0-9A-F]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString()
}

const FARTHEST = Number.MAX_SAFE_INTEGER
const wide = (n: number): string => padded(String(Math.max(0, Math.min(n, FARTHEST))), 16)
const narrow = (n: number): string => padded(String(n), 10)

// Keys are made by the dozen for each turn: `padStart` is several times slower.
const ZEROS = Array.from({ length: 17 }, (_, count) => '0'.repeat(count))
const padded = (digits: string, width: number): string =>
  (ZEROS[width - digits.length] ?? '') + digits
