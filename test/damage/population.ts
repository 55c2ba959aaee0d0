import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Engine, openEngine, type RunHandle, type WorkflowContext, workflow } from 'perdure'
import * as z from 'zod'
import { copyConsistent } from '../../journal/leveldb/copy.ts'
import { VirtualClock } from '../../src/testing/clock.ts'

/** The files of a journal's directory, and what each held at earlier moments. */
export interface Population {
  readonly name: string
  /** Not closed: the process was killed, and the newest commits are in the log alone. */
  readonly killed: boolean
  readonly files: ReadonlyMap<string, Buffer>
  readonly older: ReadonlyMap<string, readonly Buffer[]>
}

interface Work {
  readonly session: number
  readonly bytes: number
}

type Context = WorkflowContext<Work>

const padded = ({ session, bytes }: Work, what: string): string =>
  `${what} ${session} `.repeat(Math.ceil(bytes / 8)).slice(0, bytes)

const quick = workflow({ id: 'quick' }, async ({ event, step }: Context) => {
  const text = await step.run('text', () => padded(event.data, 'quick'))
  return step.run('digits', () => Array.from(text, character => character.charCodeAt(0) % 7))
})

const failing = workflow({ id: 'failing', retries: 0 }, async ({ event, step }: Context) =>
  step.run('fail', () => {
    throw new RangeError(padded(event.data, 'too much'))
  }),
)

const sleeping = workflow({ id: 'sleeping' }, async ({ event, step }: Context) => {
  await step.run('prepare', () => padded(event.data, 'night'))
  await Promise.all([step.sleep('long', '30d'), step.sleepUntil('day', Date.UTC(2040, 0, 1))])
})

const backing = workflow({ id: 'backing', backoff: ['1d'] }, async ({ step }: Context) =>
  step.run('again', () => {
    throw new Error('not yet')
  }),
)

const running = workflow({ id: 'running' }, async ({ step }: Context) =>
  step.run('forever', () => new Promise(() => {})),
)

const waiting = workflow(
  {
    id: 'waiting',
    cancelOn: [{ event: 'damage/stop', match: 'data.name' }],
    schema: z.object({ name: z.string() }),
  },
  async ({ step }) =>
    step.waitForEvent('word', { event: 'damage/word', match: 'data.name', timeout: '30d' }),
)

const parent = workflow({ id: 'parent' }, async ({ event, step }: WorkflowContext<string>) =>
  step.invoke('child', { workflow: waiting, data: { name: event.data }, timeout: '20d' }),
)

const workflows = [quick, failing, sleeping, backing, running, waiting, parent]

/** The names of the events that are sent. */
export const EVENTS = ['damage/word', 'damage/stop']

const word = (name: string) => ({ name: 'damage/word', data: { name, text: name.repeat(9) } })

/** How many openings each population has seen: it decides which tables it has, and at which level. */
const CLOSED_AFTER = [2, 4, 6]
const KILLED_IN = [1, 5]
const SESSIONS = 6

/**
 * One journal, at several moments of its life. Opening a store turns its log into a table, and
 * compacts from the fourth one on: so some populations are compacted by the very opening that
 * should notice damage in them.
 */
export async function populate(scratch: () => Promise<string>): Promise<readonly Population[]> {
  const dir = join(await scratch(), 'journal')
  const clock = new VirtualClock()
  const populations: Population[] = []
  const earlier = new Map<string, Buffer[]>()
  const keep = async (name: string, from: string, killed: boolean): Promise<void> => {
    const files = await filesIn(from)
    populations.push({ name, killed, files, older: copyOf(earlier) })
  }
  for (let session = 1; session <= SESSIONS; session++) {
    const options = {
      path: dir,
      workflows,
      clock,
      retention: session === 3 ? 0 : 'forever',
      // Runs that wait for mail leave memory, or there would be none in inboxes.
      limits: { residentRuns: 1 },
    } as const
    const engine = await openEngine(options)
    await live(engine, session, 'a')
    clock.jump(1_000)
    if (session === 3) await engine.gc()
    remember(earlier, await filesIn(await copied(dir, scratch)))
    await live(engine, session, 'b')
    if (KILLED_IN.includes(session)) {
      await keep(`killed in session ${session}`, await copied(dir, scratch), true)
    }
    // Their runs are not in memory: the journal is closed before they can be read.
    await engine.send([word(`mailed-${session}a`), word(`mailed-${session}b`)])
    await engine.close()
    if (CLOSED_AFTER.includes(session)) await keep(`closed after session ${session}`, dir, false)
    remember(earlier, await filesIn(dir))
  }
  return populations
}

async function live(engine: Engine, session: number, half: string): Promise<void> {
  const id = (name: string) => ({ id: `${name}-${session}${half}` })
  const work = (bytes: number): Work => ({ session, bytes })
  for (const bytes of [20, 300, session === 4 ? 9_000 : 1_500]) {
    const run = await engine.start(quick, work(bytes), id(`quick-${bytes}`))
    await run.result()
  }
  await (await engine.start(failing, work(200), id('failing'))).result().catch(() => {})
  await until(await engine.start(sleeping, work(800), id('sleeping')), 'timer.set')
  await until(await engine.start(backing, work(1), id('backing')), 'step.failed')
  await until(await engine.start(running, work(1), id('running')), 'step.scheduled')
  const cancelled = await engine.start(sleeping, work(50), id('cancelled'))
  await until(cancelled, 'timer.set')
  await cancelled.cancel('no longer wanted')
  await cancelled.result().catch(() => {})
  const paused = await engine.start(sleeping, work(50), id('paused'))
  await until(paused, 'timer.set')
  await engine.pause(paused.id)
  await listen(engine, name => id(name).id)
}

/** Runs that wait for events: some come, others are left in inboxes, or never sent. */
async function listen(engine: Engine, idOf: (name: string) => string): Promise<void> {
  for (const name of ['told', 'stopped', 'mailed', 'waiting'].map(idOf)) {
    await until(await engine.start(waiting, { name }, { id: name }), 'wait.set')
  }
  const child = idOf('child')
  await until(await engine.start(parent, child, { id: idOf('parent') }), 'child.started')
  const [told, stopped] = [idOf('told'), idOf('stopped')]
  await engine.send([
    { ...word(told), id: told },
    { name: 'damage/stop', data: { name: stopped } },
  ])
  await until(await engine.run(told), 'run.completed')
  await until(await engine.run(stopped), 'run.cancelled')
}

async function until(run: RunHandle, type: string): Promise<void> {
  for (;;) {
    for await (const entry of run.entries()) if (entry.type === type) return
    await new Promise(resolve => setImmediate(resolve))
  }
}

async function copied(dir: string, scratch: () => Promise<string>): Promise<string> {
  const target = join(await scratch(), 'copy')
  await mkdir(target)
  await copyConsistent(dir, target)
  return target
}

async function filesIn(dir: string): Promise<ReadonlyMap<string, Buffer>> {
  const names = (await readdir(dir)).filter(name => !name.startsWith('LO')).sort()
  const read = names.map(async name => [name, await readFile(join(dir, name))] as const)
  return new Map(await Promise.all(read))
}

function remember(earlier: Map<string, Buffer[]>, files: ReadonlyMap<string, Buffer>): void {
  for (const [name, bytes] of files) earlier.set(name, [...(earlier.get(name) ?? []), bytes])
}

const copyOf = (earlier: ReadonlyMap<string, readonly Buffer[]>): Population['older'] =>
  new Map([...earlier].map(([name, versions]) => [name, [...versions]]))
