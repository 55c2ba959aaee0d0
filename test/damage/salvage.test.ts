import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { JournalError } from '../../journal/error.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { openReader } from '../../journal/open-reader.ts'
import { logVersions } from '../../journal/salvage/log-reader.ts'
import type { Salvaged } from '../../journal/salvage/report.ts'
import { tableVersions } from '../../journal/salvage/table-reader.ts'
import type { Loss } from '../../journal/salvage/version.ts'
import { salvage } from '../../journal/salvage.ts'
import { verifyDirectory } from '../../journal/verify-directory.ts'
import { scratch } from '../journal/leveldb/store.ts'
import { harms, inflict, namesIn } from './harm.ts'
import { lay, type Subject, subjectsIn } from './subject.ts'

const ROUNDS = Number(process.env.PERDURE_ROUNDS ?? 40)
const MINUTES = 60_000
const dirs = scratch()

let subjects: readonly Subject[]
let work: string
/** Of each subject the entries of its runs. */
const originals = new Map<Subject, Runs>()

beforeAll(async () => {
  work = await dirs('salvage')
  subjects = await subjectsIn(work, dirs)
  for (const subject of subjects) {
    await lay(work, subject.files)
    originals.set(subject, await runsIn(work))
  }
}, MINUTES)

interface Run {
  readonly entries: readonly string[]
  readonly hasEnded: boolean
}
type Runs = ReadonlyMap<string, Run>

async function runsIn(dir: string): Promise<Runs> {
  const opened = await openReader(dir)
  const runs = new Map<string, Run>()
  try {
    for (const which of ['active', 'ended'] as const) {
      for await (const head of opened.reader.heads(which)) {
        const entries: string[] = []
        for await (const record of opened.reader.records(head)) {
          for (const entry of record.entries) entries.push(JSON.stringify(entry))
        }
        runs.set(head.run, { entries, hasEnded: isFinal(head.status) })
      }
    }
    return runs
  } finally {
    await opened.close()
  }
}

interface Came {
  readonly report: Salvaged
  readonly runs: Runs
}

async function saved(): Promise<Came> {
  const into = join(await dirs('saved'), 'journal')
  const report = await salvage(work, { into, now: 1 })
  const findings: unknown[] = []
  for await (const finding of verifyDirectory(into)) findings.push(finding)
  expect(findings).toEqual([])
  return { report, runs: await runsIn(into) }
}

/** Whether a run has records in a damaged block; unless there is damage of another kind. */
function touchedBy(files: ReadonlyMap<string, Buffer>): ((run: string) => boolean) | undefined {
  const losses: Loss[] = []
  for (const [name, bytes] of files) {
    const read = name.endsWith('.ldb')
      ? tableVersions
      : name.endsWith('.log')
        ? logVersions
        : undefined
    for (const _ of read?.(name, bytes, loss => losses.push(loss)) ?? []);
  }
  if (losses.length === 0 || losses.some(({ from }) => from === undefined)) return undefined
  return run => losses.some(({ from = '', to = '' }) => from <= `e!${run}"` && to >= `e!${run}!`)
}

test(
  'of what is sound all is saved',
  async () => {
    for (const subject of subjects) {
      await lay(work, subject.files)
      const before = await readdir(work)
      const { report, runs } = await saved()
      expect(runs).toEqual(originals.get(subject))
      expect(report).toMatchObject({
        cut: [],
        lost: [],
        damage: [],
        whole: runs.size,
        mayBeMore: false,
      })
      expect(report.events.lost + report.inputs.lost).toBe(0)
      expect(report.schedules).toEqual({ kept: 0, lost: [], mayBeOld: false })
      expect((await readdir(work)).sort()).toEqual(before.sort())
    }
  },
  MINUTES,
)

test(
  'whatever is done to the files, what is saved is sound, and it is said what is not',
  async () => {
    let [nothing, rounds, flipped] = [0, 0, 0]
    const which = fc.noBias(fc.nat(1_000))
    const property = fc.asyncProperty(which, harms, async (index, harm) => {
      const subject = subjects[index % subjects.length]!
      await lay(work, inflict(subject, harm))
      const told = `${harm.kind} in ${namesIn(subject, harm).join(', ')} of ${subject.name}`
      const came = await saved().catch((error: unknown) => error)
      // All that there was is gone, or lies where nobody would look.
      if (came instanceof JournalError && came.code === 'JOURNAL_UNUSABLE') return void nothing++
      if (came instanceof Error) throw new Error(told, { cause: came })
      const { report, runs } = came as Came
      rounds++
      const original = originals.get(subject)!
      // An end that is as if it had never been written: nothing can tell.
      const isSilent = harm.kind === 'older' || subject.killed
      const cut = new Map(report.cut.map(each => [each.run, each]))
      for (const [run, { entries }] of original) {
        const now = runs.get(run)
        const part = cut.get(run)
        if (now === undefined) {
          if (!isSilent && !report.mayBeMore) expect(report.lost, told).toContain(run)
          continue
        }
        const kept =
          part?.parked && now.entries.at(-1)?.includes('JOURNAL_CORRUPT')
            ? now.entries.slice(0, -1)
            : now.entries
        expect(kept, told).toEqual(entries.slice(0, kept.length))
        if (part === undefined && !isSilent) expect(kept, told).toHaveLength(entries.length)
        if (part !== undefined) expect(part.entries).toBe(kept.length)
        if (part !== undefined && !now.hasEnded) expect(part.parked).toBe(true)
      }
      const inData = namesIn(subject, harm).every(name => /\.(ldb|log)$/.test(name))
      if (harm.kind !== 'flip' || !inData) return
      const touched = touchedBy(inflict(subject, harm))
      if (touched === undefined) return
      flipped++
      const orphaned = (run: string) => cut.get(run)?.why.startsWith('its child ')
      const hurt = [...report.lost, ...cut.keys()].filter(run => !touched(run) && !orphaned(run))
      expect(hurt, told).toEqual([])
    })
    await fc.assert(property, { numRuns: ROUNDS, endOnFailure: true })
    expect(nothing * 10).toBeLessThan(rounds)
    // Few rounds may well be without one.
    if (ROUNDS >= 200) expect(flipped).toBeGreaterThan(0)
  },
  60 * MINUTES,
)
