import { Level } from 'level'
import {
  type Engine,
  type EngineOptions,
  openEngine,
  type RunStatus,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/testing/clock.ts'
import { story } from '../engine/story.ts'
import { scratch } from '../journal/leveldb/store.ts'

const dirs = scratch()
const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const sleeping = workflow({ id: 'sleeping' }, async ({ step }: WorkflowContext<undefined>) => {
  await step.run('before', () => 'asleep')
  await step.sleep('nap', '1h')
  return step.run('after', () => 'awake')
})

const clock = new VirtualClock()

const open = (path: string, options: Partial<EngineOptions> = {}): Promise<Engine> =>
  openEngine({ workflows: [sleeping], retention: 'forever', clock, ...options, path })

/** Two runs asleep, and a bit flipped in the second record of one of them. */
async function damaged(): Promise<string> {
  const dir = await dirs()
  const engine = await open(dir)
  for (const id of ['hurt', 'whole']) {
    const run = await engine.start(sleeping, undefined, { id })
    while (!(await story(run)).includes('timer.set nap')) await nextTurn()
  }
  await engine.close()
  const db = new Level<string, Buffer>(dir, { valueEncoding: 'buffer' })
  const keys = await db.keys({ gte: 'e!hurt!', lt: 'e!hurt"' }).all()
  const value = (await db.get(keys[1] ?? '')) ?? Buffer.alloc(1)
  value.writeUInt8(value.readUInt8(value.length - 1) ^ 4, value.length - 1)
  await db.put(keys[1] ?? '', value)
  await db.close()
  return dir
}

/** Lets time pass until it is settled. */
async function passing<Value>(
  promise: Promise<Value>,
): Promise<Value | { readonly error: unknown }> {
  let settled = false
  const outcome = promise
    .catch((error: unknown) => ({ error }))
    .finally(() => {
      settled = true
    })
  while (!settled) {
    clock.pass(60_000)
    await nextTurn()
  }
  return outcome
}

async function idsOf(engine: Engine, status: RunStatus): Promise<string[]> {
  const ids: string[] = []
  for await (const run of engine.runs({ status })) ids.push(run.id)
  return ids
}

test('a damaged run is parked if asked, readable up to the damage; the others go on', async () => {
  await using engine = await open(await damaged(), { onDamage: 'park' })
  const [hurt, whole] = [await engine.run('hurt'), await engine.run('whole')]
  expect(await passing(whole.result())).toBe('awake')
  expect(await passing(hurt.result())).toMatchObject({
    error: { code: 'JOURNAL_CORRUPT', facts: { place: expect.stringContaining('e!hurt!') } },
  })
  expect(await hurt.status()).toBe('parked')
  const read: string[] = []
  const reading = (async () => {
    for await (const entry of hurt.entries()) read.push(entry.type)
  })()
  await expect(reading).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' })
  expect(read).toEqual(['run.scheduled', 'run.started', 'step.scheduled'])
  for (const ask of ['cancel', 'pause', 'resume', 'retry'] as const) {
    await expect(engine[ask]('hurt'), ask).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' })
  }
  expect(await idsOf(engine, 'parked')).toEqual(['hurt'])
  expect(await idsOf(engine, 'running')).toEqual([])
  expect(await idsOf(engine, 'completed')).toEqual(['whole'])
  const more = await engine.start(sleeping, undefined, { id: 'more' })
  expect(await passing(more.result())).toBe('awake')
})

test('a damaged run stops the engine if not', async () => {
  const engine = await open(await damaged())
  const hurt = await engine.run('hurt')
  expect(await passing(hurt.result())).toMatchObject({ error: { code: 'JOURNAL_CORRUPT' } })
  await expect(engine.start(sleeping)).rejects.toMatchObject({
    code: 'NOT_ACCEPTED',
    cause: { code: 'JOURNAL_CORRUPT' },
  })
  await engine.close()
})
