import { type WorkflowContext, workflow } from 'perdure'
import { verify } from 'perdure/journal'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

type Context = WorkflowContext<unknown>

/** A world in which runs may kill the process. */
class Deadly {
  deaths = 0
  isArmed = true
  readonly bodies = new Map<string, number>()
  readonly world: World

  constructor() {
    const { code, body, slowBody, waker, alone, healthy, slow } = this
    const workflows = [code, body, slowBody, waker, alone, healthy, slow]
    this.world = new World({ workflows })
  }

  kill(): unknown {
    if (!this.isArmed) return 'spared'
    this.deaths++
    this.world.crash()
    return new Promise<never>(() => {})
  }

  readonly code = workflow({ id: 'code' }, async ({ step }: Context) => {
    await step.run('before', () => 1)
    return this.kill()
  })

  readonly body = workflow({ id: 'body' }, async ({ step }: Context) =>
    step.run('deadly', () => this.kill()),
  )

  readonly slowBody = workflow({ id: 'slow-body' }, async ({ step }: Context) =>
    step.run('deadly', async () => {
      await new Promise<void>(resolve => this.world.clock.alarm(5_000, resolve))
      return this.kill()
    }),
  )

  readonly waker = workflow({ id: 'waker' }, async ({ step }: Context) => {
    await step.sleep('1h')
    return this.kill()
  })

  /** One step at a time, of all its runs. */
  readonly alone = workflow({ id: 'alone', concurrency: 1 }, async ({ event, step, run }) => {
    if (event.data === 'dies') this.kill()
    await step.run('part', () => this.#after(200, run.id))
  })

  /** Takes a while, and its steps some time. */
  readonly healthy = workflow({ id: 'healthy' }, async ({ step, run }: Context) => {
    for (let at = 0; at < 3; at++) {
      await step.run(`part-${at}`, () => this.#after(200, run.id))
      await step.sleep(100)
    }
    return 'well'
  })

  readonly slow = workflow({ id: 'slow' }, async ({ step, run }: Context) =>
    step.run('long', () => this.#after(50_000, run.id)),
  )

  #after(ms: number, run: string): Promise<void> {
    this.bodies.set(run, (this.bodies.get(run) ?? 0) + 1)
    return new Promise(resolve => this.world.clock.alarm(ms, resolve))
  }

  /** Opens again and again until the process lives on. Gives how often it died. */
  async live(ms = 120_000): Promise<number> {
    for (let opening = 0; opening < 40; opening++) {
      const before = this.deaths
      await this.world.open()
      await this.world.advance(ms)
      if (this.deaths === before) return opening
    }
    throw new Error('it dies for ever')
  }

  async statuses(): Promise<string[]> {
    const runs: string[] = []
    for await (const { id, status } of this.world.engine.runs()) runs.push(`${id} ${status}`)
    return runs.sort()
  }

  async report(id: string): Promise<unknown> {
    const handle = await this.world.engine.run(id)
    const error = await handle.result().catch((error: unknown) => error)
    return (error as { facts: unknown }).facts
  }

  get hasRow(): boolean {
    return this.world.disk.rows.has('p')
  }
}

describe('a run that keeps killing the process is parked, and the others go on', () => {
  test('when its code does', async () => {
    const deadly = new Deadly()
    await deadly.world.open()
    await deadly.world.engine.start(deadly.healthy, undefined, { id: 'neighbour' })
    await deadly.world.engine.start(deadly.code, undefined, { id: 'poison' })
    await deadly.world.settle()
    expect(deadly.deaths).toBe(1)
    expect(await deadly.live()).toBe(5)
    expect(await deadly.statuses()).toEqual(['neighbour completed', 'poison parked'])
    expect(await deadly.report('poison')).toEqual({
      run: 'poison',
      code: 'POISON',
      report: { deaths: 5, step: 'before' },
    })
    expect(deadly.world.logged.map(({ message }) => message)).toContain('run parked')
    expect(deadly.hasRow).toBe(false)
    deadly.isArmed = false
    await deadly.world.engine.retry('poison')
    await deadly.world.settle()
    expect(await (await deadly.world.engine.run('poison')).result()).toBe('spared')
  })

  test('when its code does before anything is written: others have its place meanwhile', async () => {
    const deadly = new Deadly()
    await deadly.world.open()
    await deadly.world.engine.start(deadly.alone, 'first', { id: 'first' })
    await deadly.world.engine.start(deadly.alone, 'dies', { id: 'poison' })
    await deadly.world.engine.start(deadly.alone, 'last', { id: 'waiting' })
    await deadly.live()
    expect(await deadly.statuses()).toEqual([
      ...['first completed', 'poison parked', 'waiting completed'],
    ])
    // Also if it is opened once more, with the run still parked.
    await deadly.world.restart()
    await deadly.world.engine.start(deadly.alone, 'later', { id: 'later' })
    await deadly.world.advance(1_000)
    expect(await deadly.statuses()).toContain('later completed')
    deadly.isArmed = false
    await deadly.world.engine.retry('poison')
    await deadly.world.advance(1_000)
    expect(await deadly.statuses()).toContain('poison completed')
    expect(deadly.world.engine.stats()).toMatchObject({ waitingRuns: 0, runs: 0 })
  })

  test('when the body of a step does, alone in its journal', async () => {
    const deadly = new Deadly()
    await deadly.world.open()
    await deadly.world.engine.start(deadly.body, undefined, { id: 'poison' })
    await deadly.world.settle()
    expect(await deadly.live()).toBe(4)
    const report = { deaths: 4, step: 'deadly' }
    expect(await deadly.report('poison')).toMatchObject({ code: 'POISON', report })
    // It stays parked, whatever is opened.
    await deadly.world.restart()
    await deadly.world.advance(120_000)
    expect(await deadly.statuses()).toEqual(['poison parked'])
  })

  test('when it does as a timer wakes it, among others that are overdue', async () => {
    const deadly = new Deadly()
    await deadly.world.open()
    for (let at = 0; at < 70; at++) {
      const id = `run-${at}`
      if (at === 33) await deadly.world.engine.start(deadly.waker, undefined, { id })
      else await deadly.world.engine.start(deadly.healthy, undefined, { id })
    }
    await deadly.world.settle()
    // A crash before the first of their sleeps is over, and a long time in which all are overdue.
    await deadly.world.advance(250)
    deadly.world.crash()
    await deadly.world.advance(3 * 3_600_000)
    const deaths = await deadly.live()
    expect(deaths).toBe(5)
    const parked = (await deadly.statuses()).filter(run => !run.endsWith('completed'))
    expect(parked).toEqual(['run-33 parked'])
    expect(await findings(deadly.world)).toEqual([])
  })

  test('when two of many do, one of them slowly', async () => {
    const deadly = new Deadly()
    await deadly.world.open()
    const { engine } = deadly.world
    for (let at = 10; at < 50; at++) {
      const id = `run-${at}`
      if (at % 4 === 0) await engine.start(deadly.slow, undefined, { id })
      else await engine.start(deadly.healthy, undefined, { id })
    }
    await engine.start(deadly.slowBody, undefined, { id: 'run-15-slow-poison' })
    await engine.start(deadly.body, undefined, { id: 'run-30-poison' })
    await deadly.live()
    await deadly.world.advance(600_000)
    const others = (await deadly.statuses()).filter(run => !run.endsWith('completed'))
    expect(others).toEqual(['run-15-slow-poison parked', 'run-30-poison parked'])
    expect(deadly.deaths).toBeLessThan(15)
    expect(await findings(deadly.world)).toEqual([])
  })
})

describe('an opening that brings runs back', () => {
  async function busy(): Promise<Deadly> {
    const deadly = new Deadly()
    await deadly.world.open()
    await deadly.world.engine.start(deadly.slow, undefined, { id: 'slow' })
    await deadly.world.settle()
    expect(deadly.hasRow).toBe(false)
    await deadly.world.restart()
    expect(deadly.hasRow).toBe(true)
    expect(await findings(deadly.world)).toEqual([])
    return deadly
  }

  test('writes down that it does, until the process has lived on for a minute', async () => {
    const deadly = await busy()
    await deadly.world.restart()
    await deadly.world.advance(59_999)
    expect(deadly.hasRow).toBe(true)
    await deadly.world.advance(1)
    expect(deadly.hasRow).toBe(false)
  })

  test('or until it is closed: then nobody died', async () => {
    const deadly = await busy()
    for (let at = 0; at < 10; at++) {
      await deadly.world.engine.close()
      expect(deadly.hasRow).toBe(false)
      await deadly.world.open()
      expect(deadly.hasRow).toBe(true)
    }
    await deadly.world.advance(60_000)
    expect(await deadly.statuses()).toEqual(['slow completed'])
  })

  test('lets nobody wait for a run that was held back when it is closed', async () => {
    const deadly = await busy()
    for (let at = 0; at < 3; at++) await deadly.world.restart()
    const started = deadly.world.engine.start(deadly.healthy)
    const cancelled = deadly.world.engine.cancel('slow')
    const refused = { code: expect.stringMatching(/^(ENGINE_CLOSED|NOT_ACCEPTED)$/) }
    const both = Promise.all([
      expect(started).rejects.toMatchObject(refused),
      cancelled.catch(() => {}),
    ])
    await deadly.world.engine.close()
    await both
  })

  test('does not suspect a run that goes on at each opening', async () => {
    const deadly = new Deadly()
    await deadly.world.open()
    await deadly.world.engine.start(deadly.healthy, undefined, { id: 'healthy' })
    for (let at = 0; at < 12; at++) {
      await deadly.world.advance(210)
      await deadly.world.restart()
    }
    await deadly.world.advance(60_000)
    expect(await deadly.statuses()).toEqual(['healthy completed'])
  })

  test('keeps no new run from starting once it is done', async () => {
    const deadly = await busy()
    for (let at = 0; at < 3; at++) await deadly.world.restart()
    const started = deadly.world.engine.start(deadly.healthy, undefined, { id: 'new' })
    await deadly.world.advance(20_000)
    await (await started).result()
    expect(deadly.world.logged.some(({ level }) => level === 'warn')).toBe(true)
    await deadly.world.advance(60_000)
    expect(await deadly.statuses()).toEqual(['new completed', 'slow completed'])
  })
})

async function findings(world: World): Promise<unknown[]> {
  const copy = new World({ workflows: [] })
  for (const [key, value] of world.disk.rows) copy.disk.rows.set(key, value)
  const found: unknown[] = []
  for await (const finding of verify(copy.disk.open())) found.push(finding)
  return found
}

test('mail for a run that has ended holds up no recovery', async () => {
  const child = workflow({ id: 'child' }, ({ step }: Context) => step.sleep('1h'))
  const parent = workflow({ id: 'parent' }, ({ step }: Context) =>
    step.invoke('child', { workflow: child, data: undefined }),
  )
  const quick = workflow({ id: 'quick' }, ({ step }: Context) => step.run('work', () => 'done'))
  const world = new World({ workflows: [child, parent, quick] })
  await world.open()
  await world.engine.start(parent, undefined, { id: 'over' })
  await world.settle()
  // The child is cancelled with its parent, and what it came to is mail for one that has ended.
  const mailed = (key: string): boolean => key.startsWith('b!over!')
  world.disk.fault = ({ puts }) => ([...puts.keys()].some(mailed) ? 'crash-after' : undefined)
  await world.engine.cancel('over')
  await world.settle()
  world.disk.fault = ({ dels }) => (dels.some(mailed) ? 'crash-before' : undefined)
  for (let death = 0; death < 4; death++) {
    void world.restart()
    await world.settle()
  }
  expect([...world.disk.rows.keys()].filter(key => mailed(key) || key === 'z!over')).toHaveLength(2)
  world.disk.fault = () => undefined
  await world.restart()
  const run = await world.engine.start(quick)
  await world.settle()
  expect(await run.status()).toBe('completed')
  expect([...world.disk.rows.keys()].some(mailed)).toBe(false)
})
