import { event, openEngine, type WorkflowContext, workflow } from '../../src/index.ts'
import { type Figure, median } from './figure.ts'
import { inDirectory } from './place.ts'

const coming = event<'fair/came', { key: number }>('fair/came')

const KEYS = 10
const HEAVY = 0
const MANY = 100
const TICK_MS = 50
/** For each of the light keys there is an event in one of so many ticks. */
const SELDOM = 10
const TICKS = 100
const BODY_MS = 20

/**
 * Ten keys, one with a hundred times the load of the others, under a shared limit of ten and one of
 * three for each: from the arrival of an event of the others to the end of its run, with the heavy
 * key and without.
 */
export async function fairnessBench(): Promise<Figure[]> {
  const rounds: { readonly alone: number[]; readonly beside: number[] }[] = []
  for (let round = 0; round < 3; round++) {
    rounds.push({ alone: await latencies(false), beside: await latencies(true) })
  }
  return [0.5, 0.95].flatMap((share): Figure[] => {
    const name = `arrival to end beside others, ${share * 100} % take less`
    const alone = median(rounds.map(round => quantile(round.alone, share)))
    const beside = median(rounds.map(round => quantile(round.beside, share)))
    return [
      { name, value: alone, unit: 'ms' },
      {
        name: '  beside a key with a hundred times the load',
        value: beside,
        unit: 'ms',
        ratio: beside / alone,
        goal: 'at most 2',
      },
    ]
  })
}

const latencies = (isHeavy: boolean): Promise<number[]> =>
  inDirectory(async path => {
    const took: number[] = []
    const fair = workflow(
      {
        id: 'fair',
        triggers: [coming],
        concurrency: [{ limit: 10 }, { limit: 3, key: 'event.data.key' }],
      },
      async ({ event, step }: WorkflowContext<{ key: number }>) => {
        await step.run('work', () => passed(BODY_MS))
        if (event.data.key !== HEAVY) took.push(Date.now() - event.ts)
      },
    )
    await using engine = await openEngine({ path, workflows: [fair], durability: 'os' })
    let came = 0
    for (let tick = 0; tick < TICKS; tick++) {
      const keys = keysAt(tick, isHeavy)
      came += keys.filter(key => key !== HEAVY).length
      const next = passed(TICK_MS)
      if (keys.length > 0) await engine.send(keys.map(key => coming({ key })))
      await next
    }
    while (took.length < came) await passed(TICK_MS)
    return took
  })

/** Those of the heavy key are there first. */
function keysAt(tick: number, isHeavy: boolean): number[] {
  const heavy = isHeavy ? MANY / SELDOM : 0
  const others = Array.from({ length: KEYS - 1 }, (_, at) => at + 1)
  const light = others.filter(key => (tick + key) % SELDOM === 0)
  return [...Array.from({ length: heavy }, () => HEAVY), ...light]
}

const passed = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
}
