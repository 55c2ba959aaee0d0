import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { scratch } from '../journal/leveldb/store.ts'
import { harms, inflict, namesIn } from './harm.ts'
import { differences, earlier, faults } from './portrait.ts'
import { damageRow, rowHarms } from './row-harm.ts'
import { judge, lay, type Outcome, type Subject, subjectsIn } from './subject.ts'

const ROUNDS = Number(process.env.PERDURE_ROUNDS ?? 400)
const MINUTES = 60_000
const dirs = scratch()

let subjects: readonly Subject[]
let work: string

beforeAll(async () => {
  work = await dirs('damage')
  subjects = await subjectsIn(work, dirs)
}, MINUTES)

const which = fc.noBias(fc.nat(1_000))

test('the journals hold what is to be damaged: tables, logs and runs of every kind', () => {
  for (const { name, files, whole, killed } of subjects) {
    const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0)
    expect(bytes, name).toBeLessThan(300 * 1024)
    expect(faults(whole)).toEqual([])
    const statuses = [...whole.runs.values()].map(run => 'head' in run && run.head?.status)
    expect(new Set(statuses)).toEqual(
      new Set(['running', 'completed', 'failed', 'cancelled', 'paused']),
    )
    const { waits, inbox, events } = whole
    expect(new Set(waits.map(({ kind }) => kind)), name).toEqual(new Set(['wait', 'cancel']))
    expect(events, name).not.toHaveLength(0)
    if (!killed) expect(inbox, name).toHaveLength(2)
    if (killed) expect(differences(earlier(whole, Infinity), whole)).toEqual([])
  }
  const names = subjects.map(({ files }) => [...files.keys()].join(' '))
  expect(names.filter(name => /(\.ldb.*){3}/.test(name)).length).toBeGreaterThan(0)
  expect(names.every(name => name.includes('.log'))).toBe(true)
})

test(
  `whatever is done to the files, it is noticed or nothing is lost (${ROUNDS} rounds)`,
  async () => {
    const table = new Table()
    await fc.assert(
      fc.asyncProperty(which, harms, async (index, harm) => {
        const subject = pick(index)
        await lay(work, inflict(subject, harm))
        const told = `${harm.kind} in ${namesIn(subject, harm).join(', ')} of ${subject.name}`
        table.add(harm.kind, await judge(work, subject).catch(blaming(told)))
      }),
      { numRuns: ROUNDS },
    )
    console.log(table.toString())
    // A log cut at a record's very end comes about once in a hundred and fifty rounds.
    const seen = ROUNDS < 5_000 ? ['identical', 'refused'] : ['identical', 'refused', 'prefix']
    expect(table.outcomes()).toEqual(expect.arrayContaining(seen))
  },
  60 * MINUTES,
)

test(
  `whatever is done to the rows, only the runs they belong to are lost (${Math.ceil(ROUNDS / 10)} rounds)`,
  async () => {
    const table = new Table()
    await fc.assert(
      fc.asyncProperty(which, rowHarms, async (index, harm) => {
        const subject = pick(index)
        await lay(work, subject.files)
        const told = await damageRow(work, harm)
        const outcome = await judge(work, subject).catch(blaming(`${told} of ${subject.name}`))
        expect(outcome, told).not.toBe('prefix')
        table.add(harm.kind, outcome)
      }),
      { numRuns: Math.ceil(ROUNDS / 10) },
    )
    console.log(table.toString())
    expect(table.outcomes()).toEqual(expect.arrayContaining(['refused', 'runs damaged']))
  },
  60 * MINUTES,
)

const pick = (index: number): Subject => subjects[index % subjects.length]!

const blaming = (harm: string) => (cause: unknown) => {
  throw new Error(`${harm}: ${String(cause)}`, { cause })
}

/** How often each kind of harm came to which outcome. */
class Table {
  readonly #rows = new Map<string, Map<Outcome, number>>()

  add(kind: string, outcome: Outcome): void {
    const row = this.#rows.get(kind) ?? new Map<Outcome, number>()
    this.#rows.set(kind, row.set(outcome, (row.get(outcome) ?? 0) + 1))
  }

  outcomes(): Outcome[] {
    return [...this.#rows.values()].flatMap(row => [...row.keys()])
  }

  toString(): string {
    const rows = [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1))
    const lines = rows.map(([kind, row]) => {
      const counts = [...row].sort().map(([outcome, count]) => `${outcome} ${count}`)
      return `  ${kind}: ${counts.join(', ')}`
    })
    return ['damage', ...lines, '  silently wrong: 0'].join('\n')
  }
}
