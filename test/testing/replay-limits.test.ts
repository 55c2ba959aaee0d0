import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { event, type WorkflowContext, workflow } from 'perdure'
import { dump } from 'perdure/journal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { JournalReader } from '../../journal/reader.ts'
import { type ReplayedRun, replayJournals } from '../../src/testing/index.ts'
import { RowsStore } from '../../src/testing/rows-store.ts'
import { World } from '../simulation/world.ts'

const noted = event<'noted', { n: number }>('noted')

interface Changes {
  /** The code takes one event for all that it is given. */
  readonly oneOnly?: boolean
  readonly renamed?: boolean
}

function workflows({ oneOnly = false, renamed = false }: Changes = {}) {
  const gathering = (id: string, flow: object) =>
    workflow({ id, triggers: noted, ...flow }, async ({ event, events, step }) => {
      for (const { data } of oneOnly ? [event] : events) await step.run(`see-${data.n}`, () => 1)
      await step.sleep(`own-${event.data.n}`, '30d')
    })
  const step = renamed ? 'hold' : 'reserve'
  const code = async ({ step: steps }: WorkflowContext<undefined>) => {
    await steps.run(step, () => 1)
    await steps.sleep('nap', '30d')
  }
  return {
    batched: gathering('batched', { batchEvents: { maxSize: 3, timeout: '10s' } }),
    last: gathering('last', { debounce: { period: '5s' } }),
    all: gathering('all', { debounce: { period: '5s', mode: 'all' } }),
    slow: gathering('slow', { batchEvents: { maxSize: 100, timeout: '7d' } }),
    held: workflow({ id: 'held', concurrency: { limit: 2, per: 'run' } }, code),
    lone: workflow({ id: 'lone', singleton: { mode: 'skip' } }, code),
  }
}

const all = (changes?: Changes) => Object.values(workflows(changes))

/**
 * Of each kind one that waits, gathers or was skipped, and one that is under way. The second run of
 * `held` has waited for the first, which was cancelled.
 */
async function rested(): Promise<World> {
  const world = new World({ workflows: all(), retention: 'forever' })
  const engine = await world.open()
  const { held, lone } = workflows()
  for (const id of ['held-0', 'held-1', 'held-2', 'held-3', 'held-4']) {
    await engine.start(held, undefined, { id })
  }
  for (const id of ['lone-1', 'lone-2']) await engine.start(lone, undefined, { id })
  // Of a debounce the first is the newest.
  for (const n of [1, 2, 3]) {
    await engine.send(noted({ n }, { ts: world.clock.wall() - n * 5_000 }))
    await world.advance(1_000)
  }
  await engine.cancel('held-0')
  await engine.cancel('held-4')
  await world.advance(10_000)
  return world
}

let root: string
let world: World
let file: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-replay-limits-'))
  world = await rested()
  file = join(root, 'dump.ndjson')
  let text = ''
  const store = new RowsStore(world.disk.rows)
  const meta = await new JournalReader(store).meta()
  if (meta === undefined) throw new Error('there is no journal')
  for await (const piece of dump({ store, meta, tip: undefined })) text += piece
  await writeFile(file, text)
})

afterAll(() => rm(root, { recursive: true, force: true }))

/** Of each run `verdict (status)`, by its id, or its workflow if an event started it. */
async function verdicts(changes: Changes, from: 'disk' | 'dump'): Promise<object> {
  const found: Record<string, string> = {}
  const onRun = ({ run, workflow = '', status, verdict }: ReplayedRun): void => {
    found[run.startsWith(workflow) ? run : workflow] = `${verdict} (${status})`
  }
  const journal = from === 'disk' ? world.disk : file
  await replayJournals(all(changes), journal, { ended: true, onRun })
  return found
}

const SAME = {
  batched: 'same (running)',
  last: 'same (running)',
  all: 'same (running)',
  slow: 'same (scheduled)',
  'held-0': 'same (cancelled)',
  'held-1': 'same (running)',
  'held-2': 'same (running)',
  'held-3': 'same (scheduled)',
  'held-4': 'same (cancelled)',
  'lone-1': 'same (running)',
  'lone-2': 'same (skipped)',
}

describe.each(['disk', 'dump'] as const)('from a %s', from => {
  test('runs are the same to the code that made them', async () => {
    expect(await verdicts({}, from)).toEqual(SAME)
  })

  test('what has not begun, and never will, fits any code', async () => {
    expect(await verdicts({ renamed: true }, from)).toEqual({
      ...SAME,
      'held-0': 'diverges (cancelled)',
      'held-1': 'diverges (running)',
      'held-2': 'diverges (running)',
      'lone-1': 'diverges (running)',
    })
  })

  test('code is given all that was gathered', async () => {
    expect(await verdicts({ oneOnly: true }, from)).toEqual({
      ...SAME,
      batched: 'diverges (running)',
      all: 'diverges (running)',
    })
  })
})

test('those that wait need their workflow, those that were skipped no more', async () => {
  const { held: _, lone: __, ...others } = workflows()
  const report = await replayJournals(Object.values(others), world.disk)
  expect(report.safe).toBe(false)
  expect(report.live).toMatchObject({ runs: 8, same: 4, unknown: 4 })
  expect(report.list.map(({ run }) => run)).toEqual(['held-1', 'held-2', 'held-3', 'lone-1'])
})

test('an engine that looks ahead parks those that do not fit, and lets others begin', async () => {
  const own = await rested()
  await own.restart({ workflows: all({ renamed: true, oneOnly: true }), preflight: 'park' })
  await own.settle()
  const found: Record<string, string> = {}
  for await (const { id, workflow, status } of own.engine.runs()) {
    found[id.startsWith(workflow) ? id : workflow] = status
  }
  expect(found).toEqual({
    batched: 'parked',
    last: 'running',
    all: 'parked',
    slow: 'scheduled',
    'held-0': 'cancelled',
    'held-1': 'parked',
    'held-2': 'parked',
    // Those that are parked keep what they hold.
    'held-3': 'scheduled',
    'held-4': 'cancelled',
    'lone-1': 'parked',
    'lone-2': 'skipped',
  })
  const [facts] = own.logged.filter(({ message }) => message === 'runs replayed before they go on')
  expect(facts?.facts).toEqual({ replayed: 6, misfits: 5 })
  await own.engine.cancel('held-1')
  await own.settle()
  expect(await (await own.engine.run('held-3')).status()).toBe('running')
})
