import { type RunEntry, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

type Nothing = WorkflowContext<undefined>

describe('the idempotency key of a step', () => {
  const keyed = (seen: string[], ...ids: string[]) =>
    workflow({ id: 'keyed' }, async ({ step }: Nothing) => {
      for (const id of ids)
        await step.run(id, ({ idempotencyKey }) => void seen.push(idempotencyKey))
      return [step.random(), step.uuid()]
    })

  test('is another one when the id of its run is used again', async () => {
    const keys: string[] = []
    const subject = keyed(keys, 'charge')
    const world = new World({ workflows: [subject], retention: 0 })
    await world.open()
    const outputs: unknown[] = []
    for (let round = 0; round < 4; round++) {
      const run = await world.engine.start(subject, undefined, { id: 'order' })
      outputs.push(...((await run.result()) as unknown[]))
      await world.advance(1)
      expect((await world.engine.gc()).runs).toBe(1)
      if (round === 1) await world.restart()
    }
    expect(new Set(keys).size).toBe(4)
    expect(new Set(outputs).size).toBe(8)
  })

  test("is no other step's, however ids are joined", async () => {
    const keys: string[] = []
    const subject = keyed(keys, 'step/c', 'b/step/c', 'c', 'draw/0')
    const world = new World({ workflows: [subject] })
    await world.open()
    // In one write, so that only their ids tell them apart.
    const ids = ['a', 'a/step', 'a/step/b', 'a/b', 'a/step/b/step']
    await Promise.all(ids.map(id => world.engine.start(subject, undefined, { id })))
    await world.settle()
    expect(keys).toHaveLength(20)
    expect(new Set(keys).size).toBe(20)
  })
})

describe('a run that is removed while it is read', () => {
  const echo = workflow(
    { id: 'echo', retries: 0 },
    async ({ event, step }: WorkflowContext<number>) => {
      await step.run('a', () => event.data)
      if (event.data < 0) throw new Error('negative')
      return event.data
    },
  )

  /** A world with a run that has ended, and the levers to remove it while its rows are read. */
  async function ended(data: number) {
    const world = new World({ workflows: [echo], retention: 0 })
    await world.open()
    const run = await world.engine.start(echo, data, { id: 'r' })
    await world.advance(1)
    const duringRead = async (read: () => Promise<unknown>, meanwhile: () => Promise<unknown>) => {
      let go = (): void => {}
      const gate = new Promise<void>(resolve => {
        go = resolve
      })
      const arrived = new Promise<void>(resolve => {
        // Only the first one waits: the collection reads the same rows.
        world.disk.slow = key => {
          if (!key.startsWith('e!r!')) return undefined
          world.disk.slow = () => undefined
          resolve()
          return gate
        }
      })
      const reading = read()
      reading.catch(() => {})
      await arrived
      await meanwhile()
      await world.settle()
      go()
      return reading
    }
    const collect = () => world.engine.gc()
    return { world, run, collect, duringRead }
  }

  const all = async (entries: AsyncIterable<RunEntry>): Promise<string[]> => {
    const types: string[] = []
    for await (const { type } of entries) types.push(type)
    return types
  }

  test('is not found', async () => {
    for (const read of ['result', 'entries', 'retry'] as const) {
      const { world, run, collect, duringRead } = await ended(-1)
      const reads = {
        result: () => run.result(),
        entries: () => all(run.entries()),
        retry: () => world.engine.retry('r'),
      }
      await expect(duringRead(reads[read], collect), read).rejects.toMatchObject({
        code: 'RUN_NOT_FOUND',
        facts: { run: 'r' },
      })
      expect(world.logged.filter(({ level }) => level === 'error')).toEqual([])
    }
  })

  test('gives its id to a run that is started meanwhile', async () => {
    for (const data of [1, 2]) {
      const { world, collect, duringRead } = await ended(1)
      await duringRead(() => world.engine.start(echo, data, { id: 'r' }), collect)
      expect(await (await world.engine.run('r')).result()).toBe(data)
    }
  })

  test('is told from the one that has its id by then', async () => {
    const { world, run, collect, duringRead } = await ended(-1)
    const again = async () => {
      await collect()
      await world.engine.start(echo, 7, { id: 'r' })
    }
    const read = duringRead(() => all(run.entries()), again)
    await expect(read).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  })

  test('is not taken for one whose records are lost', async () => {
    const { world, run } = await ended(1)
    const keys = [...world.disk.rows.keys()].filter(key => key.startsWith('e!r!'))
    world.disk.rows.delete(keys.at(-1) ?? '')
    for (const read of [() => run.result(), () => all(run.entries())]) {
      await expect(read()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' })
    }
    world.disk.rows.delete(keys[0] ?? '')
    await expect(world.engine.start(echo, 1, { id: 'r' })).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
    })
  })
})
