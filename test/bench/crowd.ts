import { readFileSync } from 'node:fs'
import { type Engine, event, openEngine, type WorkflowContext, workflow } from '../../src/index.ts'
import { type Figure, median } from './figure.ts'
import { inDirectory } from './place.ts'

const SIZES = [10_000, 100_000, 1_000_000] as const
const FEW = 1_000
const DRAINED = 2_000
const PARTS = 4
const AT_ONCE = 5_000
const SLOTS = 10
const MIB = 1 << 20

/** What is seen of a crowd while it comes together. */
interface Seen {
  readonly runs: number
  readonly heap: number
  readonly rss: number
  /** Of that, what is no mapped file, such as the tables of LevelDB. */
  readonly own: number
}

/** A million runs that wait to begin behind a limit of ten, beside a thousand. */
export async function crowdBench(): Promise<Figure[]> {
  const few = await inDirectory(path => inCrowd(path, [FEW + DRAINED]))
  const [many, opened] = await inDirectory(
    async path => [await inCrowd(path, SIZES), await reopened(path)] as const,
  )
  return [
    ...memory(many.seen),
    { name: '1,000,000 runs scheduled, 5,000 events a send', value: many.came, unit: 'runs/s' },
    { name: 'drained of at most 3,000 that wait', value: few.drained, unit: 'runs/s' },
    {
      name: 'drained of 1,000,000 that wait',
      value: many.drained,
      unit: 'runs/s',
      ratio: few.drained / many.drained,
      goal: 'at most 2',
    },
    { name: 'reopening with 1,000,000 that wait', value: opened.ms / 1_000, unit: 's' },
    { name: '  heap then', value: opened.heap / MIB, unit: 'MiB' },
    {
      name: '  drained then',
      value: opened.drained,
      unit: 'runs/s',
      ratio: few.drained / opened.drained,
      goal: 'at most 2',
    },
  ]
}

const memory = (seen: readonly Seen[]): Figure[] =>
  seen.flatMap(({ runs, heap, rss, own }) => [
    {
      name: `heap with ${runs.toLocaleString('en')} that wait`,
      value: heap / MIB,
      unit: 'MiB',
      ratio: heap / (seen[0]?.heap ?? heap),
    },
    { name: '  resident set', value: rss / MIB, unit: 'MiB', ratio: rss / (seen[0]?.rss ?? rss) },
    {
      name: '    but for mapped files',
      value: own / MIB,
      unit: 'MiB',
      ratio: own / (seen[0]?.own ?? own),
    },
  ])

interface Crowd {
  readonly seen: readonly Seen[]
  /** Runs scheduled in a second, and drained. */
  readonly came: number
  readonly drained: number
}

async function inCrowd(path: string, sizes: readonly number[]): Promise<Crowd> {
  const door = new Door()
  await using engine = await door.engine(path)
  const seen: Seen[] = []
  let ms = 0
  for (const runs of sizes) {
    const begun = performance.now()
    while (engine.stats().runs < runs) await send(engine, runs - engine.stats().runs)
    ms += performance.now() - begun
    seen.push({ runs, heap: heapUsed(), rss: process.memoryUsage.rss(), own: anonymous() })
  }
  const came = (engine.stats().runs / ms) * 1_000
  const drained = await door.drain()
  door.giveUp()
  return { seen, came, drained }
}

interface Opened {
  readonly ms: number
  readonly heap: number
  readonly drained: number
}

async function reopened(path: string): Promise<Opened> {
  const before = heapUsed()
  const door = new Door()
  const begun = performance.now()
  await using _ = await door.engine(path)
  const ms = performance.now() - begun
  const heap = heapUsed() - before
  const drained = await door.drain()
  door.giveUp()
  return { ms, heap, drained }
}

const coming = event<'crowd/came', { n: number }>('crowd/came')

/** Lets so many runs end, and no more. */
class Door {
  #left = 0
  #waiting: (() => void)[] = []
  #emptied = (): void => {}

  readonly #workflow = workflow(
    { id: 'crowd', triggers: [coming], concurrency: { limit: SLOTS, per: 'run' } },
    async ({ step }: WorkflowContext<{ n: number }>) => {
      await step.run('go', () => this.#pass())
    },
  )

  engine(path: string): Promise<Engine> {
    return openEngine({ path, workflows: [this.#workflow], durability: 'os' })
  }

  /** Runs that end in a second. */
  async drain(): Promise<number> {
    const rates: number[] = []
    for (let part = 0; part < PARTS; part++) {
      const count = DRAINED / PARTS
      const begun = performance.now()
      await new Promise<void>(resolve => {
        this.#emptied = resolve
        this.#left += count
        for (const go of this.#waiting.splice(0)) go()
      })
      rates.push((count / (performance.now() - begun)) * 1_000)
    }
    return median(rates)
  }

  giveUp(): void {
    this.#left = Number.POSITIVE_INFINITY
    this.#emptied = () => {}
    for (const go of this.#waiting.splice(0)) go()
  }

  async #pass(): Promise<void> {
    while (this.#left === 0) await new Promise<void>(resolve => this.#waiting.push(resolve))
    if (--this.#left === 0) this.#emptied()
  }
}

async function send(engine: Engine, most: number): Promise<void> {
  const count = Math.min(most, AT_ONCE)
  await engine.send(Array.from({ length: count }, (_, n) => coming({ n })))
}

function heapUsed(): number {
  if (globalThis.gc === undefined) throw new Error('heap figures need node --expose-gc')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

/** What is resident of memory that belongs to no file. Only Linux tells: elsewhere nothing. */
function anonymous(): number {
  if (process.platform !== 'linux') return Number.NaN
  const [, kilobytes] =
    /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Number(kilobytes) * 1_024
}
