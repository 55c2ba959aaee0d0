import { isDeepStrictEqual } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { isFinal } from '../../journal/lifecycle.ts'
import { verify } from '../../journal/verify.ts'
import { Disk, type WriteFault } from '../../src/testing/disk.ts'
import { judge, LawBroken } from './law.ts'
import { Ordeal, type Strike } from './ordeal.ts'
import { endLaws, restLaws } from './rest-laws.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import { watchScopes } from './scopes.ts'
import { story } from './story.ts'
import { type Result, recordedResult } from './witness-laws.ts'

const ofWrites: readonly WriteFault[] = [
  'fails',
  'fails-but-written',
  'crash-before',
  'crash-after',
]
// A death at a read is one after the write before it.
const ofOthers: readonly WriteFault[] = ['fails']

const scopes = watchScopes()
afterEach(() => scopes.disable())

/** What became of the runs; of those with ids of their own only the workflow is told. */
type Results = readonly (readonly [run: string, result: Result | undefined])[]

/** Plays a scenario to its end, with one call of the disk that goes wrong. Throws broken laws. */
async function undergo(scenario: Scenario, strike?: Strike): Promise<[Ordeal, Results]> {
  const ordeal = new Ordeal({ ...scenario, ...(strike ? { strike } : { alwaysReplay: true }) })
  await scenario.play(ordeal)
  await ordeal.pass(scenario.ms)
  // Who does not say that it has stopped needs no second life.
  if (ordeal.engine !== undefined && !ordeal.stopped) mustHaveEnded(ordeal, 'in this life')
  await ordeal.close()
  await ordeal.pass(0)
  if (unended(ordeal).length > 0) await ordeal.pass(2 * 60_000)
  mustHaveEnded(ordeal, 'in the next life')
  const { residentRuns = 1_000 } = scenario
  const plan = { programs: [], moves: [], fates: [], residentRuns, concurrency: 1_000 }
  ordeal.guard(() => judge(restLaws, { ...ordeal, plan, engine: ordeal.engine }))
  await ordeal.close()
  for (const { name, fault } of endLaws) {
    const found = await fault(ordeal)
    if (found !== undefined) throw new LawBroken(name, found)
  }
  if (ordeal.breach !== undefined) throw ordeal.breach
  await mustBeSound(ordeal)
  return [ordeal, resultsOf(ordeal)]
}

function resultsOf({ history }: Ordeal): Results {
  const results = [...history.runs].map(([run, { ledger }]) => {
    const name = run.startsWith('run_') ? ledger.workflow : run
    return [name, recordedResult(run, history)] as const
  })
  return results.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

const unended = ({ history }: Ordeal) =>
  [...history.runs.values()].map(({ ledger }) => ledger).filter(({ status }) => !isFinal(status))

function mustHaveEnded(ordeal: Ordeal, when: string): void {
  if (ordeal.breach !== undefined) throw ordeal.breach
  const [left] = unended(ordeal)
  if (left === undefined) return
  const fault = `${left.run} is ${left.status} ${when}\n${story(ordeal)}`
  throw new LawBroken('every run ends once the faults stop', fault)
}

async function mustBeSound({ disk }: Ordeal): Promise<void> {
  const copy = new Disk()
  for (const [key, value] of disk.rows) copy.rows.set(key, value)
  for await (const { place, what } of verify(copy.open())) {
    throw new LawBroken('what is left is sound', `${place}: ${what}`)
  }
}

async function mustCome(scenario: Scenario, expected: Results, strike: Strike): Promise<void> {
  const where = `call ${strike.n}, ${strike.fault}`
  const [{ history }, results] = await undergo(scenario, strike).catch(error => {
    throw new Error(`${where}: ${error.message}`, { cause: error })
  })
  if (isDeepStrictEqual(results, expected)) return
  expect({ where, results }, story({ history })).toEqual({ where, results: expected })
}

describe('whatever call of the disk goes wrong, all comes to the same', {
  timeout: 180_000,
}, () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    test(name, async () => {
      const [{ kinds, mirror }, expected] = await undergo(scenario)
      expect(expected.length).toBeGreaterThan(0)
      expect(mirror?.replays).toBeGreaterThan(0)
      let trials = 0
      for (const [at, kind] of kinds.entries()) {
        for (const fault of kind === 'write' ? ofWrites : ofOthers) {
          await mustCome(scenario, expected, { n: at + 1, fault })
          scopes.disable()
          trials++
        }
      }
      console.log(`${name}: ${kinds.length} calls, ${trials} trials`)
    })
  }
})
