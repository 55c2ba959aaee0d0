import { randomBytes } from 'node:crypto'
import { chainHash } from './commit.ts'
import { addKey, type Digest, emptyDigest, sameDigest } from './digest.ts'
import { corrupt, seal, unseal } from './envelope.ts'
import { JournalError } from './error.ts'
import type { Head } from './head.ts'
import { type CommitListener, Journal } from './journal.ts'
import { type KeyRange, keys, ranges } from './keys.ts'
import type { Durability, Meta } from './meta.ts'
import { openCommit, openHead } from './reader.ts'
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
}

export interface Started {
  readonly journal: Journal
  readonly meta: Meta
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
    const head = openHead(key, value)
    options.onHead?.(head)
  })
  const timers = await digest(store, ranges.timers())
  if (tip !== undefined) {
    mustAgree('a!', 'runs that have not ended', active, tip.active)
    mustAgree('t!', 'open timers', timers, tip.timers)
  }
  const next = nextEpoch(tip, options.now, active, timers)
  await writeMeta(store, next, meta)
  return { meta, journal: await begun(store, next, options) }
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
      const { commit, at, elapsed, active, timers } = openCommit(key, value)
      if (keys.commit(commit) !== key) throw corrupt(key, `it says it is commit ${commit}`)
      const { epoch } = unseal(key, value)
      return { epoch, commit, chain: chainHash(value), at, elapsed, active, timers }
    }
  }
  return undefined
}

async function digest(
  store: Store,
  range: KeyRange,
  see?: (key: string, value: Uint8Array) => void,
): Promise<Digest> {
  const sum = emptyDigest()
  for await (const chunk of store.scan(range)) {
    for (const [key, value] of chunk) {
      see?.(key, value)
      addKey(sum, key)
    }
  }
  return sum
}

function mustAgree(prefix: string, what: string, found: Digest, stated: Digest): void {
  if (sameDigest(found, stated)) return
  const fault = `the rows of ${what} are not those that were written`
  throw corrupt(prefix, fault, { found: found.count, expected: stated.count })
}

const nextEpoch = (tip: Tip | undefined, now: number, active: Digest, timers: Digest): Tip => {
  if (tip === undefined) {
    const chain = Buffer.alloc(0)
    return { epoch: 1, commit: 0, chain, at: now, elapsed: now, active, timers }
  }
  // Time that passed while nobody watched can only be told from the wall clock.
  const away = Math.max(0, now - tip.at)
  return {
    ...tip,
    epoch: tip.epoch + 1,
    at: tip.at + away,
    elapsed: tip.elapsed + away,
    active,
    timers,
  }
}

async function writeMeta(store: Store, { epoch }: Tip, meta: Meta): Promise<void> {
  if (epoch > 1) return
  const batch = store.batch()
  batch.put(keys.meta, seal(keys.meta, epoch, meta).bytes)
  await batch.write()
}

// An empty commit makes the epoch durable before anything is done in its name.
async function begun(store: Store, tip: Tip, options: StartOptions): Promise<Journal> {
  const journal = new Journal(store, tip, options)
  await journal.change(() => {})
  return journal
}
