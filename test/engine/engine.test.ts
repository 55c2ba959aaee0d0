import { type Engine, openEngine, type RunEntry, type WorkflowContext, workflow } from 'perdure'
import { verify } from 'perdure/journal'
import { describe, expect, test } from 'vitest'
import { Disk } from '../../src/testing/disk.ts'
import { World } from '../simulation/world.ts'
import { story } from './story.ts'

type Nothing = WorkflowContext<undefined>

const sleeper = workflow({ id: 'sleeper' }, async ({ event, step }: WorkflowContext<string>) => {
  await step.sleep(event.data)
  return step.run('end', () => event.data)
})

async function statuses(engine: Engine, filter = {}): Promise<string[]> {
  const found: string[] = []
  for await (const { id, status } of engine.runs(filter)) found.push(`${id} ${status}`)
  return found
}

async function findings(world: World): Promise<unknown[]> {
  await world.settle()
  const copy = new Disk()
  for (const [key, value] of world.disk.rows) copy.rows.set(key, value)
  const found: unknown[] = []
  for await (const finding of verify(copy.open())) found.push(finding)
  return found
}

describe('trying a failed run again', () => {
  test('takes over what was recorded, with the same idempotency keys', async () => {
    const keys: string[] = []
    let broken = true
    const order = workflow({ id: 'order', backoff: ['1m'] }, async ({ step }: Nothing) => {
      const a = await step.run('charge', () => keys.push('charged'))
      const [, ship] = await Promise.all([
        step.run('mail', () => keys.push('mailed')),
        step.run(
          'ship',
          ({ idempotencyKey }) => {
            keys.push(idempotencyKey)
            if (broken) throw new Error('no carrier')
            return 'shipped'
          },
          { retries: 1 },
        ),
      ])
      return { a, ship }
    })
    const world = new World({ workflows: [order] })
    await world.open()
    const run = await world.engine.start(order)
    await world.advance(60_000)
    expect(await run.status()).toBe('failed')
    broken = false
    const again = await world.engine.retry(run.id)
    expect(again.id).not.toBe(run.id)
    await world.settle()
    expect(await again.result()).toEqual({ a: 1, ship: 'shipped' })
    const [charged, mailed, ...ships] = keys
    expect([charged, mailed]).toEqual(['charged', 'mailed'])
    expect(new Set(ships).size).toBe(1)
    expect(ships).toHaveLength(3)
    await expect(run.result()).rejects.toThrow('no carrier')
    await expect(world.engine.retry(again.id)).rejects.toMatchObject({ code: 'RUN_STATUS' })
  })

  test('begins with a step that is named, or with the code if that failed', async () => {
    let broken = true
    const bodies: string[] = []
    const code = workflow({ id: 'code', retries: 0 }, async ({ step }: Nothing) => {
      await step.run('a', () => bodies.push('a'))
      await step.run('b', () => bodies.push('b'))
      if (broken) throw new Error('a defect')
      return step.run('c', () => bodies.push('c'))
    })
    const world = new World({ workflows: [code] })
    await world.open()
    const run = await world.engine.start(code)
    await world.settle()
    broken = false
    const again = await world.engine.retry(run.id)
    await world.advance(0)
    expect(await again.result()).toBe(3)
    expect(bodies).toEqual(['a', 'b', 'c'])
    const fromB = await world.engine.retry(run.id, { from: 'b' })
    await world.settle()
    await fromB.result()
    expect(bodies).toEqual(['a', 'b', 'c', 'b', 'c'])
    await world.restart()
    expect(await story(await world.engine.run(fromB.id))).toContain('step.succeeded a')
    await expect(world.engine.retry(run.id, { from: 'x' })).rejects.toMatchObject({
      code: 'STEP_NOT_FOUND',
    })
  })
})

describe('an engine', () => {
  test('keeps no run in memory that only waits', async () => {
    const world = new World({ workflows: [sleeper] })
    await world.open()
    for (let i = 0; i < 20; i++) await world.engine.start(sleeper, '1d')
    await world.settle()
    expect(world.engine.stats()).toMatchObject({ runs: 20, resident: 0, timers: 20, nearTimers: 0 })
    await world.advance(86_400_000)
    expect(world.engine.stats()).toMatchObject({ runs: 0, timers: 0 })
  })

  test('keeps no more waiting runs in memory than it may', async () => {
    const world = new World({ workflows: [sleeper], limits: { residentRuns: 3 } })
    await world.open()
    for (let i = 0; i < 10; i++) await world.engine.start(sleeper, '3s', { id: `r${i}` })
    await world.settle()
    expect(world.engine.stats().resident).toBeLessThanOrEqual(3)
    await world.advance(3_000)
    expect(await statuses(world.engine, { status: 'completed' })).toHaveLength(10)
  })

  test('runs so many steps at once, first come first served', async () => {
    const order: number[] = []
    const open: (() => void)[] = []
    const queue = workflow({ id: 'queue' }, async ({ event, step }: WorkflowContext<number>) =>
      step.run('hold', () => {
        order.push(event.data)
        return new Promise<void>(resolve => open.push(resolve))
      }),
    )
    const world = new World({ workflows: [queue], concurrency: 2 })
    await world.open()
    for (let i = 0; i < 5; i++) await world.engine.start(queue, i)
    await world.settle()
    expect(order).toEqual([0, 1])
    expect(world.engine.stats()).toMatchObject({ runningSteps: 2, waitingSteps: 3 })
    for (let i = 0; i < 5; i++) {
      open[i]?.()
      await world.settle()
    }
    expect(order).toEqual([0, 1, 2, 3, 4])
  })

  test('lets go of a run that ends while a step of it waits in line', async () => {
    const line = workflow({ id: 'line' }, async ({ event, step }: WorkflowContext<string>) => {
      if (event.data === 'short') {
        return Promise.race([step.run('in line', () => 1), step.sleep('1s')])
      }
      const never = (): Promise<void> => new Promise(() => {})
      return step.run('long', never, { timeout: '10s', retries: 0 })
    })
    const world = new World({ workflows: [line], concurrency: 1 })
    await world.open()
    await world.engine.start(line, 'long')
    const run = await world.engine.start(line, 'short')
    await world.advance(60_000)
    expect(await run.status()).toBe('completed')
    expect(world.engine.stats().resident).toBe(0)
  })

  test('lists runs by status and workflow', async () => {
    const failing = workflow({ id: 'failing', retries: 0 }, async (_: Nothing) => {
      throw new Error('no')
    })
    const world = new World({ workflows: [sleeper, failing] })
    await world.open()
    await world.engine.start(sleeper, '1h', { id: 'a' })
    await world.engine.start(sleeper, '0s', { id: 'b' })
    await world.engine.start(failing, undefined, { id: 'c' })
    await world.advance(0)
    expect(await statuses(world.engine)).toEqual(['a running', 'b completed', 'c failed'])
    expect(await statuses(world.engine, { status: ['failed', 'running'] })).toHaveLength(2)
    expect(await statuses(world.engine, { workflow: failing })).toEqual(['c failed'])
  })

  test('removes runs when they ended long enough ago, and remembers the others', async () => {
    const world = new World({ workflows: [sleeper], retention: '1d' })
    await world.open()
    await world.engine.start(sleeper, '1h', { id: 'old' })
    await world.advance(3_600_000)
    await world.engine.start(sleeper, '3d', { id: 'waiting' })
    await world.advance(2 * 86_400_000)
    expect(await statuses(world.engine)).toEqual(['waiting running'])
    await expect(world.engine.run('old')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
    expect([...world.disk.rows.keys()].filter(key => key.includes('old'))).toEqual([])
    expect(await findings(world)).toEqual([])
    await world.restart()
    await world.advance(2 * 86_400_000)
    expect(await statuses(world.engine)).toEqual(['waiting completed'])
    expect(await world.engine.gc()).toEqual({ runs: 0, records: 0, events: 0 })
    await world.advance(2 * 86_400_000)
    // Nothing is left of runs, nor of the commits that wrote them.
    expect([...world.disk.rows.keys()].filter(key => !key.startsWith('c!'))).toEqual(['m'])
    expect(world.disk.rows.size).toBeLessThanOrEqual(4)
    expect(await findings(world)).toEqual([])
    await world.restart()
    await world.engine.start(sleeper, '0s', { id: 'old' })
    expect(await findings(world)).toEqual([])
  })

  test('tells of entries as they become durable', async () => {
    await using engine = await openEngine({ path: ':memory:', workflows: [sleeper] })
    const seen: RunEntry[] = []
    const live = engine.subscribe('a')
    await engine.start(sleeper, '1ms', { id: 'b' })
    const run = await engine.start(sleeper, '1ms', { id: 'a' })
    for await (const entry of live) {
      seen.push(entry)
      if (entry.type === 'run.completed') break
    }
    const recorded: RunEntry[] = []
    for await (const entry of run.entries()) recorded.push(entry)
    expect(seen).toEqual(recorded)
  })

  test('refuses what is too much at the door', async () => {
    const limits = { waitingInputs: 2, valueBytes: 100, entriesPerRun: 10, subscriberEntries: 5 }
    const long = workflow({ id: 'long' }, async ({ step }: Nothing) => {
      for (;;) await step.run('again', () => 1)
    })
    const world = new World({ workflows: [sleeper, long], limits })
    await world.open()
    await expect(world.engine.start(sleeper, 'x'.repeat(200))).rejects.toMatchObject({
      code: 'VALUE_TOO_LARGE',
    })
    const starts = [1, 2, 3].map(() => world.engine.start(sleeper, '1h'))
    const settled = await Promise.allSettled(starts)
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(settled[2]).toMatchObject({ reason: { code: 'OVERLOADED' } })
    const slow = world.engine.subscribe()
    const first = slow.next()
    const endless = await world.engine.start(long)
    await expect(endless.result()).rejects.toMatchObject({ code: 'RUN_TOO_LONG' })
    await first
    const rest = (async () => {
      for await (const _ of slow);
    })()
    await expect(rest).rejects.toMatchObject({ code: 'SUBSCRIBER_TOO_SLOW' })
  })

  test('knows only the workflows it was given, and checks data at the door', async () => {
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) =>
          typeof value === 'string'
            ? { value: Number(value) }
            : { issues: [{ message: 'expected a text', path: ['deep', { key: 'down' }] }] },
      },
    } as const
    const doubled = workflow({ id: 'doubled', schema }, async ({ event }) => event.data * 2)
    await using engine = await openEngine({ path: ':memory:', workflows: [doubled] })
    await expect(engine.start(sleeper, '1s')).rejects.toMatchObject({ code: 'WORKFLOW_UNKNOWN' })
    await expect(engine.start(doubled, 1)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      facts: { issues: [{ path: 'deep.down', message: 'expected a text' }] },
    })
  })
})

describe('a write that fails', () => {
  for (const fault of ['fails', 'fails-but-written'] as const) {
    test(`(${fault}) stops the engine; reopening finds what was acknowledged`, async () => {
      const world = new World({ workflows: [sleeper] })
      await world.open()
      await world.engine.start(sleeper, '1h', { id: 'kept' })
      const waiting = (await world.engine.run('kept')).result()
      world.disk.fault = () => fault
      await expect(world.engine.start(sleeper, '1h', { id: 'lost' })).rejects.toMatchObject({
        code: 'INDETERMINATE',
      })
      await expect(waiting).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
      world.disk.fault = () => undefined
      for (const id of ['more', 'kept', 'lost']) {
        await expect(world.engine.start(sleeper, '1h', { id })).rejects.toMatchObject({
          code: 'NOT_ACCEPTED',
        })
      }
      await expect(world.engine.cancel('kept')).rejects.toMatchObject({ code: 'NOT_ACCEPTED' })
      await world.engine.close()
      await world.open()
      const expected = fault === 'fails' ? ['kept running'] : ['kept running', 'lost running']
      expect(await statuses(world.engine)).toEqual(expected)
      await world.engine.start(sleeper, '1h', { id: 'lost' })
      await world.advance(3_600_000)
      expect(await statuses(world.engine)).toEqual(['kept completed', 'lost completed'])
    })
  }

  test('stops it whoever asked for the write, be it an event that concerns no run', async () => {
    let aborted = false
    const busy = workflow({ id: 'busy' }, ({ step }: WorkflowContext) =>
      step.run('work', ({ signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true
        })
        return new Promise(() => {})
      }),
    )
    const world = new World({ workflows: [busy] })
    await world.open()
    const run = await world.engine.start(busy)
    const waiting = run.result()
    await world.settle()
    world.disk.fault = () => 'fails'
    await expect(world.engine.send({ name: 'app/news', data: 1 })).rejects.toMatchObject({
      code: 'INDETERMINATE',
    })
    await expect(waiting).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
    expect(aborted).toBe(true)
    expect(world.engine.stats().stopped).toBe(true)
    await expect(world.engine.start(busy)).rejects.toMatchObject({ code: 'NOT_ACCEPTED' })
  })
})

describe('closing', () => {
  test('is what a call hears that it overtakes', async () => {
    const world = new World({ workflows: [sleeper] })
    const engine = await world.open()
    const calls = [engine.start(sleeper, '1h', { id: 'r' }), engine.run('r'), engine.cancel('r')]
    const settled = Promise.allSettled(calls)
    await engine.close()
    for (const outcome of await settled) {
      expect(outcome).toMatchObject({ reason: { code: 'ENGINE_CLOSED' } })
    }
  })

  test('never acknowledges what it kept from being recorded', async () => {
    const busy = workflow({ id: 'busy' }, async ({ step }: Nothing) =>
      step.run('work', () => new Promise(() => {})),
    )
    for (let moments = 0; moments < 12; moments++) {
      const world = new World({ workflows: [busy] })
      await world.open()
      const { id } = await world.engine.start(busy)
      const engine = await world.restart()
      const paused = engine.pause(id).then(
        () => 'paused',
        error => error.code,
      )
      for (let i = 0; i < moments; i++) await new Promise(resolve => setImmediate(resolve))
      await engine.close()
      const said = await paused
      await world.open()
      const status = await (await world.engine.run(id)).status()
      expect([said, status]).toEqual(
        said === 'paused' ? ['paused', 'paused'] : ['ENGINE_CLOSED', 'running'],
      )
    }
  })

  test('does not take a run for damaged that it keeps from being read', async () => {
    const world = new World({ workflows: [sleeper] })
    const engine = await world.open()
    await engine.start(sleeper, '1h')
    await world.settle()
    while (engine.stats().nearTimers === 0) await world.advance(60_000)
    for (let left = 3_600_000; left > 0; ) left -= world.clock.pass(left)
    await engine.close()
    await world.settle()
    expect(world.logged).toEqual([])
    await world.open()
    await world.settle()
    expect(await statuses(world.engine, { status: 'completed' })).toHaveLength(1)
  })

  test('gives running steps time if asked, aborts them if not, and refuses from then on', async () => {
    const seen: string[] = []
    const slow = workflow({ id: 'slow' }, async ({ step }: Nothing) =>
      step.run('work', async ({ signal }) => {
        signal.addEventListener('abort', () => seen.push('aborted'))
        await new Promise(resolve => world.clock.alarm(500, () => resolve(1)))
        seen.push('worked')
      }),
    )
    const world = new World({ workflows: [slow] })
    await world.open()
    const { id } = await world.engine.start(slow)
    await world.settle()
    const closing = world.engine.close({ drain: '1s' })
    await world.advance(1_000)
    await closing
    expect(seen).toEqual(['worked'])
    await expect(world.engine.start(slow)).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    await world.open()
    expect(await (await world.engine.run(id)).status()).toBe('completed')
    const again = await world.engine.start(slow)
    await world.settle()
    const waiting = expect(again.result()).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    await Promise.resolve()
    await world.engine.close()
    await waiting
    expect(seen).toEqual(['worked', 'aborted'])
  })
})
