import {
  type Engine,
  NonRetriableError,
  openEngine,
  RetryAfterError,
  StepError,
  type Workflow,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'
import { story } from './story.ts'

type Nothing = WorkflowContext<undefined>

/** Runs a workflow that takes nothing, in memory, and gives how it ended. */
async function failureOf(subject: Workflow<undefined, unknown>): Promise<unknown> {
  await using engine: Engine = await openEngine({ path: ':memory:', workflows: [subject] })
  const run = await engine.start(subject)
  return await run.result().catch((error: unknown) => error)
}

describe('what the code throws itself', () => {
  test('is retried by replay, with the policy of the workflow', async () => {
    let lives = 0
    const bodies: string[] = []
    const brittle = workflow({ id: 'brittle', backoff: ['1m'] }, async ({ step }: Nothing) => {
      lives++
      await step.run('a', () => void bodies.push('a'))
      if (lives < 3) throw new Error('the code is broken')
      await step.run('b', () => void bodies.push('b'))
      return lives
    })
    const world = new World({ workflows: [brittle] })
    await world.open()
    const { id } = await world.engine.start(brittle)
    await world.advance(59_000)
    await world.restart()
    await world.advance(61_000)
    const run = await world.engine.run(id)
    expect(await run.result()).toBe(3)
    expect(bodies).toEqual(['a', 'b'])
    expect((await story(run)).slice(3)).toEqual([
      'step.succeeded a',
      'code.failed',
      'timer.fired',
      'code.failed 1',
      'timer.fired',
      'step.scheduled b',
      'step.succeeded b',
      'run.completed',
    ])
  })

  test('fails the run when the attempts are used up', async () => {
    const broken = workflow({ id: 'broken', retries: 2, backoff: ['1m'] }, async (_: Nothing) => {
      throw new TypeError('always')
    })
    const world = new World({ workflows: [broken] })
    await world.open()
    const run = await world.engine.start(broken)
    await world.advance(10 * 60_000)
    const error = await run.result().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: 'always' })
    expect((await story(run)).filter(line => line.startsWith('code.failed'))).toHaveLength(2)
  })

  test('is not retried if it is non-retriable or an uncaught step error', async () => {
    const at_once = workflow({ id: 'once' }, async (_: Nothing) => {
      throw new NonRetriableError('no use')
    })
    expect(await failureOf(at_once)).toMatchObject({ name: 'NonRetriableError', message: 'no use' })
    const uncaught = workflow({ id: 'uncaught' }, async ({ step }: Nothing) =>
      step.run('x', () => Promise.reject(new NonRetriableError('gone')), { retries: 5 }),
    )
    const error = await failureOf(uncaught)
    expect(error).toBeInstanceOf(StepError)
    expect(error).toMatchObject({ code: 'STEP_FAILED', stepId: 'x' })
    expect((error as StepError).cause).toBeInstanceOf(NonRetriableError)
  })
})

describe('a step', () => {
  test('says itself when it may be tried again', async () => {
    const limited = workflow({ id: 'limited' }, async ({ step }: Nothing) =>
      step.run('call', ({ attempt }) => {
        if (attempt === 0) throw new RetryAfterError('slow down', '10m')
        return attempt
      }),
    )
    const world = new World({ workflows: [limited] })
    await world.open()
    const run = await world.engine.start(limited)
    await world.advance(599_000)
    expect(await run.status()).toBe('running')
    await world.advance(1_000)
    expect(await run.result()).toBe(1)
  })

  test('that takes too long has failed, and sees its signal abort', async () => {
    let aborted = false
    const hanging = workflow({ id: 'hanging' }, async ({ step }: Nothing) =>
      step.run(
        'hang',
        ({ signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => {
              aborted = true
            })
          }),
        { timeout: '30s', retries: 0 },
      ),
    )
    const world = new World({ workflows: [hanging] })
    await world.open()
    const run = await world.engine.start(hanging)
    await world.advance(30_000)
    expect(aborted).toBe(true)
    await expect(run.result()).rejects.toMatchObject({ cause: { code: 'STEP_TIMEOUT' } })
  })

  test('has one idempotency key for all attempts and restarts, another for another step', async () => {
    const keys: string[] = []
    const keyed = workflow({ id: 'keyed', backoff: ['1m'] }, async ({ step }: Nothing) => {
      await step.run('a', ({ attempt, idempotencyKey }) => {
        keys.push(idempotencyKey)
        if (attempt === 0) throw new Error('again')
      })
      await step.run('a', ({ idempotencyKey }) => void keys.push(idempotencyKey))
    })
    const world = new World({ workflows: [keyed] })
    await world.open()
    await world.engine.start(keyed)
    await world.settle()
    await world.restart()
    await world.advance(60_000)
    expect(keys).toHaveLength(3)
    expect(keys[0]).toBe(keys[1])
    expect(keys[2]).not.toBe(keys[0])
    expect(keys[0]).toMatch(/^[a-z2-7]{26}$/)
  })

  test('inside another step is refused, naming both', async () => {
    const nested = workflow({ id: 'nested' }, async ({ step }: Nothing) =>
      step.run('outer', async () => {
        await Promise.resolve()
        return step.run('inner', () => 1)
      }),
    )
    expect(await failureOf(nested)).toMatchObject({
      code: 'STEP_FAILED',
      cause: { code: 'STEP_NESTED', facts: { step: 'inner', inside: 'outer' } },
    })
  })

  test('nobody awaits is named at the end', async () => {
    const forgetful = workflow({ id: 'forgetful' }, async ({ step }: Nothing) => {
      void step.run('mail', () => 1)
      await step.run('other', () => 2)
    })
    expect(await failureOf(forgetful)).toMatchObject({
      code: 'STEP_NOT_AWAITED',
      facts: { step: 'mail' },
    })
    const sleepless = workflow({ id: 'sleepless' }, async ({ step }: Nothing) => {
      void step.sleep('1ms')
    })
    expect(await failureOf(sleepless)).toMatchObject({ code: 'STEP_NOT_AWAITED' })
    const endless = workflow({ id: 'endless' }, async ({ step }: Nothing) => {
      void step.run('mail', () => 1)
      await step.continueAsNew(undefined)
    })
    expect(await failureOf(endless)).toMatchObject({
      code: 'STEP_NOT_AWAITED',
      message: "The code called continueAsNew, but step 'mail' was never awaited.",
    })
  })

  test('that fails after another one has failed the run is late', async () => {
    const both = workflow({ id: 'both' }, async ({ step }: Nothing) =>
      Promise.all([
        step.run('a', () => Promise.reject(new NonRetriableError('first'))),
        step.run('b', () => Promise.reject(new NonRetriableError('second'))),
      ]),
    )
    const world = new World({ workflows: [both] })
    await world.open()
    const run = await world.engine.start(both)
    await world.settle()
    await expect(run.result()).rejects.toMatchObject({ stepId: 'a' })
    expect((await story(run)).slice(-3)).toEqual(['step.failed a', 'run.failed', 'step.late b'])
    expect(world.engine.stats()).toMatchObject({ runs: 0, resident: 0 })
  })

  test('that loses a race is no fault', async () => {
    const race = workflow({ id: 'race' }, async ({ step }: Nothing) =>
      Promise.race([step.run('never', () => new Promise(() => {})), step.run('quick', () => 'q')]),
    )
    expect(await failureOf(race)).toBe('q')
  })

  test('whose value cannot be stored fails at once, with the path to the leaf', async () => {
    const unstorable = workflow({ id: 'unstorable' }, async ({ step }: Nothing) =>
      step.run('make', () => ({ user: { db: () => 1 } })),
    )
    expect(await failureOf(unstorable)).toMatchObject({
      code: 'STEP_FAILED',
      attempts: 1,
      cause: { code: 'VALUE_UNSTORABLE', facts: { path: '$.user.db' } },
    })
    const output = workflow({ id: 'output' }, async (_: Nothing) => ({ a: [Symbol('x')] }))
    expect(await failureOf(output)).toMatchObject({
      code: 'VALUE_UNSTORABLE',
      facts: { path: '$.a[0]' },
    })
  })

  test('that throws what cannot be stored still has its error recorded', async () => {
    const socket = workflow({ id: 'socket' }, async ({ step }: Nothing) =>
      step.run(
        'call',
        () => {
          const cause = new RangeError('inner')
          throw Object.assign(new Error('refused', { cause }), { code: 'ECONN', socket: () => 1 })
        },
        { retries: 0 },
      ),
    )
    expect(await failureOf(socket)).toMatchObject({
      message: 'refused',
      cause: { message: 'refused', code: 'ECONN', cause: { message: 'inner' } },
    })
  })

  test('with options that are not valid is refused, naming them', async () => {
    const wrong = workflow({ id: 'wrong' }, async ({ step }: Nothing) =>
      step.run('x', () => 1, { retries: -1 }),
    )
    expect(await failureOf(wrong)).toMatchObject({
      code: 'DEFINITION_INVALID',
      message: expect.stringContaining('retries'),
    })
    const month = workflow({ id: 'month' }, async ({ step }: Nothing) => step.sleep('1 month'))
    expect(await failureOf(month)).toMatchObject({ code: 'DURATION_INVALID' })
  })
})

describe('definitions', () => {
  test('are checked where they are made', async () => {
    const nothing = async (_: Nothing): Promise<void> => {}
    expect(() => workflow({ id: 'a b' }, nothing)).toThrow(/id: "a b" is not an id of 1 to 128/)
    expect(() => workflow({ id: 'a', retries: 1.5 }, nothing)).toThrow(/retries/)
    expect(() => workflow({ id: 'a', backoff: ['1 month'] }, nothing)).toThrow(/backoff/)
    const a = workflow({ id: 'a' }, nothing)
    await expect(openEngine({ path: ':memory:', workflows: [a, a] })).rejects.toMatchObject({
      code: 'WORKFLOW_DUPLICATE',
    })
  })
})
