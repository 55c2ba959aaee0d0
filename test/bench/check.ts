import { type WorkflowContext, workflow } from '../../src/index.ts'
import { check, explore, testEngine } from '../../src/testing/index.ts'
import { type Figure, median } from './figure.ts'

const three = workflow({ id: 'three' }, async ({ step }: WorkflowContext) => {
  const a = await step.run('a', () => 1)
  const b = await step.run('b', () => a + 1)
  return step.run('c', () => b + 1)
})

const patient = workflow({ id: 'patient' }, async ({ step }: WorkflowContext) => {
  await step.sleep('wait', '1000d')
})

const names = ['a', 'b', 'c', 'd'] as const
const four = workflow({ id: 'four', retries: 0 }, async ({ step }: WorkflowContext) => {
  await Promise.allSettled(names.map(id => step.run(id, () => id)))
})
const either = { outcomes: ['ok', 'error'] as const }

const SCHEDULES = 2_000
const ROUNDS = 5

/**
 * Schedules that a search goes through, faults and properties included: those that it draws, and of
 * these those that it has not run before. The ones it does not run again are the cheapest.
 */
export async function checkBench(): Promise<Figure[]> {
  const rates: number[] = []
  const runs: number[] = []
  for (let seed = 0; seed <= ROUNDS; seed++) {
    const begun = process.cpuUsage()
    const { schedules, repeated } = await check(
      {
        workflows: [three],
        world: () => ({ calls: 0 }),
        steps: { a: (_, world) => ++world.calls },
        properties: { always: { 'never more than three': ({ world }) => world.calls <= 4 } },
      },
      { seed, schedules: SCHEDULES, ms: 600_000, regressions: false },
    )
    const { user, system } = process.cpuUsage(begun)
    const seconds = (user + system) / 1e6
    if (seed === 0) continue
    rates.push(schedules / seconds)
    runs.push((schedules - repeated) / seconds)
  }
  const days = await daysBench()
  const began = performance.now()
  const explored = await explore(
    {
      workflows: [four],
      steps: { a: either, b: either, c: either, d: either },
      faults: { crashes: 1, cancels: 1 },
    },
    { ms: 600_000, schedules: 1_000_000 },
  )
  const took = (performance.now() - began) / 1_000
  if (!explored.isComplete) throw new Error(explored.text)
  return [
    { name: 'schedules checked on one core', value: median(rates), unit: '/s', goal: '>= 2,000' },
    { name: '  of these run, as they were new', value: median(runs), unit: '/s' },
    { name: 'a test of a thousand days', value: days, unit: 'ms', goal: '< 20' },
    { name: 'four steps, a crash, a cancellation: schedules', value: explored.schedules, unit: '' },
    { name: '  all explored in', value: took, unit: 's' },
  ]
}

async function daysBench(): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 21; round++) {
    const begun = performance.now()
    await using engine = await testEngine({ workflows: [patient] })
    const run = await engine.start(patient)
    await engine.advance('1000d')
    if (run.status !== 'completed') throw new Error(run.status)
    times.push(performance.now() - begun)
  }
  return median(times)
}
