import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { JournalError } from '../../journal/error.ts'
import { scrubTables } from '../../journal/leveldb/scrub.ts'
import { openJournal } from '../../journal/open.ts'
import { scratch } from '../journal/leveldb/store.ts'
import { type Harm, harms, inflict, namesIn } from './harm.ts'
import { type Population, populate } from './population.ts'
import { collect, differences, earlier, faults, type Portrait, portray } from './portrait.ts'

const ROUNDS = Number(process.env.PERDURE_ROUNDS ?? 400)
const NOW = Date.UTC(2026, 0, 2)
const MINUTES = 60_000
const dirs = scratch()

interface Subject extends Population {
  readonly whole: Portrait
}

let subjects: readonly Subject[]
let work: string

beforeAll(async () => {
  work = await dirs('damage')
  const populations = await populate(dirs)
  const taken: Subject[] = []
  for (const population of populations) {
    await lay(population.files)
    const { portrait } = await look([], 'first')
    taken.push({ ...population, whole: portrait })
  }
  subjects = taken
}, MINUTES)

test('the journals hold what is to be damaged: tables, logs and runs of every kind', () => {
  for (const { files, whole, killed } of subjects) {
    const sizes = [...files.values()].reduce((sum, { length }) => sum + length, 0)
    expect(sizes).toBeLessThan(400 * 1024)
    expect(faults(whole)).toEqual([])
    const heads = [...whole.runs.values()].map(read => 'head' in read && read.head?.status)
    expect(new Set(heads)).toEqual(
      new Set(['running', 'completed', 'failed', 'cancelled', 'paused']),
    )
    if (killed) expect(differences(earlier(whole, Infinity), whole)).toEqual([])
  }
})

test(
  `whatever is damaged, it is noticed or nothing is lost (${ROUNDS} rounds)`,
  async () => {
    const table = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(
        fc.noBias(fc.nat(subjects.length - 1)),
        harms,
        fc.constantFrom('first', 'last'),
        async (which, harm, scrub) => {
          const subject = subjects[which]!
          await lay(inflict(subject, harm))
          const outcome = await judge(subject, harm, scrub)
          const row = `${harm.kind}: ${outcome}`
          table.set(row, (table.get(row) ?? 0) + 1)
        },
      ),
      { numRuns: ROUNDS },
    )
    console.log(Object.fromEntries([...table].sort()))
    for (const outcome of ['identical', 'refused', 'found by scrub', 'prefix']) {
      expect([...table.keys()].join()).toContain(outcome)
    }
  },
  60 * MINUTES,
)

type Outcome = 'identical' | 'refused' | 'found by scrub' | 'runs damaged' | 'prefix'

/** What became of a damaged journal. Throws when something is wrong that nobody noticed. */
async function judge(subject: Subject, harm: Harm, scrub: Scrub): Promise<Outcome> {
  const told = `${harm.kind} in ${namesIn(subject, harm).join(', ')} of ${subject.name}`
  const seen = await look(subject.whole.runs.keys(), scrub).catch((error: unknown) => error)
  if (seen instanceof JournalError) {
    expect(REFUSALS, told).toContain(seen.code)
    expect(seen.facts.place ?? seen.facts.dir, told).toBeDefined()
    return 'refused'
  }
  if (seen instanceof Error && process.env.SURVEY) return 'unnamed' as Outcome
  if (seen instanceof Error) throw new Error(`${told}: an error without a place`, { cause: seen })
  const { portrait, findings } = seen as Looked
  if (findings.length > 0) return 'found by scrub'
  const changed = differences(portrait, subject.whole)
  const noticed = faults(portrait)
  if (changed.length === 0) return noticed.length > 0 ? 'runs damaged' : 'identical'
  const { commits } = portrait
  if (subject.killed && noticed.length === 0 && !(commits instanceof JournalError)) {
    const expected = earlier(subject.whole, commits.length)
    if (differences(portrait, expected).length === 0) return 'prefix'
  }
  if (process.env.SURVEY) {
    console.log(told, JSON.stringify(harm), scrub, changed.join().slice(0, 200), noticed.length)
    return 'SILENT' as Outcome
  }
  throw new Error(`${told}: silently wrong: ${changed.join(', ')}`)
}

const REFUSALS = ['JOURNAL_CORRUPT', 'JOURNAL_TAIL_LOST', 'JOURNAL_FORMAT', 'JOURNAL_UNUSABLE']

/** Whether the tables are checked before anything is read, or after. */
type Scrub = 'first' | 'last'

interface Looked {
  readonly portrait: Portrait
  readonly findings: readonly JournalError[]
}

async function look(known: Iterable<string>, scrub: Scrub): Promise<Looked> {
  if (process.env.SURVEY === 'before') {
    for await (const finding of scrubTables(work)) throw finding
  }
  const { journal, ...opened } = await openJournal({ path: work, now: NOW })
  try {
    const early = scrub === 'first' ? await collect(opened.scrub()) : []
    const portrait = await portray(journal, known)
    const late = scrub === 'last' ? await collect(opened.scrub()) : []
    return { portrait, findings: [...early, ...late] }
  } finally {
    await journal.close()
  }
}

async function lay(files: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const name of await readdir(work)) await rm(join(work, name), { recursive: true })
  for (const [name, bytes] of files) await writeFile(join(work, name), bytes)
}
