import {
  type Logger,
  openEngine,
  RetryAfterError,
  type StepError,
  type Workflow,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

type Nothing = WorkflowContext<undefined>

/** Runs a workflow beside an innocent one, with a restart; gives how it ended. */
async function outcomeOf(subject: Workflow<undefined, unknown>): Promise<unknown> {
  const innocent = workflow({ id: 'innocent' }, async ({ step }: Nothing) => step.sleep('1m'))
  const world = new World({ workflows: [subject, innocent] })
  await world.open()
  const other = await world.engine.start(innocent)
  const run = await world.engine.start(subject)
  await world.settle()
  await world.restart()
  await world.advance(3 * 3_600_000)
  expect(await (await world.engine.run(other.id)).status()).toBe('completed')
  return await (await world.engine.run(run.id)).result().catch((error: unknown) => error)
}

describe('whatever is thrown, only its run has to do with it', () => {
  test('a wait that is no date', async () => {
    let calls = 0
    const limited = workflow({ id: 'limited' }, async ({ step }: Nothing) =>
      step.run('call', () => {
        if (calls++ === 0) throw new RetryAfterError('slow down', new Date(Number.NaN))
        return calls
      }),
    )
    expect(await outcomeOf(limited)).toBe(2)
  })

  for (const [what, thrown] of Object.entries({
    'an object without a prototype': () => Object.create(null),
    'an array of one': () => [Object.create(null)],
    'an object that makes no text': () => ({ toString: 'x', valueOf: 1 }),
    'an error whose fields throw': () =>
      Object.defineProperty(new Error('x'), 'message', {
        get: () => {
          throw new Error('no')
        },
      }),
    'an error with a symbol for a name': () =>
      Object.assign(new Error('x'), { name: Symbol('y'), socket: () => 1 }),
    'an error whose name throws': () =>
      Object.defineProperty(new Error('x'), 'name', {
        get: () => {
          throw new Error('no')
        },
      }),
    'a proxy that was revoked': () => {
      const { proxy, revoke } = Proxy.revocable(new Error('x'), {})
      revoke()
      return proxy
    },
    'errors gathered in what is no list': () =>
      Object.assign(new AggregateError([]), { errors: 1 }),
    'a proxy that answers nothing': () =>
      new Proxy(new Error('x'), {
        getPrototypeOf: () => {
          throw new Error('no')
        },
      }),
  })) {
    for (const later of [false, true]) {
      test(`${what}, ${later ? 'later' : 'at once'}`, async () => {
        const odd = workflow({ id: 'odd', retries: 1 }, async ({ step }: Nothing) =>
          step.run('throw', () => {
            if (later) return Promise.reject(thrown())
            throw thrown()
          }),
        )
        expect(await outcomeOf(odd)).toMatchObject({
          name: 'StepError',
          stepId: 'throw',
          attempts: 2,
        })
      })
    }

    test(`${what}, by the code`, async () => {
      let lives = 0
      const odd = workflow({ id: 'odd', retries: 1 }, async (_: Nothing) => {
        lives++
        throw thrown()
      })
      await outcomeOf(odd)
      expect(lives).toBeGreaterThan(1)
    })
  }

  test('a promise whose getters throw', async () => {
    const odd = workflow({ id: 'odd', retries: 1 }, async ({ step }: Nothing) =>
      step.run('return', () =>
        Object.defineProperty(Promise.resolve(), 'constructor', {
          get: () => {
            throw new Error('no')
          },
        }),
      ),
    )
    await outcomeOf(odd)
  })
})

describe('trying again does again what failed', () => {
  const shapes = (charge: () => unknown): Workflow<undefined, unknown>[] => [
    workflow({ id: 'rethrown', retries: 0 }, async ({ step }: Nothing) => {
      try {
        return await step.run('charge', charge)
      } catch (error) {
        await step.run('notify', () => 1)
        throw error
      }
    }),
    workflow({ id: 'beside', retries: 0 }, async ({ step }: Nothing) => {
      const [charged] = await Promise.all([
        step.run('charge', charge),
        step.run('slow', () => new Promise(resolve => setImmediate(resolve))),
      ])
      return charged
    }),
    workflow({ id: 'gathered', retries: 0 }, async ({ step }: Nothing) =>
      Promise.any([
        step.run('charge', charge),
        step.run('other', () => Promise.reject(new Error('never')), { retries: 0 }),
      ]),
    ),
    workflow({ id: 'wrapped', retries: 0 }, async ({ step }: Nothing) => {
      const [charged] = await Promise.allSettled([step.run('charge', charge)])
      if (charged.status === 'fulfilled') return charged.value
      throw new Error('it failed', { cause: charged.reason as StepError })
    }),
  ]

  test('whichever way the failure came out of the code', async () => {
    for (const index of [0, 1, 2, 3]) {
      let broken = true
      const charge = (): string => {
        if (broken) throw new Error('declined')
        return 'charged'
      }
      const subject = shapes(charge)[index]
      if (subject === undefined) throw new Error('no such shape')
      const world = new World({ workflows: [subject] })
      await world.open()
      const run = await world.engine.start(subject)
      await world.settle()
      expect(await run.status()).toBe('failed')
      broken = false
      const again = await world.engine.retry(run.id)
      await world.settle()
      expect(await again.result()).toBe('charged')
    }
  })
})

describe('after close', () => {
  test('nothing hangs', async () => {
    const slow = workflow({ id: 'slow' }, async ({ step }: Nothing) =>
      step.run('work', () => new Promise(() => {})),
    )
    const world = new World({ workflows: [slow] })
    const engine = await world.open()
    const live = engine.subscribe()
    const run = await engine.start(slow)
    for (let entries = 0; entries < 3; entries++) await live.next()
    const waiting = live.next()
    await world.settle()
    await engine.close()
    await expect(run.result()).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    await expect(engine.gc()).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    expect(await engine.subscribe().next()).toMatchObject({ done: true })
    expect(await waiting).toMatchObject({ done: true })
  })

  test('readers of live entries have asked for them in order', async () => {
    const plain = workflow({ id: 'plain' }, async ({ step }: Nothing) => step.run('a', () => 1))
    const world = new World({ workflows: [plain] })
    const engine = await world.open()
    const live = engine.subscribe()
    const asked = Array.from({ length: 7 }, () => live.next())
    await engine.start(plain)
    await world.settle()
    const early = await Promise.all(asked.slice(0, 5))
    expect(early.map(({ value }) => value?.type)).toEqual([
      'run.scheduled',
      'run.started',
      'step.scheduled',
      'step.succeeded',
      'run.completed',
    ])
    await live.return?.()
    expect(await Promise.all(asked.slice(5))).toMatchObject([{ done: true }, { done: true }])
  })

  test('and a reader of live entries can leave while it waits', async () => {
    await using engine = await openEngine({ path: ':memory:', workflows: [] })
    const live = engine.subscribe()
    const waiting = live.next()
    await live.return?.()
    expect(await waiting).toMatchObject({ done: true })
  })
})

describe('what is not legal is refused where it is given', () => {
  test('reasons, ids and dates', async () => {
    const nullable = workflow(
      { id: 'nullable' },
      async ({ event, step }: WorkflowContext<number>) => {
        const none = JSON.parse('null')
        if (event.data === 0) await step.sleepUntil('invoice', none)
        await step.sleep(JSON.parse('{"an":"object"}'), '1s')
      },
    )
    await using engine = await openEngine({ path: ':memory:', workflows: [nullable] })
    for (const data of [0, 1]) {
      const run = await engine.start(nullable, data)
      await expect(run.result()).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
    }
    for (const reason of [{ a: 1 }, 'x'.repeat(5_000)]) {
      const cancelled = engine.cancel('any', JSON.parse(JSON.stringify(reason)))
      await expect(cancelled).rejects.toMatchObject({ code: 'DATA_INVALID' })
    }
  })

  test('options, before the journal is opened', async () => {
    const illegal = [
      { closeOn: ['SIGKILL'] },
      { closeOn: ['SIGFOO'] },
      { retenton: '1d' },
      { limits: { valueBytes: (16 << 20) + 1 } },
    ]
    for (const options of illegal) {
      const all = { path: ':memory:', workflows: [], ...JSON.parse(JSON.stringify(options)) }
      await expect(openEngine(all)).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
    }
  })

  test('but an option that is undefined is as good as absent', async () => {
    const names = ['durability', 'retention', 'concurrency', 'limits', 'onDamage', 'closeOn', 'ids']
    const limits = ['entriesPerRun', 'residentRuns', 'waitingInputs', 'subscriberEntries']
    const undefinedOf = (names: readonly string[]): object =>
      Object.fromEntries(names.map(name => [name, undefined]))
    const plain = workflow({ id: 'plain' }, async ({ step }: Nothing) => step.run('a', () => 1))
    for (const options of [
      undefinedOf(names),
      { limits: undefinedOf([...limits, 'valueBytes']) },
    ]) {
      await using engine = await openEngine({ path: ':memory:', workflows: [plain], ...options })
      const live = engine.subscribe()
      expect(await (await engine.start(plain)).result()).toBe(1)
      expect(await live.next()).toMatchObject({ done: false })
    }
  })

  test('and a logger that throws brings nothing down', async () => {
    const fail = (): never => {
      throw new Error('the log is full')
    }
    const logger: Logger = { debug: fail, info: fail, warn: fail, error: fail }
    const world = new World({ workflows: [] })
    await world.open({ logger })
    world.disk.fault = () => 'fails'
    const foreign = workflow({ id: 'foreign' }, async ({ step }: Nothing) => {
      await new Promise(resolve => setImmediate(resolve))
      return step.run('a', () => 1)
    })
    await using engine = await openEngine({ path: ':memory:', workflows: [foreign], logger })
    expect(await (await engine.start(foreign)).result()).toBe(1)
  })
})
