import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { sameDigest } from './digest.ts'
import { corrupt, unseal } from './envelope.ts'
import { JournalError } from './error.ts'
import { type CommitListener, Journal } from './journal.ts'
import { keys, type TimerKey } from './keys.ts'
import type { Durability, Meta } from './meta.ts'
import { readTip } from './read-tip.ts'
import type { Recovery } from './recovery.ts'
import type { Store } from './store.ts'
import { type Finder, type Instants, Survey } from './survey.ts'
import { type Digests, type Epoch, noCounts, type Tip, tipOf } from './tip.ts'

export interface StartOptions extends Finder {
  readonly durability: Durability
  /** Wall clock in ms, for a journal that is created and for its first commit. */
  readonly now: number
  /** Given the newest commit there is, before anything else is done. May throw. */
  readonly onTip?: (tip: Tip | undefined) => void
  /** Given each commit once it is durable. What it returns is awaited before the next one. */
  readonly onCommit?: CommitListener
  /** Given the last commit before the store is closed. */
  readonly onClose?: CommitListener
  /** Paths of keys whose values are not to be shown. Default: as it was. */
  readonly secrets?: readonly string[]
  /** Identity of a journal that is created; random by default. */
  readonly newId?: string
  /** Open timers that are due within so many ms are read as well. Default: the overdue ones. */
  readonly timersWithin?: number
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
  /** The open timers that are due before these times, in due order on each clock. */
  readonly timers: { readonly keys: readonly TimerKey[]; readonly before: Instants }
}

/**
 * Opens a journal on a store: reads the newest commit and the rows of runs that have not ended
 * (never those that have), checks that they add up, and takes the next epoch.
 */
export async function startJournal(store: Store, options: StartOptions): Promise<Started> {
  const tip = await readTip(store)
  options.onTip?.(tip)
  const next = nextEpoch(tip, options.now)
  const before = timesIn(next, options.now, options.timersWithin ?? 0)
  let meta: Meta | undefined
  const survey = new Survey(options, before, value => {
    meta = mustBeOfMode(store, unseal(keys.meta, value).body as Meta, options.durability)
  })
  await survey.take(store)
  if (meta === undefined && tip !== undefined) throw corrupt(keys.meta, 'it is missing')
  if (tip !== undefined) mustAgree(survey.digests, tip)
  const now = withSecrets(meta ?? newMeta(options), options.secrets)
  const timers = { keys: survey.timers, before }
  const changed = now === meta ? undefined : now
  const begun = begin(store, tipOf(next, survey.digests), changed, survey, options)
  await begun.durable
  return { journal: begun.journal, meta: now, recovery: begun.recovery, timers }
}

const newMeta = ({ durability, newId, now }: StartOptions): Meta => ({
  id: newId ?? randomBytes(9).toString('base64url'),
  durability,
  createdAt: now,
})

/** The very same, if nothing changes. */
function withSecrets(meta: Meta, given: readonly string[] = meta.secrets ?? []): Meta {
  const { secrets: before = [], ...rest } = meta
  const secrets = [...new Set([...given, ...before.filter(isLearned)])].sort()
  if (isDeepStrictEqual(before, secrets)) return meta
  return secrets.length === 0 ? rest : { ...rest, secrets }
}

/** It is of data that is in the journal, whatever the code knows that it is opened with. */
const isLearned = (path: string): boolean => path.startsWith('@')

function mustBeOfMode({ place }: Store, meta: Meta, durability: Durability): Meta {
  if (meta.durability === durability) return meta
  const message = `The journal ${place} was created with durability '${meta.durability}'.`
  throw new JournalError('JOURNAL_FORMAT', message, {
    hint: `Open it with { durability: '${meta.durability}' }: a directory keeps one mode.`,
    facts: { place, durability: meta.durability, asked: durability },
  })
}

function mustAgree(found: Digests, stated: Digests): void {
  for (const [prefix, name, what] of PARTS) {
    if (sameDigest(found[name], stated[name])) continue
    const fault = `the rows of ${what} are not those that were written`
    const counts = { found: found[name].count, expected: stated[name].count }
    throw corrupt(prefix, fault, counts)
  }
}

const PARTS = [
  ['a!', 'active', 'runs that have not ended'],
  ['t!', 'timers', 'open timers'],
  ['w!', 'waits', 'open waits'],
  ['b!', 'inbox', 'inputs that wait for a turn'],
  ['s!', 'schedules', 'schedules'],
  ['q!', 'admission', 'runs that wait for their turn, hold or gather'],
  ['k!', 'limits', 'limits'],
] as const

const nextEpoch = (tip: Tip | undefined, now: number): Epoch => {
  if (tip === undefined) {
    const counts = noCounts()
    return { epoch: 1, commit: 0, chain: Buffer.alloc(0), at: now, elapsed: now, counts }
  }
  const { commit, chain, counts } = tip
  // Time that passed while nobody watched can only be told from the wall clock.
  const away = Math.max(0, now - tip.at)
  const times = { at: tip.at + away, elapsed: tip.elapsed + away }
  return { epoch: tip.epoch + 1, commit, chain, counts, ...times }
}

// What is due at this very moment is overdue.
const timesIn = ({ elapsed }: Epoch, now: number, ms: number): Instants => {
  const ahead = Math.max(1, ms)
  return { wall: now + ahead, elapsed: elapsed + ahead }
}

// A commit without records makes the epoch durable before anything is done in its name. The first
// one of a journal brings it into being.
function begin(
  store: Store,
  tip: Tip,
  meta: Meta | undefined,
  { left, timers, active }: Survey,
  options: StartOptions,
): Pick<Started, 'journal' | 'recovery'> & { readonly durable: Promise<void> } {
  const now = { wall: options.now, elapsed: tip.elapsed }
  const overdue = timers.filter(({ clock, due }) => due <= now[clock])
  const recovery = options.recover?.(
    left,
    overdue.map(({ run }) => run),
  )
  const journal = new Journal(store, tip, options, active)
  const durable = journal.change(group => {
    if (meta !== undefined) group.put(keys.meta, meta)
    if (recovery !== undefined) group.put(keys.recovery, recovery)
    else if (left !== undefined && options.recover !== undefined) group.del(keys.recovery)
  })
  return { journal, recovery, durable }
}
