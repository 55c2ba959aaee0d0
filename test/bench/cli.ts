import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { openEngine, type WorkflowContext, workflow } from '../../src/index.ts'
import { type Figure, median } from './figure.ts'
import { inDirectory } from './place.ts'
import { plainEnv } from './plain-env.ts'

const ENTRIES = 100_000
/** Scheduled, started, its step scheduled and done, completed. */
const ENTRIES_OF_RUN = 5
const ROUNDS = 20
const WARM_UP = 2

const greeting = workflow({ id: 'greeting' }, async ({ event, step }: WorkflowContext) =>
  step.run('greet', () => `Hello ${JSON.stringify(event.data)}`),
)

const MAIN = resolve('dist/src/cli/main.js')

/** Whole processes of the built command, by turns with processes that do nothing. */
export async function cliBench(): Promise<Figure[]> {
  return inDirectory(async path => {
    await using engine = await openEngine({ path, workflows: [greeting], retention: '1000d' })
    const runs = ENTRIES / ENTRIES_OF_RUN
    for (let at = 0; at < runs; at += 500) await greet(engine, at, Math.min(runs, at + 500))
    const list = ['list', '-d', path]
    const help = { help: ['--help'], version: ['--version'], 'list --help': ['list', '--help'] }
    const attached = {
      'list, of the engine': list,
      'list, of a copy beside the engine': [...list, '--snapshot'],
    }
    const told = [...(await figures(help, 150)), ...(await figures(attached, 250))]
    await engine.close()
    return [...told, ...(await figures({ 'list, of a copy': list }, 250))]
  })
}

type Engine = Awaited<ReturnType<typeof openEngine>>

async function greet(engine: Engine, from: number, to: number): Promise<void> {
  const started = []
  for (let run = from; run < to; run++)
    started.push(engine.start(greeting, run, { id: `run-${run}` }))
  for (const run of await Promise.all(started)) await run.result()
}

async function figures(
  commands: { readonly [name: string]: readonly string[] },
  most: number,
): Promise<Figure[]> {
  const floors: number[] = []
  const times = new Map<string, number[]>(Object.keys(commands).map(name => [name, []]))
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const floor = await timeOf(['-e', ''])
    if (round >= 0) floors.push(floor)
    for (const [name, args] of Object.entries(commands)) {
      const took = await timeOf([MAIN, ...args])
      if (round >= 0) times.get(name)?.push(took)
    }
  }
  const floor = median(floors)
  return [...times].flatMap(([name, took]) => [
    { name: `perdure ${name}`, value: median(took), unit: 'ms', goal: `< ${most}` },
    // On a machine that is busy with something else this tells more.
    {
      name: '  to a process that does nothing',
      value: median(ratios(took, floors)),
      unit: 'times',
    },
    { name: '  which takes, meanwhile', value: floor, unit: 'ms' },
  ])
}

const ratios = (took: readonly number[], floors: readonly number[]): readonly number[] =>
  took.map((ms, round) => ms / (floors[round] ?? Number.NaN))

/** Not waited for in a row: the engine that answers may be in this process. */
async function timeOf(args: readonly string[]): Promise<number> {
  const started = performance.now()
  await promisify(execFile)(process.execPath, args, { env: plainEnv() })
  return performance.now() - started
}
