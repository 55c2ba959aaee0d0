import { openEngine, type WorkflowContext, workflow } from '../../src/index.ts'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { VirtualClock } from '../../src/testing/clock.ts'
import { Disk, type DiskWrite } from '../../src/testing/disk.ts'
import { type Figure, median } from './figure.ts'

const three = workflow({ id: 'three' }, async ({ event, step }: WorkflowContext<{ n: number }>) => {
  const a = await step.run('a', () => event.data.n + 1)
  const b = await step.run('b', async () => a + 1)
  const c = await step.run('c', () => b + 1)
  return { c }
})

const TRIALS = 500
const ROUNDS = 9
const WARM_UP = 2

/** One schedule of a simulation: an engine on a disk and a clock in memory, opened, run, closed. */
export async function scheduleBench(): Promise<Figure[]> {
  const written: DiskWrite[] = []
  await trial(0, newSpent(), written)
  const floors: number[] = []
  const all: number[] = []
  const parts: Spent[] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const floor = await perTrial(() => writeAgain(written))
    const spent = newSpent()
    const took = await perTrial(n => trial(n, spent))
    if (round < 0) continue
    floors.push(floor)
    all.push(took)
    parts.push(spent)
  }
  const [floor, whole] = [median(floors), median(all)]
  const part = (name: keyof Spent): Figure => ({
    name: `  of which ${name}`,
    value: median(parts.map(spent => (100 * spent[name]) / (spent.open + spent.run + spent.close))),
    unit: '%',
  })
  return [
    { name: 'floor: its writes on the disk alone, CPU', value: floor, unit: 'us' },
    { name: 'one schedule of a 3-step run, CPU', value: whole, unit: 'us', ratio: whole / floor },
    part('open'),
    part('run'),
    part('close'),
    { name: 'schedules on one core', value: 1e6 / whole, unit: '/s', goal: '>= 2,000' },
  ]
}

/** Time that passed: to ask for the time of the processor would take long beside it. */
interface Spent {
  open: number
  run: number
  close: number
}

const newSpent = (): Spent => ({ open: 0, run: 0, close: 0 })

async function trial(seed: number, spent: Spent, written?: DiskWrite[]): Promise<void> {
  const disk = new Disk()
  if (written !== undefined) disk.onWrite = write => void written.push(write)
  const begun = performance.now()
  const engine = await openEngine({
    path: 'simulated',
    store: disk.open(),
    ids: timeOrderedIds(chanceFrom(seed)),
    workflows: [three],
    clock: new VirtualClock(),
  })
  const opened = performance.now()
  const output = await (await engine.start(three, { n: seed })).result()
  const ran = performance.now()
  await engine.close()
  spent.open += opened - begun
  spent.run += ran - opened
  spent.close += performance.now() - ran
  if (output.c !== seed + 3) throw new Error(`the run gave ${output.c}`)
}

async function writeAgain(written: readonly DiskWrite[]): Promise<void> {
  const store = new Disk().open()
  for (const { puts, dels } of written) {
    const batch = store.batch()
    for (const [key, value] of puts) batch.put(key, value)
    for (const key of dels) batch.del(key)
    await batch.write()
  }
  await store.close()
}

async function perTrial(one: (n: number) => Promise<void>): Promise<number> {
  const begun = cpu()
  for (let n = 0; n < TRIALS; n++) await one(n)
  return (cpu() - begun) / TRIALS
}

// What helps the process on other threads (the garbage collector) counts as well.
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Bytes by chance, the same for the same seed. */
function chanceFrom(seed: number): (size: number) => Uint8Array {
  let state = seed
  return size => {
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; at++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      bytes[at] = state >>> 16
    }
    return bytes
  }
}
