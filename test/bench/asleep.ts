import { openEngine, type WorkflowContext, workflow } from '../../src/index.ts'
import type { Figure } from './figure.ts'
import { inDirectory } from './place.ts'

const SLEEPERS = 100_000
const FINISHED = 100_000

const sleeper = workflow({ id: 'sleeper' }, async ({ step }: WorkflowContext<number>) => {
  await step.sleep('1d')
})
const quick = workflow({ id: 'quick' }, async ({ event, step }: WorkflowContext<number>) => {
  await step.run('a', () => event.data)
  await step.run('b', () => event.data)
  await step.run('c', () => event.data)
})

/** 100,000 runs asleep for a day beside a million entries of runs that have ended. */
export async function asleepBench(): Promise<Figure[]> {
  return inDirectory(async path => {
    const options = { path, workflows: [sleeper, quick], durability: 'os' as const }
    let heapEach = 0
    {
      await using engine = await openEngine(options)
      const before = heap()
      await inParallel(SLEEPERS, i => engine.start(sleeper, i).then(() => undefined))
      heapEach = (heap() - before) / SLEEPERS
      await inParallel(FINISHED, async i => {
        await (await engine.start(quick, i)).result()
      })
    }
    const started = performance.now()
    await using engine = await openEngine(options)
    const reopened = performance.now() - started
    const { runs, timers, resident } = engine.stats()
    if (runs !== SLEEPERS || timers !== SLEEPERS || resident !== 0) throw new Error('runs are lost')
    return [
      {
        name: '100,000 runs asleep for a day',
        value: heapEach,
        unit: 'B of heap each',
        goal: '<= 250',
      },
      {
        name: 'reopening with them, beside 1,000,000 ended entries',
        value: reopened / 1_000,
        unit: 's',
        goal: '<= 1.5',
      },
    ]
  })
}

async function inParallel(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0
  const line = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: 500 }, line))
}

function heap(): number {
  if (globalThis.gc === undefined) throw new Error('run with node --expose-gc')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
