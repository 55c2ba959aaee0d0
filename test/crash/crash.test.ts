import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleChild } from './bundle.ts'
import { Nursery } from './nursery.ts'
import { newTally, Story, type Tally } from './story.ts'

/**
 * Kills a process on real LevelDB again and again, and looks each time at what it left behind.
 *
 *   PERDURE_ROUNDS=2000   how many lives are lived, calm ones not counted; default 45
 *   PERDURE_SEED=...      repeats the decisions of an earlier time
 *   PERDURE_STORY=...     begins with this story of it
 */
const ROUNDS = Number(process.env.PERDURE_ROUNDS ?? 45)
const SEED = process.env.PERDURE_SEED ?? randomBytes(4).toString('hex')
const FIRST_STORY = Number(process.env.PERDURE_STORY ?? 0)
const LIVES_A_STORY = 20
const ROUND_MS = 1_000

let child: string
let dir: string
let nursery: Nursery

beforeAll(async () => {
  child = await bundleChild()
  dir = await mkdtemp(join(tmpdir(), 'perdure-crash-'))
  nursery = new Nursery(child)
})

afterAll(async () => {
  nursery.close()
  await rm(child)
})

test(
  `${ROUNDS} kills, seed ${SEED}`,
  async () => {
    const tally = newTally()
    const begun = performance.now()
    for (let story = FIRST_STORY; tally.rounds < ROUNDS; story++) {
      const lives = Math.min(LIVES_A_STORY, ROUNDS - tally.rounds)
      const place = join(dir, `story-${story}`)
      const failure = await new Story(nursery, `${SEED}-${story}`, place, tally).tell(lives)
      if (failure === undefined) continue
      expect.fail(
        [
          `seed ${SEED}, story ${story}, life ${failure.life} of ${lives}:`,
          ...failure.faults.slice(0, 20).map(fault => `  ${fault}`),
          `The directory is kept: ${place}. PERDURE_SEED=${SEED} PERDURE_STORY=${story} repeats every decision;`,
          'the instant of a kill only nearly, so it may take several tries.',
        ].join('\n'),
      )
    }
    await rm(dir, { recursive: true })
    console.log(report(tally, performance.now() - begun))
  },
  60_000 + ROUNDS * ROUND_MS,
)

function report({ rounds, runs, starts, bodies, results, deaths }: Tally, ms: number): string {
  const rows = [...deaths].sort(([, a], [, b]) => b - a).map(([name, n]) => `${name} ${n}`)
  return [
    `seed ${SEED}: ${rounds} rounds, ${Math.round(ms / rounds)} ms each; ${runs} runs,`,
    `${starts} starts acknowledged, ${bodies} bodies begun, ${results} results observed;`,
    `died: ${rows.join('; ')}`,
  ].join(' ')
}
