import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, event, openEngine, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { handClock } from '../journal/hand-clock.ts'
import { perdure } from './perdure.ts'
import { played } from './played.ts'
import { pass } from './recorded.ts'

const noted = event<'noted', { n: number; secret: string }>('noted')

/** The workflows that are recorded; `changed`: what they were given is used otherwise. */
function workflows(changed = false) {
  const use = (given: readonly { readonly data: object }[]): unknown =>
    given.map(({ data }) => Reflect.get(data, changed ? 'secret' : 'n'))
  const gathering = (id: string, flow: object) =>
    workflow({ id, triggers: noted, ...flow }, async ({ event, events, step }) => {
      const seen = await step.run('see', () => [event.id, use(events)])
      await step.sleep('rest', '1h')
      return [seen, use([event, ...events])]
    })
  const held = workflow(
    {
      id: 'held',
      concurrency: { limit: 1, per: 'run' },
      timeouts: { start: '30d', finish: '10d' },
    },
    async ({ step }) => {
      await step.run(changed ? 'other' : 'first', () => 1)
      await step.sleep('nap', '1h')
      return step.run('second', () => 2)
    },
  )
  const batched = gathering('batched', { batchEvents: { maxSize: 3, timeout: '10s' } })
  const last = gathering('last', { debounce: { period: '5s' } })
  const all = gathering('all', { debounce: { period: '5s', mode: 'all' } })
  const slow = gathering('slow', { batchEvents: { maxSize: 100, timeout: '7d' } })
  const lone = workflow({ id: 'lone', singleton: { mode: 'skip' } }, async ({ step }) =>
    step.sleep('nap', '30d'),
  )
  return { batched, last, all, slow, held, lone }
}

let root: string
let journal: string
/** Ids of the runs of each workflow, in the order in which they came. */
const ids = new Map<string, string[]>()

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-as-vitest-limits-'))
  journal = join(root, 'journal')
  const clock = handClock(Date.UTC(2030, 0, 1))
  let count = 0
  const next = (): string => `new-${++count}`
  const flows = workflows()
  const engine = await openEngine({
    ...{ path: journal, clock, workflows: Object.values(flows) },
    ids: { run: next, event: next, journal: () => 'sample' },
  })
  for (const id of ['held-1', 'held-2', 'held-3', 'held-4']) {
    await engine.start(flows.held, undefined, { id })
  }
  for (const id of ['lone-1', 'lone-2']) await engine.start(flows.lone, undefined, { id })
  for (const n of [1, 2, 3]) {
    await engine.send(noted({ n, secret: `secret ${n}` }, { ts: Date.UTC(2030, 0, 1) + 9 - n }))
    await pass(engine, clock, 1_000)
  }
  await engine.cancel('held-4')
  await pass(engine, clock, 2 * 3_600_000)
  await noteIds(engine)
  await engine.close()
}, 60_000)

afterAll(() => rm(root, { recursive: true, force: true }))

async function noteIds(engine: Engine): Promise<void> {
  for await (const { id, workflow } of engine.runs()) {
    ids.set(workflow, [id, ...(ids.get(workflow) ?? [])])
  }
}

const dumped = (run: string, ...more: readonly string[]) =>
  perdure(['dump', journal, '--run', run, '--as', 'vitest', ...more], { scratch: root })

const flowOf = (name: string, changed?: boolean): object[] =>
  Object.values(workflows(changed)).filter(({ id }) => id === name)

const idOf = (name: string): string => ids.get(name)?.[0] ?? 'none'

describe.each([
  ['batched', () => idOf('batched')],
  ['last', () => idOf('last')],
  ['all', () => idOf('all')],
  ['held', () => 'held-1'],
  // It waited until the one before had ended.
  ['held', () => 'held-2'],
])('a run of %s', (name, run) => {
  test('is played as it was', async () => {
    const { status, out, err } = await dumped(run())
    expect({ status, err }).toEqual({ status: 0, err: '' })
    await played(out, flowOf(name))
  })

  test('is not what it was with other code', async () => {
    const { out } = await dumped(run())
    await expect(played(out, flowOf(name, true))).rejects.toThrow(/expected/)
  })
})

test('what a run has gathered is what its test begins with', async () => {
  const { out } = await dumped(idOf('batched'))
  const [, gathered = ''] = /( +gathered: [\s\S]*?\n {4}\},\n)/.exec(out) ?? []
  // How many ids were given before is chance.
  expect(`\n${gathered.replace(/new-\d+/g, 'new-n')}`).toMatchInlineSnapshot(`
    "
        gathered: {
          as: 'batch',
          events: [
            { name: 'noted', id: 'new-n', ts: 1893456000007, data: { n: 2, secret: 'secret 2' } },
            { name: 'noted', id: 'new-n', ts: 1893456000006, data: { n: 3, secret: 'secret 3' } },
          ],
        },
    "
  `)
})

test('what it has gathered is redacted as the rest is', async () => {
  expect((await dumped(idOf('batched'))).out).toContain('secret 2')
  const { out } = await dumped(idOf('batched'), '--redact', 'secret')
  expect(out).not.toContain('secret 2')
  await played(out, flowOf('batched'))
})

test.each([
  ['lone-2', 'it was skipped (singleton; see run lone-1)'],
  ['held-3', 'it waits for its turn'],
  ['held-4', 'it was cancelled before it began'],
])('there is no test of %s', async (run, why) => {
  expect(await dumped(run)).toEqual({
    status: 2,
    out: '',
    err:
      `perdure: Run ${run} cannot be played again: ${why}.\n` +
      '  Its code was never called. `perdure dump --run` tells its story.\n',
  })
})

test('there is no test of one that still gathers', async () => {
  const { status, out, err } = await dumped(idOf('slow'))
  expect({ status, out }).toEqual({ status: 2, out: '' })
  expect(err).toContain('cannot be played again: it still gathers events.')
})
