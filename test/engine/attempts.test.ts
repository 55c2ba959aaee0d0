import {
  NonRetriableError,
  RetryAfterError,
  StepError,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AnyWorkflow } from '../../src/define/workflow.ts'
import { World } from '../simulation/world.ts'
import { story } from './story.ts'

type Nothing = WorkflowContext<undefined>

const child = workflow({ id: 'child' }, async ({ event }: WorkflowContext<unknown>) => event.data)

/** A world with a run of this workflow, once everything is settled. */
async function settled(
  subject: AnyWorkflow | ((world: World) => AnyWorkflow),
  others: readonly AnyWorkflow[] = [child],
): Promise<World & { id: string }> {
  const world = new World({ workflows: [] })
  const made = typeof subject === 'function' ? subject(world) : subject
  await world.open({ workflows: [made, ...others] })
  const { id } = await world.engine.start(made, undefined)
  await world.settle()
  return Object.assign(world, { id })
}

const resultOf = async ({ engine, id }: World & { id: string }): Promise<unknown> =>
  (await engine.run(id)).result().catch((error: unknown) => error)

describe('a body that asks something of an engine that is leaving', () => {
  const refused = async (
    ask: (world: World) => Promise<unknown>,
    then = async (work: Promise<unknown>): Promise<unknown> => work,
  ): Promise<{ stories: string[][]; outcome: unknown; attempts: number[] }> => {
    const attempts: number[] = []
    let go = (): void => {}
    const gate = new Promise<void>(resolve => {
      go = resolve
    })
    const world = await settled(world =>
      workflow({ id: 'parent', retries: 0 }, async ({ step }: Nothing) =>
        step.run('spawn', async ({ attempt }) => {
          attempts.push(attempt)
          await gate
          await then(ask(world))
          return 'spawned'
        }),
      ),
    )
    const closed = world.engine.close({ drain: '10s' })
    go()
    await world.advance(1_000)
    await closed
    await world.restart()
    const stories = [await story(await world.engine.run(world.id))]
    await world.settle()
    stories.push(await story(await world.engine.run(world.id)))
    return { stories, outcome: await resultOf(world), attempts }
  }

  const start = ({ engine }: World): Promise<unknown> => engine.start(child, 1, { id: 'c1' })

  test('has not failed: the next opening begins its step again', async () => {
    const { stories, outcome, attempts } = await refused(start)
    expect(outcome).toBe('spawned')
    expect(stories[0]?.at(-1)).toBe('step.scheduled spawn')
    expect(stories[1]?.slice(-2)).toEqual(['step.succeeded spawn', 'run.completed'])
    expect(attempts).toEqual([0, 0])
  })

  test('nor has one that sends, or says what it failed of', async () => {
    const sent = await refused(({ engine }) => engine.send({ name: 'app/x', data: 1 }))
    expect(sent.outcome).toBe('spawned')
    const wrapped = await refused(start, work =>
      work.catch(cause => Promise.reject(new Error('cannot spawn', { cause }))),
    )
    expect(wrapped.outcome).toBe('spawned')
  })

  test('has failed if it gives up for good, or for a reason of its own', async () => {
    for (const error of [
      (cause: unknown) => new NonRetriableError('never mind', { cause }),
      () => new Error('unrelated'),
    ]) {
      const { outcome } = await refused(start, work =>
        work.catch(cause => Promise.reject(error(cause))),
      )
      expect(outcome).toMatchObject({ code: 'STEP_FAILED', attempts: 1 })
    }
  })
})

describe('what a body meets outside is tried again as the policy says', () => {
  const foreign: Record<string, (world: World) => Promise<unknown>> = {
    'a child run that failed': async ({ engine }) =>
      (await engine.start(workflow({ id: 'failing' }, async (_: Nothing) => {}))).result(),
    'data that a child does not take': ({ engine }) => engine.start(child, () => 1),
    'a workflow that is not known': ({ engine }) =>
      engine.start(workflow({ id: 'unknown' }, async (_: Nothing) => {})),
    'another engine, closed': () => other.engine.start(child, 1),
  }
  const other = new World({ workflows: [child] })
  beforeAll(async () => {
    await other.open()
    await other.engine.close()
  })

  for (const [what, ask] of Object.entries(foreign)) {
    test(what, async () => {
      let attempts = 0
      const failing = workflow({ id: 'failing', retries: 0 }, async ({ step }: Nothing) =>
        step.run('fail', () => Promise.reject(new NonRetriableError('child'))),
      )
      const parent = (world: World): AnyWorkflow =>
        workflow({ id: 'parent', backoff: ['1s'] }, async ({ step }: Nothing) =>
          step.run('ask', async () => {
            if (attempts++ < 2) await ask(world)
            return 'asked'
          }),
        )
      const world = await settled(parent, [child, failing])
      expect(attempts).toBe(1)
      await world.advance(2_000)
      expect(await resultOf(world)).toBe('asked')
    })
  }

  test('what the engine refuses of the step itself is not', async () => {
    const nested = workflow({ id: 'nested' }, async ({ step }: Nothing) =>
      step.run('outer', () => step.run('inner', () => 1)),
    )
    expect(await resultOf(await settled(nested))).toMatchObject({
      attempts: 1,
      cause: { code: 'STEP_NESTED' },
    })
  })
})

describe('what code throws', () => {
  test('is final if every step that it gathers has failed for good', async () => {
    const fail = (): never => {
      throw new Error('no')
    }
    const any = workflow({ id: 'any' }, async ({ step }: Nothing) =>
      Promise.any([step.run('a', fail, { retries: 0 }), step.run('b', fail, { retries: 0 })]),
    )
    const world = await settled(any)
    const error = (await resultOf(world)) as AggregateError
    expect(error).toBeInstanceOf(AggregateError)
    expect(error.errors.every(each => each instanceof StepError)).toBe(true)
    expect((await story(await world.engine.run(world.id))).at(-1)).toBe('run.failed')
  })

  test('is tried again if one of them is no step', async () => {
    let lives = 0
    const any = workflow({ id: 'any', backoff: ['1s'] }, async ({ step }: Nothing) => {
      lives++
      const failed = step.run('a', () => Promise.reject(new Error('no')), { retries: 0 })
      const flaky = lives < 2 ? Promise.reject(new Error('flaky')) : failed.catch(() => 'lived')
      return Promise.any([failed, flaky])
    })
    const world = await settled(any)
    await world.advance(1_000)
    expect(await resultOf(world)).toBe('lived')
  })
})

describe('errors of another copy of the package', () => {
  test('are known by their names', async () => {
    const at: number[] = []
    const copied = (world: World): AnyWorkflow =>
      workflow({ id: 'copied', backoff: ['1h'] }, async ({ step }: Nothing) =>
        step.run('call', () => {
          at.push(world.clock.elapsed())
          if (at.length > 1) return 'called'
          const error = Object.assign(new Error('later'), { retryAfter: '10s' })
          throw Object.defineProperty(error, 'name', { value: RetryAfterError.name })
        }),
      )
    const world = await settled(copied)
    await world.advance(10_000)
    expect(at).toEqual([0, 10_000])
    expect(await resultOf(world)).toBe('called')
  })
})

describe('a step with a timeout', () => {
  const hanging = workflow({ id: 'hanging' }, async ({ step }: Nothing) =>
    step.run('hang', () => new Promise(() => {}), { timeout: '8s' }),
  )

  test('leaves nothing ringing when the engine has closed', async () => {
    const world = await settled(hanging)
    await world.engine.close()
    expect(world.clock.next()).toBeUndefined()
  })

  test('gives up its place when its time is up, though its body goes on', async () => {
    let bodies = 0
    const deaf = workflow({ id: 'deaf' }, async ({ step }: Nothing) =>
      step.run('hang', () => new Promise(() => void bodies++), {
        timeout: '1s',
        retries: 1,
        backoff: ['1ms'],
      }),
    )
    const world = new World({ workflows: [deaf], concurrency: 1 })
    await world.open()
    const run = await world.engine.start(deaf)
    await world.advance(3_000)
    expect(bodies).toBe(2)
    const error = (await run.result().catch((error: unknown) => error)) as StepError
    expect(error.cause).toMatchObject({ code: 'STEP_TIMEOUT' })
  })
})
