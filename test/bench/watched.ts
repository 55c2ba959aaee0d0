import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Engine, openEngine, type WorkflowContext, workflow } from '../../src/index.ts'
import { type Figure, median } from './figure.ts'
import { inDirectory } from './place.ts'

const three = workflow({ id: 'three' }, async ({ event, step }: WorkflowContext<{ n: number }>) => {
  const a = await step.run('a', () => event.data.n + 1)
  const b = await step.run('b', async () => a + 1)
  return step.run('c', () => b + 1)
})

/** Each run of three steps is four turns, its start included. */
const TURNS_A_RUN = 4
const TURNS_A_SECOND = 3_000
const TICK_MS = 10
const SECONDS = 2
const ROUNDS = 10

type Watcher = 'nobody' | 'tail' | 'list'

/** What the engine's process spends on a turn while somebody looks on, to what it does alone. */
export async function watchedBench(): Promise<Figure[]> {
  const spent: { readonly [Name in Watcher]: number[] } = { nobody: [], tail: [], list: [] }
  const order: readonly Watcher[] = ['nobody', 'tail', 'list']
  await inDirectory(async path => {
    await using engine = await openEngine({ path, workflows: [three] })
    await steady(engine, SECONDS)
    for (let round = 0; round < ROUNDS; round++) {
      for (let at = 0; at < order.length; at++) {
        const watcher = order[(at + round) % order.length] ?? 'nobody'
        spent[watcher].push(await measured(engine, path, watcher))
      }
    }
  })
  const alone = median(spent.nobody)
  const figure = (name: string, of: Watcher): Figure => ({
    ...{ name, value: median(spent[of]), unit: 'us of CPU a turn' },
    ratio: median(spent[of].map((us, round) => us / (spent.nobody[round] ?? us))),
    goal: '<= 1.05',
  })
  return [
    { name: '3,000 turns/s, nobody looks', value: alone, unit: 'us of CPU a turn' },
    figure('  while tail follows, as NDJSON', 'tail'),
    figure('  while list is called, again and again', 'list'),
  ]
}

async function measured(engine: Engine, path: string, watcher: Watcher): Promise<number> {
  const end = watcher === 'nobody' ? async () => {} : await watch(path, watcher)
  await steady(engine, 0.5)
  const before = process.cpuUsage()
  const turns = await steady(engine, SECONDS)
  const { user, system } = process.cpuUsage(before)
  await end()
  return (user + system) / turns
}

/** Starts as many runs as make so many turns; gives how many turns there were. */
async function steady(engine: Engine, seconds: number): Promise<number> {
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

async function watch(path: string, watcher: Watcher): Promise<() => Promise<void>> {
  let over = false
  let child = command(path, watcher)
  // What is printed must be read, and the first of it shows that it looks on.
  const again = (): void => {
    if (over || watcher !== 'list') return
    child = command(path, watcher)
    child.on('exit', again)
  }
  child.on('exit', again)
  await new Promise(resolve => setTimeout(resolve, 500))
  return async () => {
    over = true
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

function command(path: string, watcher: Watcher): ChildProcess {
  const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
  return spawn(process.execPath, [main, watcher, '-d', path, '-o', 'ndjson'], { stdio: 'ignore' })
}
