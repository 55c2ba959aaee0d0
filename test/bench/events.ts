import { type Engine, event, openEngine, type WorkflowContext, workflow } from '../../src/index.ts'
import { type Figure, median } from './figure.ts'
import { inDirectory } from './place.ts'
import { floorWork, recordingStore, runFloor, type Written } from './recorder.ts'

const completed = event<'app/completed', { user: string }>('app/completed')

const waiter = workflow({ id: 'waiter' }, async ({ step }: WorkflowContext<{ user: string }>) => {
  const came = await step.waitForEvent('completed', {
    event: completed,
    match: 'data.user',
    timeout: '30d',
  })
  return came?.data.user
})

const FEW = 1_000
const MANY = 100_000
const SAMPLES = 300
const STORM = 4_000
const IN_FLIGHT = 100
const ROUNDS = 3
/** Collections in a row that hardly give anything back, and what that is, in bytes. */
const STILL = 5
const HARDLY = 50_000

/** One event that finds and resumes its run, beside 1,000 waits and beside 100,000. */
export async function resumeBench(): Promise<Figure[]> {
  const [few, many] = [await resuming(FEW), await resuming(MANY)]
  return [
    { name: 'one event resumes its run, of 1,000 that wait', value: few, unit: 'ms' },
    {
      name: 'one event resumes its run, of 100,000 that wait',
      value: many,
      unit: 'ms',
      ratio: many / few,
      goal: 'at most 2',
    },
  ]
}

const resuming = (count: number): Promise<number> =>
  inDirectory(async path => {
    await using engine = await openEngine({ path, workflows: [waiter], durability: 'os' })
    const runs = await waiting(engine, count)
    const took: number[] = []
    for (let sample = 0; sample < SAMPLES; sample++) {
      const place = Math.floor(((sample + 0.5) * count) / SAMPLES)
      const run = await engine.run(runs[place] ?? '')
      const started = performance.now()
      await engine.send(completed({ user: `u${place}` }))
      await run.result()
      took.push(performance.now() - started)
    }
    return median(took)
  })

/** Heap of runs that only wait, in an engine that has them from starting them, and from opening. */
export async function heldBench(): Promise<Figure[]> {
  const some = (engine: Engine) => waiting(engine, FEW)
  // What the code itself needs to be there is no part of a wait.
  await inDirectory(path => held(path, FEW, some))
  const [started, opened] = await inDirectory(async path => [
    await held(path, MANY, engine => waiting(engine, MANY)),
    await held(path, MANY, async () => {}),
  ])
  const figure = { unit: 'B a wait', goal: 'at most 400 B' }
  return [
    { name: '100,000 waits in an engine that started them', value: started ?? 0, ...figure },
    { name: '100,000 waits in an engine that was opened on them', value: opened ?? 0, ...figure },
  ]
}

// In a function of its own: nothing of one engine must be counted with the next.
async function held(
  path: string,
  count: number,
  begin: (engine: Engine) => Promise<unknown>,
): Promise<number> {
  const before = await heap()
  const limits = { residentRuns: 10 }
  await using engine = await openEngine({ path, workflows: [waiter], durability: 'os', limits })
  await begin(engine)
  while (engine.stats().waits < count) await new Promise(resolve => setTimeout(resolve, 10))
  return ((await heap()) - before) / count
}

/** Once nothing more goes: what was just closed may be in use for some ticks yet. */
async function heap(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('heap figures need node --expose-gc')
  let least = Number.POSITIVE_INFINITY
  for (let rounds = 0; rounds < STILL; rounds++) {
    await new Promise(resolve => setTimeout(resolve, 20))
    globalThis.gc()
    const { heapUsed } = process.memoryUsage()
    if (heapUsed < least - HARDLY) rounds = -1
    least = Math.min(least, heapUsed)
  }
  return least
}

/** Events that each resume a run, 100 in flight, synced: against the bare writes and sends. */
export async function eventsBench(): Promise<Figure[]> {
  const written: Written[] = []
  await inDirectory(async path => {
    const store = recordingStore(path, written)
    await using engine = await openEngine({ path, workflows: [waiter], store })
    await waiting(engine, STORM)
    written.length = 0
    await storm(engine)
  })
  const work = floorWork(written)
  const ours: number[] = []
  const floors: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    floors.push((STORM / (await inDirectory(path => runFloor(path, work)))) * 1_000)
    ours.push(
      await inDirectory(async path => {
        await using engine = await openEngine({ path, workflows: [waiter] })
        await waiting(engine, STORM)
        const started = performance.now()
        await storm(engine)
        return (STORM / (performance.now() - started)) * 1_000
      }),
    )
  }
  return [
    { name: `floor: ${written.length} batches, bare`, value: median(floors), unit: 'events/s' },
    {
      name: 'events that resume a run each, fsync',
      value: median(ours),
      unit: 'events/s',
      ratio: median(ours.map((rate, round) => rate / (floors[round] ?? rate))),
      goal: '>= 0.5',
    },
  ]
}

async function waiting(engine: Engine, count: number): Promise<string[]> {
  const runs: string[] = []
  await inParallel(count, async i => {
    runs[i] = (await engine.start(waiter, { user: `u${i}` })).id
  })
  return runs
}

/** Until the last run has ended. */
async function storm(engine: Engine): Promise<void> {
  await inParallel(STORM, async i => {
    await engine.send(completed({ user: `u${i}` }))
  })
  while (engine.stats().runs > 0) await new Promise(resolve => setTimeout(resolve, 1))
}

async function inParallel(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0
  const line = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, line))
}
