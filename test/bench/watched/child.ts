import { openEngine, type WorkflowContext, workflow } from '../../../src/index.ts'

/** Each run of three steps is four turns, its start included. */
const TURNS_A_RUN = 4
const TURNS_A_SECOND = 3_000
const TICK_MS = 10

const three = workflow({ id: 'three' }, async ({ event, step }: WorkflowContext<{ n: number }>) => {
  const a = await step.run('a', () => event.data.n + 1)
  const b = await step.run('b', async () => a + 1)
  return step.run('c', () => b + 1)
})

/** What is told of so many seconds: microseconds of the processor for each turn, and how many were made. */
export interface Spent {
  readonly us: number
  readonly turns: number
  readonly seconds: number
}

/*
 * An engine in a process of its own, which makes turns as long as it is told to:
 *
 *   child.js <path>     told: seconds     tells: Spent; {} when it is open
 */
const [path = ''] = process.argv.slice(2)
const engine = await openEngine({ path, workflows: [three] })

process.on('message', async (seconds: number) => process.send?.(await spentIn(seconds)))
process.on('disconnect', () => process.exit())
process.send?.({})

async function spentIn(seconds: number): Promise<Spent> {
  const [before, began] = [process.cpuUsage(), performance.now()]
  const turns = await steady(seconds)
  const { user, system } = process.cpuUsage(before)
  return { us: (user + system) / turns, turns, seconds: (performance.now() - began) / 1_000 }
}

/** Starts as many runs as make so many turns; gives how many turns there were. */
async function steady(seconds: number): Promise<number> {
  const began = performance.now()
  const rate = TURNS_A_SECOND / TURNS_A_RUN / 1_000
  const ends: Promise<unknown>[] = []
  while (performance.now() - began < seconds * 1_000) {
    const due = (performance.now() - began) * rate
    while (ends.length < due) {
      ends.push(engine.start(three, { n: ends.length }).then(run => run.result()))
    }
    await new Promise(resolve => setTimeout(resolve, TICK_MS))
  }
  await Promise.all(ends)
  return ends.length * TURNS_A_RUN
}
