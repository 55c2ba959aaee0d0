import { type Engine, openEngine, type WorkflowContext, workflow } from '../../src/index.ts'
import { type Figure, median } from './figure.ts'
import { inDirectory } from './place.ts'
import { floorWork, openLevel, recordingStore, runFloor, type Written } from './recorder.ts'

const three = workflow({ id: 'three' }, async ({ event, step }: WorkflowContext<{ n: number }>) => {
  const a = await step.run('a', () => event.data.n + 1)
  const b = await step.run('b', async () => a + 1)
  const c = await step.run('c', () => b + 1)
  return { c }
})

const RUNS = 4_000
const IN_FLIGHT = 100
const ROUNDS = 5

/** 3-step runs, 100 in flight, synced: against the bare writes and sends of the same runs. */
export async function throughputBench(): Promise<Figure[]> {
  const written: Written[] = []
  await inDirectory(async path => {
    await using engine = await openEngine({
      path,
      workflows: [three],
      store: recordingStore(path, written),
    })
    await manyRuns(engine, RUNS)
  })
  const work = floorWork(written)
  const ours: number[] = []
  const floors: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    floors.push((RUNS / (await inDirectory(path => runFloor(path, work)))) * 1_000)
    ours.push(await inDirectory(path => measured(path)))
  }
  const ratio = median(ours.map((rate, round) => rate / (floors[round] ?? rate)))
  return [
    { name: `floor: ${written.length} batches, bare`, value: median(floors), unit: 'runs/s' },
    {
      name: '3-step runs, 100 in flight, fsync',
      value: median(ours),
      unit: 'runs/s',
      ratio,
      goal: '>= 0.7',
    },
  ]
}

async function measured(path: string): Promise<number> {
  await using engine = await openEngine({ path, workflows: [three] })
  await manyRuns(engine, 500)
  const started = performance.now()
  await manyRuns(engine, RUNS)
  return (RUNS / (performance.now() - started)) * 1_000
}

async function manyRuns(engine: Engine, runs: number): Promise<void> {
  let begun = 0
  const line = async (): Promise<void> => {
    while (begun++ < runs) await (await engine.start(three, { n: 1 })).result()
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, line))
}

/** One 3-step run at a time: against four synced single puts. */
export async function latencyBench(): Promise<Figure[]> {
  const ratios: number[] = []
  const ours: number[] = []
  const floors: number[] = []
  await inDirectory(async path => {
    await using engine = await openEngine({ path, workflows: [three] })
    const db = openLevel(`${path}-floor`)
    await db.open()
    const value = new Uint8Array(150)
    for (let round = 0; round < 600; round++) {
      let started = performance.now()
      for (let i = 0; i < 4; i++) await db.put(`key-${round}-${i}`, value, { sync: true })
      const floor = performance.now() - started
      started = performance.now()
      await (await engine.start(three, { n: 1 })).result()
      const took = performance.now() - started
      if (round < 100) continue
      ours.push(took)
      floors.push(floor)
      ratios.push(took / floor)
    }
    await db.close()
  })
  return [
    { name: 'floor: four synced puts', value: median(floors), unit: 'ms' },
    {
      name: 'one 3-step run at a time, fsync',
      value: median(ours),
      unit: 'ms',
      ratio: median(ours) / median(floors),
      goal: '<= 1.4',
    },
  ]
}
