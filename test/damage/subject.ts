import { createHash } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { JournalError } from '../../journal/error.ts'
import type { InboxInput, StoredWait } from '../../journal/event-reader.ts'
import { openJournal } from '../../journal/open.ts'
import { type Population, populate } from './population.ts'
import { collect, differences, earlier, faults, type Portrait, portray } from './portrait.ts'

/** A journal to be damaged, and what it held before. */
export interface Subject extends Population {
  readonly whole: Portrait
}

export type Outcome =
  | 'identical'
  /** The journal did not open, and the error said where the damage is. */
  | 'refused'
  /** A check of the tables that lie on disk said where it is. */
  | 'found by scrub'
  /** Reading some runs was refused; all others were as before. */
  | 'runs damaged'
  /** Of a killed process: some of the last commits are missing, whole. */
  | 'prefix'

const NOW = Date.UTC(2026, 0, 2)
const REFUSALS = ['JOURNAL_CORRUPT', 'JOURNAL_TAIL_LOST', 'JOURNAL_FORMAT', 'JOURNAL_UNUSABLE']

/** Opens each of the journals once, in `work`, to know what is in it. */
export async function subjectsIn(
  work: string,
  scratch: () => Promise<string>,
): Promise<readonly Subject[]> {
  const subjects: Subject[] = []
  for (const population of await populate(scratch)) {
    await lay(work, population.files)
    const { portrait } = await look(work, [])
    subjects.push({ ...population, whole: portrait })
  }
  return subjects
}

/** Makes `dir` hold exactly these files. */
export async function lay(dir: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true })
  for (const [name, bytes] of files) await writeFile(join(dir, name), bytes)
}

/** What became of a damaged journal in `dir`. Throws when something is wrong that nobody noticed. */
export async function judge(dir: string, { whole, killed }: Subject): Promise<Outcome> {
  const before = await contentOf(dir)
  const seen = await look(dir, whole.runs.keys()).catch((error: unknown) => error)
  if (seen instanceof JournalError && REFUSALS.includes(seen.code)) {
    if (saysUnchanged(seen)) expect(await contentOf(dir)).toEqual(before)
    if (seen.facts.place !== undefined || seen.facts.dir !== undefined) return 'refused'
  }
  if (seen instanceof Error) throw new Error('refused, but not by code and place', { cause: seen })
  const { portrait, findings } = seen as Looked
  if (findings.length > 0) return 'found by scrub'
  const changed = differences(portrait, whole)
  const noticed = faults(portrait)
  if (changed.length === 0) return noticed.length > 0 ? 'runs damaged' : 'identical'
  const { commits } = portrait
  if (killed && noticed.length === 0 && !(commits instanceof JournalError)) {
    const missing = differences(portrait, earlier(whole, commits.length))
    if (missing.length === 0) return 'prefix'
  }
  throw new Error(`silently wrong: ${changed.join(', ')}`)
}

/** What is found before LevelDB opens the directory. */
const saysUnchanged = ({ hint }: JournalError): boolean => hint.startsWith('Nothing was changed')

/** All files but those that say nothing of the journal's content. */
async function contentOf(dir: string): Promise<Map<string, string>> {
  const names = (await readdir(dir)).filter(name => !name.startsWith('LO')).sort()
  const read = names.map(
    async name =>
      [
        name,
        createHash('sha256')
          .update(await readFile(join(dir, name)))
          .digest('hex'),
      ] as const,
  )
  return new Map(await Promise.all(read))
}

interface Looked {
  readonly portrait: Portrait
  readonly findings: readonly JournalError[]
}

/** As an engine does: opens, reads, and checks the tables a while after. */
async function look(path: string, known: Iterable<string>): Promise<Looked> {
  const waits: StoredWait[] = []
  const inbox: InboxInput[] = []
  const { journal, ...opened } = await openJournal({
    path,
    now: NOW,
    onWait: wait => void waits.push(wait),
    onInput: input => void inbox.push(input),
  })
  try {
    const portrait = await portray(journal, { waits, inbox }, known)
    return { portrait, findings: await collect(opened.scrub()) }
  } finally {
    await journal.close()
  }
}
