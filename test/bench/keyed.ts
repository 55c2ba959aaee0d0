import { type Engine, event, openEngine, type WorkflowContext, workflow } from '../../src/index.ts'
import { type Figure, median } from './figure.ts'
import { inDirectory } from './place.ts'

interface Order {
  readonly user: string
  readonly place: number
}

const orders = {
  free: event<'order/free', Order>('order/free'),
  run: event<'order/run', Order>('order/run'),
  step: event<'order/step', Order>('order/step'),
}
type Per = keyof typeof orders

/** Whom to tell that a run has done its last step. */
const told = new Map<number, () => void>()

const three = async ({ event, step }: WorkflowContext<Order>): Promise<string> => {
  const { user, place } = event.data
  const a = await step.run('a', () => user)
  const b = await step.run('b', async () => `${a}!`)
  const c = await step.run('c', () => `${b}!`)
  told.get(place)?.()
  return c
}

const keyed = (per: 'run' | 'step') =>
  workflow(
    {
      id: per,
      triggers: [orders[per]],
      concurrency: { limit: 2, key: 'event.data.user', per },
    },
    three,
  )

const workflows = {
  free: workflow({ id: 'free', triggers: [orders.free] }, three),
  run: keyed('run'),
  step: keyed('step'),
}

const RUNS = 500
const KEYS = 10_000
const IN_FLIGHT = 100
const ROUNDS = 21
const TURNS: readonly Per[] = ['free', 'run', 'step']

/** Runs of three steps under a limit for each of 10,000 keys: against the same workflow without. */
export async function keyedBench(): Promise<Figure[]> {
  return [...(await compared('started', started)), ...(await compared('by events', byEvents))]
}

type Way = (engine: Engine, per: Per, from: number) => Promise<void>

/** What some runs took together: ms that passed, and of the processor. */
interface Took {
  readonly ms: number
  readonly cpu: number
}

/** In turns on one engine, so that whatever else the machine does slows all of them down. */
async function compared(name: string, way: Way): Promise<Figure[]> {
  const took: { readonly [Each in Per]: Took[] } = { free: [], run: [], step: [] }
  await inDirectory(async path => {
    await using engine = await openEngine({ path, workflows: Object.values(workflows) })
    for (const per of TURNS) await measured(engine, per, way, 0)
    for (let round = 1; round <= ROUNDS; round++) {
      // Nobody is always the first.
      const order = [...TURNS.slice(round % 3), ...TURNS.slice(0, round % 3)]
      for (const per of order) took[per].push(await measured(engine, per, way, round * RUNS))
    }
  })
  const each = (per: Per, of: (took: Took, free: Took) => number): number =>
    median(took[per].map((mine, round) => of(mine, took.free[round] ?? mine)))
  return TURNS.flatMap((per): Figure[] => {
    const limit = per === 'free' ? 'no limit' : `limit per ${per} for 10,000 keys`
    const rate = each(per, ({ ms }) => (RUNS / ms) * 1_000)
    const figure = { name: `3-step runs ${name}, ${limit}`, value: rate, unit: 'runs/s' }
    const cpu = each(per, mine => mine.cpu / RUNS)
    const work = { name: '  of the processor', value: cpu, unit: 'us a run' }
    if (per === 'free') return [figure, work]
    return [
      { ...figure, ratio: each(per, (mine, free) => free.ms / mine.ms), goal: '>= 0.7' },
      { ...work, ratio: each(per, (mine, free) => mine.cpu / free.cpu) },
    ]
  })
}

async function measured(engine: Engine, per: Per, way: Way, from: number): Promise<Took> {
  const before = process.cpuUsage()
  const begun = performance.now()
  await way(engine, per, from)
  const ms = performance.now() - begun
  const { user, system } = process.cpuUsage(before)
  return { ms, cpu: user + system }
}

// 7,919 has no divisor in common with the number of keys: none comes twice before all have come.
const order = (place: number): Order => ({ place, user: `user ${(place * 7_919) % KEYS}` })

async function started(engine: Engine, per: Per, from: number): Promise<void> {
  await inParallel(from, async place => {
    await (await engine.start(workflows[per], order(place))).result()
  })
}

async function byEvents(engine: Engine, per: Per, from: number): Promise<void> {
  await inParallel(from, async place => {
    const done = new Promise<void>(resolve => told.set(place, resolve))
    await engine.send(orders[per](order(place)))
    await done
    told.delete(place)
  })
  while (engine.stats().runs > 0) await new Promise(resolve => setTimeout(resolve, 1))
}

async function inParallel(from: number, work: (place: number) => Promise<void>): Promise<void> {
  let next = from
  const line = async (): Promise<void> => {
    while (next < from + RUNS) await work(next++)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, line))
}
