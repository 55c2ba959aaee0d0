import { openEngine, type WorkflowContext, workflow } from '../../src/index.ts'
import type { Figure } from './figure.ts'
import { inDirectory } from './place.ts'

const STEPS = 10_000

/** A run of 10,000 steps: whether the last thousand cost what the first did, and its replay. */
export async function longRunBench(): Promise<Figure[]> {
  const at: number[] = []
  let replayed = 0
  let open = false
  const long = workflow({ id: 'long' }, async ({ step }: WorkflowContext<undefined>) => {
    for (let i = 0; i < STEPS; i++) {
      await step.run('each', () => i)
      if (!open) at.push(performance.now())
    }
    replayed = performance.now()
    await step.sleep('end', open ? '0s' : '30d')
  })
  return inDirectory(async path => {
    let entries = 0
    {
      await using engine = await openEngine({ path, workflows: [long], durability: 'os' })
      const run = await engine.start(long, undefined, { id: 'long' })
      while (at.length < STEPS) await new Promise(resolve => setTimeout(resolve, 5))
      while (engine.stats().timers === 0) await new Promise(resolve => setTimeout(resolve, 5))
      for await (const _ of run.entries()) entries++
    }
    open = true
    const took = (from: number, to: number): number => (at[to] ?? 0) - (at[from] ?? 0)
    const first = took(1_000, 2_000)
    const last = took(STEPS - 1_001, STEPS - 1)
    await using engine = await openEngine({ path, workflows: [long], durability: 'os' })
    const started = performance.now()
    await engine.cancel('long')
    const replay = ((replayed - started) * 1_000) / entries
    return [
      {
        name: 'a run of 10,000 steps: last thousand to second',
        value: (last / 1_000) * 1_000,
        unit: 'us a step',
        ratio: last / first,
        goal: '<= 1.3',
      },
      { name: 'its replay', value: replay, unit: 'us an entry', goal: '<= 25' },
    ]
  })
}
