import { openEngine, type RunEntry, type Workflow } from 'perdure'
import { openJournal } from '../../journal/open.ts'
import { readable } from '../../src/engine/handle.ts'
import { VirtualClock } from '../../src/testing/clock.ts'
import { children, events, lastEvents } from './format-happenings.ts'
import { LISTENING, unheard } from './format-listeners.ts'
import { Scene } from './format-scene.ts'
import { changing, everyKind, failing, LIVELY, plain } from './format-workflows.ts'
import { fillLanes } from './lanes.ts'

export interface Written {
  /** Entries of each run that is left, as the engine reads them. */
  readonly entries: ReadonlyMap<string, readonly RunEntry[]>
  readonly openings: number
  readonly removed: readonly string[]
}

/** Writes a journal that holds every kind of entry and of value, in several openings. */
export async function writeJournal(path: string): Promise<Written> {
  const clock = new VirtualClock()
  let ids = 0
  const slipping = failing()
  const open = async (first: string): Promise<Scene> => {
    const engine = await openEngine({
      path,
      durability: 'os',
      retention: '10m',
      // Events for runs that are not in memory wait in inboxes.
      limits: { residentRuns: 1 },
      clock,
      ids: { run: () => `run_${ids++}`, event: () => `evt_${ids++}`, journal: () => 'J' },
      workflows: [...LIVELY, ...Object.values(LISTENING), slipping, changing(first)],
    })
    return new Scene(engine, clock)
  }
  await begin(await open('old'))
  await change(await open('new'))
  const entries = await carryOn(await open('old'), slipping)
  const lanes = await admit(path, clock)
  return { entries: new Map([...entries, ...lanes]), openings: 4, removed: ['again'] }
}

const CHANGING = ['taken-back', 'left', 'dropped']

async function begin(scene: Scene): Promise<void> {
  const { engine } = scene
  // Of the first run not even the commits are left; those of the second are still needed.
  await (await engine.start(plain, {}, { id: 'first' })).result()
  await engine.send(unheard('early'))
  scene.pass(1_200_000)
  await engine.gc()
  for (const id of CHANGING) await engine.start(changing('old'), undefined, { id })
  await scene.until('timer.set', ...CHANGING)
  await (await engine.start(plain, {}, { id: 'again' })).result()
  scene.pass(1_200_000)
  await engine.gc()
  await engine.close()
}

async function change(scene: Scene): Promise<void> {
  scene.pace = 60_000
  await scene.until('run.parked', ...CHANGING)
  await scene.until('timer.fired', ...CHANGING)
  await scene.engine.close()
}

async function carryOn(scene: Scene, slipping: Workflow<undefined>): Promise<Written['entries']> {
  const { engine } = scene
  await engine.retry('taken-back')
  await engine.cancel('dropped', 'no use')
  for (const each of LIVELY)
    await engine.start(each, each === plain ? everyKind() : 0, { id: each.id })
  await engine.start(slipping, undefined, { id: 'failing' })
  await engine.start(plain, { n: 2 }, { id: 'again' })
  await scene.until('step.failed', 'retried', 'backoff')
  await scene.until('code.failed', 'failing')
  await engine.cancel('cancelled', 'no more')
  await scene.until('timer.set', 'shielding')
  await engine.cancel('shielding', 'hold on')
  await engine.pause('paused')
  await scene.until('timer.set', 'cancelled')
  await engine.schedules.create({ id: 'often', cron: '* * * * * *', workflow: plain, data: {} })
  scene.pass(10_000)
  await scene.until('run.completed', scene.tickOf('often'))
  await scene.until('timer.fired', 'paused', 'waiting')
  await engine.pause('waiting')
  await engine.resume('waiting')
  await scene.until('run.completed', 'taken-back', 'plain', 'retried', 'again', 'foreign', 'drawn')
  await scene.until('run.failed', 'failing')
  await scene.until('run.cancelled', 'cancelled')
  await (await engine.run('continued')).result()
  await events(scene)
  await children(scene)
  const entries = new Map<string, RunEntry[]>()
  for await (const { id } of engine.runs()) {
    const own: RunEntry[] = []
    for await (const entry of (await engine.run(id)).entries()) own.push(entry)
    entries.set(id, own)
  }
  await lastEvents(scene)
  await engine.close()
  return entries
}

/** Runs in every state of admission, by hand: no engine goes on with them. */
async function admit(path: string, clock: VirtualClock): Promise<Written['entries']> {
  const { journal } = await openJournal({ path, durability: 'os', now: clock.wall() })
  const entries = new Map<string, RunEntry[]>()
  for (const record of (await fillLanes(journal)).records) {
    entries.set(record.run, [...(entries.get(record.run) ?? []), ...readable(record)])
  }
  await journal.close()
  return entries
}
