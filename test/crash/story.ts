import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { violations } from './laws.ts'
import { isOver, Memory } from './memory.ts'
import type { End, Nursery } from './nursery.ts'
import { calmPlan, type LifePlan, lifePlan } from './plan.ts'
import { type Snapshot, snapshotOf } from './snapshot.ts'
import { readTrail } from './trail.ts'

/** What a story did, for the report. */
export interface Tally {
  rounds: number
  runs: number
  starts: number
  bodies: number
  results: number
  readonly deaths: Map<string, number>
}

export const newTally = (): Tally => ({
  rounds: 0,
  runs: 0,
  starts: 0,
  bodies: 0,
  results: 0,
  deaths: new Map(),
})

/** What is wrong, and after which life; the last one is the calm one. */
export interface Failure {
  readonly life: number
  readonly faults: readonly string[]
}

/**
 * One directory and the lives on it: so many that are killed, then a calm one in which everything
 * has to end. After each the journal is read and judged. Stops at the first life that breaks a law.
 */
export class Story {
  readonly #nursery: Nursery
  readonly #seed: string
  readonly #dir: string
  readonly #memory = new Memory()
  readonly #tally: Tally
  #before: Snapshot = new Map()

  constructor(nursery: Nursery, seed: string, dir: string, tally: Tally) {
    this.#nursery = nursery
    this.#seed = seed
    this.#dir = dir
    this.#tally = tally
  }

  async tell(lives: number): Promise<Failure | undefined> {
    await mkdir(this.#dir, { recursive: true })
    for (let life = 0; life < lives; life++) {
      const faults = await this.#live(lifePlan(this.#seed, life))
      this.#tally.rounds++
      if (faults.length > 0) return { life, faults }
    }
    const faults = await this.#live(calmPlan(this.#seed, lives))
    faults.push(...isOver(this.#before), ...this.#failed())
    if (faults.length > 0) return { life: lives, faults }
    this.#tally.runs += this.#before.size
    await rm(this.#dir, { recursive: true })
    return undefined
  }

  async #live(plan: LifePlan): Promise<string[]> {
    const [journal, trail] = [join(this.#dir, 'journal'), join(this.#dir, 'trail')]
    const end = await this.#nursery.live({ ...plan, dir: this.#dir, journal, trail })
    const lines = readTrail(trail)[plan.life] ?? []
    this.#memory.add(lines)
    for (const { mark } of lines) {
      if (mark === 'A') this.#tally.starts++
      if (mark === 'B') this.#tally.bodies++
      if (mark === 'R') this.#tally.results++
    }
    const struck = lines.find(({ mark }) => mark === 'K')?.words[0]
    count(this.#tally.deaths, deathName(end, struck))
    const faults = [...badEnd(plan, end)]
    try {
      const [before, after] = [this.#before, await snapshotOf(journal)]
      faults.push(...violations({ before, after, memory: this.#memory, lines }))
      this.#before = after
    } catch (error) {
      faults.push(`the journal is sound: ${error instanceof Error ? error.stack : error}`)
    }
    return faults
  }

  /** No workflow here is made to fail. */
  #failed(): readonly string[] {
    return [...this.#before.values()].flatMap(({ head: { run, status } }) =>
      status === 'failed' ? [`run ${run} has failed`] : [],
    )
  }
}

function badEnd({ calm }: LifePlan, { code, signal, stderr, said, overdue }: End): string[] {
  if (overdue) return [`it hung, ${said}`]
  if (code === 0 || (signal === 'SIGKILL' && !calm)) return []
  return [`it ended by itself with ${code ?? signal}, ${said}: ${stderr.slice(0, 4_000)}`]
}

const deathName = ({ signal, said }: End, struck: string | undefined): string =>
  signal === null ? 'none, closed' : (struck ?? `at random, ${said || 'loading'}`)

const count = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1)
