import { randomBytes } from 'node:crypto'
import { chainHash } from './commit.ts'
import { addKey, type Digest, emptyDigest, sameDigest } from './digest.ts'
import { corrupt, seal, unseal } from './envelope.ts'
import { JournalError } from './error.ts'
import { type InboxInput, openInput, openWait, type StoredWait } from './event-reader.ts'
import type { Head } from './head.ts'
import { type CommitListener, Journal } from './journal.ts'
import { type KeyRange, keys, ranges } from './keys.ts'
import type { Durability, Meta } from './meta.ts'
import { openCommit, openHead } from './reader.ts'
import { overdueRuns, type Recovery, readRecovery } from './recovery.ts'
import { openSchedule, type StoredSchedule, scheduleMark } from './schedule.ts'
import type { Store } from './store.ts'
import type { Tip } from './tip.ts'

export interface StartOptions {
  readonly durability: Durability
  /** Wall clock in ms, for a journal that is created and for its first commit. */
  readonly now: number
  /** Given the newest commit there is, before anything else is done. May throw. */
  readonly onTip?: (tip: Tip | undefined) => void
  /** Given each commit once it is durable. What it returns is awaited before the next one. */
  readonly onCommit?: CommitListener
  /** Given the last commit before the store is closed. */
  readonly onClose?: CommitListener
  /** Identity of a journal that is created; random by default. */
  readonly newId?: string
  /** Given each active run's head on the way. */
  readonly onHead?: (head: Head) => void
  /** Given what each open wait and cancellation listens for. */
  readonly onWait?: (wait: StoredWait) => void
  /** Given the inputs that wait in inboxes, each run's in order. */
  readonly onInput?: (input: InboxInput) => void
  /** Given how far each schedule has got. */
  readonly onSchedule?: (schedule: StoredSchedule) => void
  /**
   * Given what the last opening left, if it died while it brought runs back, and the runs whose
   * timers are overdue. What it returns is written with the first commit; nothing: it is removed.
   */
  readonly recover?: (
    left: Recovery | undefined,
    overdue: readonly string[],
  ) => Recovery | undefined
}

export interface Started {
  readonly journal: Journal
  readonly meta: Meta
  /** What was written down of the runs that are to be brought back. */
  readonly recovery: Recovery | undefined
}

/**
 * Opens a journal on a store: reads the newest commit and the rows of runs that have not ended
 * (never those that have), checks that they add up, and takes the next epoch.
 */
export async function startJournal(store: Store, options: StartOptions): Promise<Started> {
  const tip = await readTip(store)
  options.onTip?.(tip)
  const meta = await readMeta(store, options, tip)
  const active = await digest(store, ranges.active(), (key, value) => {
    options.onHead?.(openHead(key, value))
    return undefined
  })
  const timers = await digest(store, ranges.timers())
  const waits = await digest(store, ranges.waits(), (key, value) => {
    options.onWait?.(openWait(key, value))
    return undefined
  })
  const inbox = await digest(store, ranges.inbox(), (key, value) => {
    options.onInput?.(openInput(key, value))
    return undefined
  })
  const schedules = await digest(store, ranges.schedules(), (key, value) => {
    const schedule = openSchedule(key, value)
    options.onSchedule?.(schedule)
    return scheduleMark(key, schedule.check)
  })
  if (tip !== undefined) {
    mustAgree('a!', 'runs that have not ended', active, tip.active)
    mustAgree('t!', 'open timers', timers, tip.timers)
    mustAgree('w!', 'open waits', waits, tip.waits)
    mustAgree('b!', 'inputs that wait for a turn', inbox, tip.inbox)
    mustAgree('s!', 'schedules', schedules, tip.schedules)
  }
  const next = nextEpoch(tip, options.now, { active, timers, waits, inbox, schedules })
  await writeMeta(store, next, meta)
  return { meta, ...(await begun(store, next, options)) }
}

async function readMeta(store: Store, options: StartOptions, tip?: Tip): Promise<Meta> {
  const { durability } = options
  const value = await store.get(keys.meta)
  if (value === undefined) {
    if (tip !== undefined) throw corrupt(keys.meta, 'it is missing')
    const id = options.newId ?? randomBytes(9).toString('base64url')
    return { id, durability, createdAt: options.now }
  }
  const meta = unseal(keys.meta, value).body as Meta
  if (meta.durability === durability) return meta
  const message = `The journal ${store.place} was created with durability '${meta.durability}'.`
  throw new JournalError('JOURNAL_FORMAT', message, {
    hint: `Open it with { durability: '${meta.durability}' }: a directory keeps one mode.`,
    facts: { place: store.place, durability: meta.durability, asked: durability },
  })
}

/** The newest commit. Absent in a new journal only. */
export async function readTip(store: Store): Promise<Tip | undefined> {
  for await (const chunk of store.scan(ranges.commits(), { reverse: true, limit: 1 })) {
    for (const [key, value] of chunk) {
      const row = openCommit(key, value)
      const { commit, at, elapsed, active, timers, waits, inbox, schedules, counts } = row
      if (keys.commit(commit) !== key) throw corrupt(key, `it says it is commit ${commit}`)
      const { epoch } = unseal(key, value)
      const chain = chainHash(value)
      return {
        ...{ epoch, commit, chain, at, elapsed, active, timers },
        waits: waits ?? emptyDigest(),
        inbox: inbox ?? emptyDigest(),
        schedules: schedules ?? emptyDigest(),
        counts: counts ?? { inputs: 0, events: 0 },
      }
    }
  }
  return undefined
}

/** Of what `see` makes of the rows, else of their keys. */
async function digest(
  store: Store,
  range: KeyRange,
  see?: (key: string, value: Uint8Array) => string | undefined,
): Promise<Digest> {
  const sum = emptyDigest()
  for await (const chunk of store.scan(range)) {
    for (const [key, value] of chunk) {
      addKey(sum, see?.(key, value) ?? key)
    }
  }
  return sum
}

function mustAgree(prefix: string, what: string, found: Digest, stated: Digest): void {
  if (sameDigest(found, stated)) return
  const fault = `the rows of ${what} are not those that were written`
  throw corrupt(prefix, fault, { found: found.count, expected: stated.count })
}

type Digests = Pick<Tip, 'active' | 'timers' | 'waits' | 'inbox' | 'schedules'>

const nextEpoch = (tip: Tip | undefined, now: number, digests: Digests): Tip => {
  if (tip === undefined) {
    const counts = { inputs: 0, events: 0 }
    return {
      epoch: 1,
      commit: 0,
      chain: Buffer.alloc(0),
      at: now,
      elapsed: now,
      counts,
      ...digests,
    }
  }
  // Time that passed while nobody watched can only be told from the wall clock.
  const away = Math.max(0, now - tip.at)
  return {
    ...tip,
    epoch: tip.epoch + 1,
    at: tip.at + away,
    elapsed: tip.elapsed + away,
    ...digests,
  }
}

async function writeMeta(store: Store, { epoch }: Tip, meta: Meta): Promise<void> {
  if (epoch > 1) return
  const batch = store.batch()
  batch.put(keys.meta, seal(keys.meta, epoch, meta).bytes)
  await batch.write()
}

// A commit without records makes the epoch durable before anything is done in its name.
async function begun(
  store: Store,
  tip: Tip,
  options: StartOptions,
): Promise<Pick<Started, 'journal' | 'recovery'>> {
  const left = await readRecovery(store)
  const overdue = await overdueRuns(store, { wall: options.now, elapsed: tip.elapsed })
  const recovery = options.recover?.(left, overdue)
  const journal = new Journal(store, tip, options)
  await journal.change(group => {
    if (recovery !== undefined) group.put(keys.recovery, recovery)
    else if (left !== undefined && options.recover !== undefined) group.del(keys.recovery)
  })
  return { journal, recovery }
}
