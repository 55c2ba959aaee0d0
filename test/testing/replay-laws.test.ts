import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { replayJournals } from '../../src/testing/replay-journals.ts'
import { plansOf } from '../laws/plan.ts'
import type { Program } from '../laws/program.ts'
import { watchScopes } from '../laws/scopes.ts'
import { mutated, mutations } from './mutation.ts'
import { bareWorkflows, hasLive, parkedByEngine, type Rows, statesOf } from './stored-states.ts'

// Other workflows and events are not there when programs are replayed alone.
const plans = plansOf('runs')
const times = Number(process.env.PERDURE_RUNS ?? 1)
const { PERDURE_SEED } = process.env
const seed = PERDURE_SEED === undefined ? undefined : Number(PERDURE_SEED)
const scopes = watchScopes()
afterEach(() => scopes.disable())

const options = (numRuns: number, ordinarySeed: number) => {
  const chosen = times === 1 ? (seed ?? ordinarySeed) : seed
  return { numRuns: Math.ceil(numRuns * times), ...(chosen !== undefined && { seed: chosen }) }
}

/** So many of them, from the first to the last. */
function some(states: readonly Rows[], most: number): Rows[] {
  const step = Math.max(1, (states.length - 1) / (most - 1))
  const chosen: Rows[] = []
  for (let at = 0; at < states.length; at += step) chosen.push(states[Math.floor(at)] ?? new Map())
  return chosen
}

const dies = ({ parts }: Program): boolean => parts.some(({ kind }) => kind === 'dies')

test('every run is the same to its own code, wherever it was crashed', async () => {
  let replayed = 0
  const property = fc.asyncProperty(plans, async plan => {
    const workflows = bareWorkflows(plan.programs)
    const isMortal = plan.programs.some(dies)
    for (const rows of some(await statesOf(plan), 16)) {
      const report = await replayJournals(workflows, { rows }, { ended: !isMortal })
      replayed += report.live.runs + report.ended.runs
      // What died does not die here: then it goes on.
      expect(report.list.filter(({ verdict }) => !isMortal || verdict !== 'extends')).toEqual([])
    }
    scopes.disable()
  })
  await fc.assert(property, options(70, 1))
  expect(replayed).toBeGreaterThan(1_000 * times)
})

test('other code diverges exactly where an engine parks the run', async () => {
  const seen = { diverges: 0, others: 0 }
  const property = fc.asyncProperty(plans, mutations, fc.nat(), async (plan, mutation, pick) => {
    const states = (await statesOf(plan)).filter(hasLive)
    const rows = states[pick % states.length]
    if (rows === undefined) return
    const workflows = bareWorkflows(plan.programs.map(program => mutated(program, mutation)))
    const report = await replayJournals(workflows, { rows })
    const diverging = report.list.filter(({ verdict }) => verdict === 'diverges')
    const parked = await parkedByEngine(rows, workflows)
    expect(diverging.map(({ run }) => run)).toEqual(parked.toSorted())
    seen.diverges += diverging.length
    seen.others += report.live.runs - diverging.length
    scopes.disable()
  })
  await fc.assert(property, options(140, 1))
  expect(seen.diverges).toBeGreaterThan(20 * times)
  expect(seen.others).toBeGreaterThan(20 * times)
})
