import { expect, test } from 'vitest'
import { event, type Workflow, type WorkflowContext, workflow } from '../../src/index.ts'
import { type TestEngine, testEngine } from '../../src/testing/index.ts'

interface Job {
  readonly key: string
}
const came = event<'job/came', Job>('job/came')

const LIGHT = Array.from({ length: 9 }, (_, at) => `light ${at}`)
const HEAVY = 'heavy'
const MANY = 100
/** Of a thousand ticks of 100 ms, so many bring an event of a light key. */
const OFTEN = 30
const TICKS = 300
/** What any of these may cost the others. */
const AT_MOST = 2

type Latencies = readonly number[]

/** Ten keys, one of them a hundred times as busy as each of the others. */
interface Setting {
  readonly name: string
  workflow(told: (key: string, ts: number) => void): Workflow<Job, void>
}

/** Takes a second, which it sleeps while it keeps its place. */
const body =
  (told: (key: string, ts: number) => void) =>
  async ({ event, step }: WorkflowContext<Job>): Promise<void> => {
    await step.sleep('work', '1s')
    await step.run('end', () => told(event.data.key, event.ts))
  }

const all = { limit: 10, per: 'run' } as const
const triggers = [came] as const
const settings: readonly Setting[] = [
  {
    name: 'ten at once, three of a key',
    workflow: told => {
      const own = { limit: 3, key: 'event.data.key', per: 'run' } as const
      return workflow({ id: 'job', triggers, concurrency: [all, own] }, body(told))
    },
  },
  {
    name: 'ten at once, ten of a key',
    workflow: told => {
      const own = { limit: 10, key: 'event.data.key', per: 'run' } as const
      return workflow({ id: 'job', triggers, concurrency: [all, own] }, body(told))
    },
  },
  {
    name: 'ten at once, so many a second of a key',
    workflow: told => {
      const throttle = { limit: 100, period: '1s', key: 'event.data.key' } as const
      return workflow({ id: 'job', triggers, concurrency: all, throttle }, body(told))
    },
  },
]

test.each(settings)('a heavy key costs the others little: $name', async setting => {
  const alone = await latencies(setting, false)
  const beside = await latencies(setting, true)
  expect(alone.length).toBeGreaterThan(50)
  expect(beside).toHaveLength(alone.length)
  for (const share of [0.5, 0.95]) {
    expect(quantile(beside, share)).toBeLessThanOrEqual(AT_MOST * quantile(alone, share))
  }
})

test('a line that all keys share is first in, first out: the heavy key is before the others', async () => {
  const setting: Setting = {
    name: '',
    workflow: told => workflow({ id: 'job', triggers, concurrency: all }, body(told)),
  }
  const alone = await latencies(setting, false)
  const beside = await latencies(setting, true)
  expect(quantile(beside, 0.5)).toBeGreaterThan(10 * quantile(alone, 0.5))
})

/** From arrival to end, in ms of virtual time, of the runs of the light keys. */
async function latencies(setting: Setting, isHeavy: boolean): Promise<Latencies> {
  const took: number[] = []
  let engine: TestEngine | undefined
  const job = setting.workflow((key, ts) => {
    if (key !== HEAVY && engine !== undefined) took.push(engine.now.getTime() - ts)
  })
  await using opened = await testEngine({ workflows: [job] })
  engine = opened
  for (let tick = 0; tick < TICKS; tick++) {
    const arrivals = arrivalsAt(tick, isHeavy).map(key => came({ key }))
    if (arrivals.length > 0) await engine.send(arrivals)
    await engine.advance('100ms')
  }
  // Of the heavy key a lot is left to do; those who came last of the others are done with by then.
  await engine.advance('1m')
  return took
}

function arrivalsAt(tick: number, isHeavy: boolean): string[] {
  const light = LIGHT.filter((_, at) => dice(tick * LIGHT.length + at) < OFTEN)
  const heavy = isHeavy ? Math.floor((OFTEN * MANY) / 1_000) : 0
  // The heavy ones are there first.
  return [...Array.from({ length: heavy }, () => HEAVY), ...light]
}

/** From 0 to 999, the same each time. */
function dice(n: number): number {
  let x = Math.imul(n + 1, 0x9e3779b1)
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return ((x ^ (x >>> 16)) >>> 0) % 1_000
}

function quantile(values: Latencies, share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
}
