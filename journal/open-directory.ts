import { copyFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isMainThread, threadId } from 'node:worker_threads'
import { Level } from 'level'
import { AnchorKeeper, isUnanchored, mustReach } from './anchor-keeper.ts'
import { JournalError, PerdureError } from './error.ts'
import { LevelStore } from './level-store.ts'
import { readAnchor } from './leveldb/anchor.ts'
import { systemCode, unusable } from './leveldb/damage.ts'
import { Fence } from './leveldb/fence.ts'
import type { Holder } from './leveldb/holder.ts'
import { acquireOwnership, type Ownership } from './leveldb/owner.ts'
import { preflight } from './leveldb/preflight.ts'
import { scrubTables } from './leveldb/scrub.ts'
import type { OpenedJournal, OpenJournalOptions } from './open.ts'
import { startJournal } from './start.ts'

// Opening compacts, and compaction writes damaged blocks anew with good checksums. So tables are
// checked before it: those of ordinary journals all, of large ones the newest; the rest follows.
const SCRUBBED_FIRST = 32 << 20
const ENCODINGS = { keyEncoding: 'utf8', valueEncoding: 'view' } as const

/** A journal on LevelDB in a directory of its own. */
export async function openDirectory(options: OpenJournalOptions): Promise<OpenedJournal> {
  const ownership = await acquireOwnership(options.path, self(options.now))
  try {
    return await openOwned(ownership, options)
  } catch (error) {
    await ownership.release()
    throw told(ownership.path, error)
  }
}

// A full or read-only disk speaks in system errors, which say neither whose journal it is nor what to do.
function told(path: string, error: unknown): unknown {
  if (error instanceof PerdureError || systemCode(error) === undefined) return error
  const hint =
    'The cause says why. Look at the disk, its free space and permissions; then open it again.'
  return unusable(path, 'cannot be opened', hint, error)
}

async function openOwned(
  ownership: Ownership,
  options: OpenJournalOptions,
): Promise<OpenedJournal> {
  const { path } = ownership
  const { durability = 'fsync' } = options
  const { created, tornTail } = await preflight(path)
  const anchor = created ? undefined : await readAnchor(path)
  if (!created) for await (const damage of scrubTables(path, SCRUBBED_FIRST)) throw damage
  const kept = tornTail && (await keepLog(path, tornTail.file))
  const db = new Level<string, Uint8Array>(path, { createIfMissing: created, ...ENCODINGS })
  await openDatabase(db, path)
  try {
    const fence = new Fence(path)
    const store = new LevelStore({
      place: path,
      db,
      sync: durability === 'fsync',
      fence: () => mustBeOurs(path, fence),
      release: () => ownership.release(),
    })
    const keeper = new AnchorKeeper(path, anchor === undefined)
    let unanchored = false
    const started = await startJournal(store, {
      ...options,
      durability,
      onTip: tip => {
        mustReach(path, tip, anchor, durability)
        unanchored = isUnanchored(tip, anchor)
      },
      onCommit: tip => keeper.keep(tip),
      onClose: tip => keeper.close(tip),
    })
    if (kept !== undefined) await rm(kept, { force: true })
    return { ...started, directory: path, unanchored, tornTail, scrub: () => scrubTables(path) }
  } catch (error) {
    await db.close()
    throw await named(path, error)
  }
}

// LevelDB cuts a torn log. Should the cut turn out to have taken acknowledged commits, the log is
// still there.
async function keepLog(path: string, file: string): Promise<string> {
  const kept = join(path, `${file}.torn`)
  try {
    await copyFile(join(path, file), kept)
    return kept
  } catch (error) {
    // Half a copy would only fill a disk that is full.
    await rm(kept, { force: true }).catch(() => {})
    throw error
  }
}

// LevelDB does not say which file it could not read. The scrub does.
async function named(path: string, error: unknown): Promise<unknown> {
  for await (const damage of scrubTables(path)) return damage
  return error
}

// Containers that share a directory do not share the owner's socket: then LevelDB's own lock tells.
async function openDatabase(db: Level<string, Uint8Array>, path: string): Promise<void> {
  try {
    await db.open()
  } catch (error) {
    const { cause } = error as { cause?: { code?: unknown } }
    if (cause?.code !== 'LEVEL_LOCKED') throw await named(path, levelFailed(path, error))
    throw new JournalError('JOURNAL_LOCKED', `Another process holds the journal ${path}.`, {
      hint: 'It may run in another container. Stop it, or use another directory.',
      facts: { place: path, holder: undefined },
      cause: error,
    })
  }
}

const levelFailed = (path: string, cause: unknown): JournalError =>
  new JournalError('JOURNAL_UNUSABLE', `LevelDB cannot open the journal ${path}.`, {
    hint: 'The cause says why. Nothing was repaired: keep the directory as it is.',
    facts: { place: path },
    cause,
  })

function mustBeOurs(path: string, fence: Fence): void {
  const fault = fence.check()
  if (fault === undefined) return
  throw new JournalError('JOURNAL_FENCED', `Another engine has opened the journal ${path}.`, {
    hint: 'Find out what else opens this directory: one engine at a time.',
    facts: { place: path, ...fault },
  })
}

/** Who this process is to those that ask for the holder. */
export const self = (now: number): Holder => ({
  pid: process.pid,
  host: hostname(),
  command: process.argv.slice(0, 2).join(' '),
  since: now,
  thread: isMainThread ? 0 : threadId,
})
