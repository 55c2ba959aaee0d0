import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Figure, median } from './figure.ts'
import { inDirectory } from './place.ts'
import type { Spent } from './watched/child.ts'

const SECONDS = 2
const ROUNDS = 10
const SETTLED_MS = 700

type Watcher = 'tail' | 'list'

/**
 * What an engine spends on a turn while somebody looks on, to what it spends while he looks on at
 * another one, which does the same: so the processors are as busy, and what differs is its own part.
 */
export async function watchedBench(): Promise<Figure[]> {
  return inDirectory(one => inDirectory(other => watched(one, other)))
}

async function watched(one: string, other: string): Promise<Figure[]> {
  const engines = [await opened(one), await opened(other)]
  try {
    await spent(engines)
    const figures: Figure[] = []
    for (const watcher of ['tail', 'list'] as const) {
      const rounds = []
      for (let round = 0; round < ROUNDS; round++) {
        // Of the first engine; by turns which comes first.
        const its = round % 2 === 0
        const first = await whileSomebody(watcher, its ? one : other, () => spent(engines))
        const second = await whileSomebody(watcher, its ? other : one, () => spent(engines))
        rounds.push(its ? { its: first, theirs: second } : { its: second, theirs: first })
      }
      figures.push(
        { name: `3,000 turns/s, ${watcher} at another`, ...usOf(rounds.map(r => r.theirs)) },
        {
          ...{ name: `  ${watcher} at this one`, ...usOf(rounds.map(({ its }) => its)) },
          ratio: median(rounds.map(({ its, theirs }) => its.us / theirs.us)),
          goal: '<= 1.05',
        },
      )
    }
    return figures
  } finally {
    for (const { child } of engines) child.disconnect()
  }
}

const usOf = (spent: readonly Spent[]): Pick<Figure, 'value' | 'unit'> => ({
  ...{ value: median(spent.map(({ us }) => us)), unit: 'us of CPU a turn' },
})

interface Loaded {
  readonly child: ChildProcess
}

async function opened(path: string): Promise<Loaded> {
  const child = fork(fileURLToPath(new URL('./watched/child.js', import.meta.url)), [path])
  await once(child, 'message')
  return { child }
}

/** Both make turns; what the first one spent on each. */
async function spent(engines: readonly Loaded[]): Promise<Spent> {
  const told = engines.map(async ({ child }): Promise<Spent> => {
    const answer = once(child, 'message')
    child.send(SECONDS)
    const [spent] = await answer
    return spent
  })
  const [first] = await Promise.all(told)
  if (first === undefined) throw new Error('nothing was spent')
  return first
}

async function whileSomebody<Result>(
  watcher: Watcher,
  path: string,
  work: () => Promise<Result>,
): Promise<Result> {
  let over = false
  let child = command(path, watcher)
  // A list ends, and is asked for again.
  const again = (): void => {
    if (over) return
    child = command(path, watcher)
    child.on('exit', again)
  }
  child.on('exit', again)
  await new Promise(resolve => setTimeout(resolve, SETTLED_MS))
  try {
    return await work()
  } finally {
    over = true
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
}

function command(path: string, watcher: Watcher): ChildProcess {
  const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
  return spawn(process.execPath, [main, watcher, '-d', path, '-o', 'ndjson'], { stdio: 'ignore' })
}
