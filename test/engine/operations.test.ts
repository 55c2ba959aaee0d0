import { CancelledError, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'
import { story } from './story.ts'

type Nothing = WorkflowContext<undefined>

describe('cancelling', () => {
  test('aborts bodies, throws into the code, and lets cleanup run in a shield', async () => {
    const seen: unknown[] = []
    const careful = workflow({ id: 'careful' }, async ({ step, signal }: Nothing) => {
      try {
        await step.run('long', async ({ signal }) => {
          await new Promise(resolve => signal.addEventListener('abort', resolve))
          seen.push('aborted')
          return 'too late'
        })
      } catch (error) {
        seen.push(error instanceof CancelledError && error.reason, signal.aborted)
        throw error
      } finally {
        await step.run('refused', () => void seen.push('never')).catch(() => seen.push('refused'))
        await step.shield(async () => {
          await step.run('refund', () => void seen.push('refund'))
          await step.sleep('a moment', '1s')
          await step.run('mail', () => void seen.push('mail'))
        })
      }
    })
    const world = new World({ workflows: [careful] })
    await world.open()
    const run = await world.engine.start(careful)
    await world.settle()
    await run.cancel('customer left')
    await world.settle()
    await world.restart()
    await world.advance(1_000)
    const again = await world.engine.run(run.id)
    expect(await again.status()).toBe('cancelled')
    await expect(again.result()).rejects.toMatchObject({
      code: 'RUN_CANCELLED',
      reason: 'customer left',
    })
    const [, ...others] = [...new Set(seen)].sort()
    expect(others).toEqual(['customer left', 'mail', 'refund', 'refused', true])
    expect(seen.at(-1)).toBe('mail')
    expect(seen).not.toContain('never')
    const lines = await story(again)
    expect(lines).toContain('step.late long')
    expect(lines.at(-1)).toBe('run.cancelled')
  })

  test('wakes a run that sleeps, and does nothing to one that has ended', async () => {
    const sleeper = workflow({ id: 'sleeper' }, async ({ step }: Nothing) => step.sleep('30d'))
    const world = new World({ workflows: [sleeper] })
    await world.open()
    const run = await world.engine.start(sleeper)
    await world.restart()
    expect(world.engine.stats()).toMatchObject({ resident: 0, runs: 1, timers: 1 })
    await world.engine.cancel(run.id)
    await world.settle()
    expect(world.engine.stats()).toMatchObject({ runs: 0, timers: 0 })
    await world.engine.cancel(run.id, 'again')
    expect((await story(await world.engine.run(run.id))).at(-1)).toBe('run.cancelled')
    await expect(world.engine.cancel('none')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  })

  test('ends a run whose code waits for its retry', async () => {
    const broken = workflow({ id: 'broken', backoff: ['1h'] }, async (_: Nothing) => {
      throw new Error('broken')
    })
    const world = new World({ workflows: [broken] })
    await world.open()
    const run = await world.engine.start(broken)
    await world.settle()
    await run.cancel()
    expect(await run.status()).toBe('cancelled')
  })
})

describe('pausing', () => {
  const two = (bodies: string[]) =>
    workflow({ id: 'two' }, async ({ step }: Nothing) => {
      await Promise.all([
        step.run('a', () => void bodies.push('a')),
        step.sleep('1m').then(() => step.run('b', () => void bodies.push('b'))),
      ])
      return 'done'
    })

  test('holds the code until resume, across a crash', async () => {
    const bodies: string[] = []
    const subject = two(bodies)
    const world = new World({ workflows: [subject] })
    await world.open()
    const { id } = await world.engine.start(subject)
    await world.settle()
    await world.engine.pause(id)
    await world.advance(120_000)
    await world.restart()
    await world.advance(120_000)
    expect(bodies).toEqual(['a'])
    await expect(world.engine.pause(id)).rejects.toMatchObject({ code: 'RUN_STATUS' })
    await world.engine.resume(id)
    await world.settle()
    expect(bodies).toEqual(['a', 'b'])
    const run = await world.engine.run(id)
    expect(await run.result()).toBe('done')
    await world.restart()
    expect((await story(await world.engine.run(id))).slice(5)).toEqual([
      'run.paused',
      'timer.fired sleep',
      'run.resumed',
      'step.scheduled b',
      'step.succeeded b',
      'run.completed',
    ])
  })

  test('keeps steps from starting that waited in line', async () => {
    const bodies: string[] = []
    const one = workflow({ id: 'one' }, async ({ event, step }: WorkflowContext<string>) =>
      step.run(
        'a',
        ({ signal }) => {
          bodies.push(event.data)
          return new Promise(resolve => signal.addEventListener('abort', resolve))
        },
        { timeout: '1s', retries: 0 },
      ),
    )
    const world = new World({ workflows: [one], concurrency: 1 })
    await world.open()
    await world.engine.start(one, 'first')
    const { id } = await world.engine.start(one, 'second')
    await world.settle()
    await world.engine.pause(id)
    await world.advance(30_000)
    expect(bodies).toEqual(['first'])
    await world.engine.resume(id)
    await world.settle()
    expect(bodies).toEqual(['first', 'second'])
  })

  test('that a cancellation lifts lets the code see held answers, but start nothing', async () => {
    const seen: string[] = []
    let done = (): void => {}
    const subject = workflow({ id: 'held' }, async ({ step }: Nothing) => {
      try {
        await step.run(
          'charge',
          () =>
            new Promise<void>(resolve => {
              done = resolve
            }),
        )
        seen.push('charged')
        await step.run('ship', () => void seen.push('shipped'))
      } finally {
        await step.shield(() => step.run('refund', () => void seen.push('refunded')))
        await step.shield(() => step.sleep('1h'))
      }
    })
    const world = new World({ workflows: [subject] })
    await world.open()
    const { id } = await world.engine.start(subject)
    await world.settle()
    await world.engine.pause(id)
    done()
    await world.settle()
    await world.engine.cancel(id, 'no more')
    await world.settle()
    await world.restart()
    await world.advance(3_600_000)
    expect(await (await world.engine.run(id)).status()).toBe('cancelled')
    expect(seen.filter((each, at) => seen.indexOf(each) === at)).toEqual(['charged', 'refunded'])
  })

  test('is lifted for a run that goes on as another at once', async () => {
    const lap = workflow({ id: 'lap' }, async ({ event, step }: WorkflowContext<number>) => {
      await step.sleep('1s')
      if (event.data === 0) await step.continueAsNew(1)
    })
    const world = new World({ workflows: [lap] })
    await world.open()
    const run = await world.engine.start(lap, 0)
    await world.settle()
    await world.engine.pause(run.id)
    await world.advance(1_000)
    const resuming = world.engine.resume(run.id)
    await world.settle()
    await expect(resuming).resolves.toBeUndefined()
    expect(await run.status()).toBe('completed')
  })

  test('is lifted by a cancellation', async () => {
    const subject = two([])
    const world = new World({ workflows: [subject] })
    await world.open()
    const run = await world.engine.start(subject)
    await world.settle()
    await world.engine.pause(run.id)
    await world.advance(60_000)
    await run.cancel('enough')
    await world.settle()
    expect(await run.status()).toBe('cancelled')
  })
})

describe('a run that no longer fits its journal', () => {
  const before = workflow({ id: 'changing' }, async ({ step }: Nothing) => {
    await step.run('charge', () => 1)
    await step.sleep('nap', '1h')
    return step.run('mail', () => 2)
  })
  const after = workflow({ id: 'changing' }, async ({ step }: Nothing) => {
    await step.run('charge', () => 1)
    await step.run('audit', () => 1)
    await step.sleep('nap', '1h')
    return step.run('mail', () => 2)
  })
  const fine = workflow({ id: 'fine' }, async ({ step }: Nothing) => step.sleep('1h'))

  test('is parked with what was recorded, what was asked and where; others go on', async () => {
    const world = new World({ workflows: [before, fine] })
    await world.open()
    const changing = await world.engine.start(before)
    const other = await world.engine.start(fine)
    await world.settle()
    await world.restart({ workflows: [after, fine] })
    await world.advance(3_600_000)
    const parked = await world.engine.run(changing.id)
    expect(await parked.status()).toBe('parked')
    await expect(parked.result()).rejects.toMatchObject({
      code: 'RUN_PARKED',
      facts: {
        code: 'NON_DETERMINISTIC',
        report: {
          entry: 4,
          recorded: 'timer.set "nap"',
          asked: 'step.scheduled "audit"',
          site: expect.stringMatching(/operations\.test\.ts:\d+:\d+$/),
        },
      },
    })
    expect(await (await world.engine.run(other.id)).status()).toBe('completed')

    await world.restart({ workflows: [before, fine] })
    await world.advance(1_000)
    expect(await (await world.engine.run(changing.id)).status()).toBe('parked')
    await world.engine.retry(changing.id)
    await world.settle()
    expect(await (await world.engine.run(changing.id)).result()).toBe(2)
  })

  test('is parked when the code ends or stops asking too early', async () => {
    for (const shorter of [
      workflow({ id: 'changing' }, async (_: Nothing) => 'nothing to do'),
      workflow({ id: 'changing' }, async ({ step }: Nothing) => {
        await step.run('charge', () => 1)
      }),
    ]) {
      const world = new World({ workflows: [before] })
      await world.open()
      const run = await world.engine.start(before)
      await world.settle()
      await world.restart({ workflows: [shorter] })
      await world.advance(3_600_000)
      expect(await (await world.engine.run(run.id)).status()).toBe('parked')
    }
  })

  test('of an unknown workflow is parked, and goes on when it is known again', async () => {
    const world = new World({ workflows: [before, fine] })
    await world.open()
    const changing = await world.engine.start(before)
    const other = await world.engine.start(fine)
    await world.settle()
    await world.restart({ workflows: [fine] })
    await world.advance(3_600_000)
    expect(await (await world.engine.run(changing.id)).status()).toBe('parked')
    expect(await (await world.engine.run(other.id)).status()).toBe('completed')
    await world.restart({ workflows: [before, fine] })
    await world.advance(1_000)
    expect(await (await world.engine.run(changing.id)).result()).toBe(2)
  })

  test('of an unknown workflow that is known again goes on for whoever asks first', async () => {
    const sale = workflow({ id: 'sale' }, async ({ step }: Nothing) => {
      await step.sleep('1s')
      return 'sold'
    })
    const world = new World({ workflows: [sale] })
    await world.open()
    const ids = ['told', 'tried', 'held']
    for (const id of ids) await world.engine.start(sale, undefined, { id })
    await world.settle()
    await world.restart({ workflows: [] })
    await world.settle()
    // Nothing has its turn between the opening and the questions.
    await world.restart({ workflows: [sale] })
    const { engine } = world
    const [told, , held] = await Promise.all(ids.map(id => engine.run(id)))
    const statuses: string[] = []
    for await (const { status } of engine.runs()) statuses.push(status)
    expect(statuses).toEqual(['running', 'running', 'running'])
    const result = told?.result()
    await expect(engine.retry('tried')).rejects.toMatchObject({ code: 'RUN_STATUS' })
    await engine.pause('held')
    await world.settle()
    await world.advance(1_000)
    expect(await result).toBe('sold')
    expect(await held?.status()).toBe('paused')
  })

  test('of an unknown workflow is parked even if it never began, and begins later', async () => {
    const next = workflow({ id: 'next' }, async ({ event, step }: WorkflowContext<number>) => {
      if (event.data === 0) await step.continueAsNew(1)
      return step.run('x', () => event.data)
    })
    const world = new World({ workflows: [next] })
    await world.open()
    let successor = ''
    world.disk.fault = ({ puts }) => {
      const heads = [...puts.keys()].filter(key => key.startsWith('a!'))
      successor = heads.at(-1)?.slice(2) ?? ''
      return [...puts.keys()].some(key => key.startsWith('z!')) ? 'crash-after' : undefined
    }
    void world.engine.start(next, 0).catch(() => {})
    await world.settle()
    world.disk.fault = () => undefined
    await world.restart({ workflows: [] })
    await world.settle()
    expect(await (await world.engine.run(successor)).status()).toBe('parked')
    await world.restart({ workflows: [next] })
    await world.settle()
    await world.restart()
    expect(await (await world.engine.run(successor)).result()).toBe(1)
  })

  test('can be cancelled while it is parked', async () => {
    const world = new World({ workflows: [before] })
    await world.open()
    const { id } = await world.engine.start(before)
    await world.settle()
    await world.restart({ workflows: [] })
    await world.settle()
    await world.engine.cancel(id, 'given up')
    expect(await (await world.engine.run(id)).status()).toBe('cancelled')
  })
})

describe('an endless workflow', () => {
  test('continues as a new run in one write', async () => {
    const endless = workflow(
      { id: 'endless' },
      async ({ event, step }: WorkflowContext<number>) => {
        await step.sleep('1h')
        if (event.data < 3) await step.continueAsNew(event.data + 1)
        return event.data
      },
    )
    const world = new World({ workflows: [endless] })
    await world.open()
    const run = await world.engine.start(endless, 1)
    await world.advance(3_600_000)
    expect(await run.status()).toBe('completed')
    await world.restart()
    await world.advance(7_200_000)
    expect(await (await world.engine.run(run.id)).result()).toBe(3)
    const statuses: string[] = []
    for await (const { status } of world.engine.runs({ workflow: endless })) statuses.push(status)
    expect(statuses).toEqual(['completed', 'completed', 'completed'])
  })
})

describe('code that awaits a promise the engine does not know', () => {
  test('stays correct, is named, and is replayed', async () => {
    let gates: (() => void)[] = []
    const foreign = workflow({ id: 'foreign' }, async ({ step }: Nothing) => {
      await step.run('a', () => 1)
      await new Promise<void>(resolve => gates.push(resolve))
      await step.run('b', () => 2)
      await step.sleep('1h')
      return 'done'
    })
    const world = new World({ workflows: [foreign] })
    await world.open()
    const { id } = await world.engine.start(foreign)
    await world.settle()
    for (const open of gates) open()
    await world.settle()
    gates = []
    const woke = world.logged.find(({ facts }) => facts.site !== undefined)
    expect(woke?.facts.site).toMatch(/operations\.test\.ts:\d+/)
    expect(await story(await world.engine.run(id))).toContain('code.woke')
    await world.restart()
    await world.advance(3_600_000)
    for (const open of gates) open()
    await world.settle()
    expect(await (await world.engine.run(id)).result()).toBe('done')
  })
})
