import { event, type Workflow, type WorkflowContext, workflow } from 'perdure'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

type Nothing = WorkflowContext<undefined>
type Code = (context: Nothing) => Promise<unknown>

const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})
afterEach(() => {
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

const other: Workflow<undefined, unknown> = workflow({ id: 'other' }, async (_: Nothing) => 1)

interface Told {
  readonly error: unknown
  readonly world: World
  readonly run: string
}

/** Runs the code, an hour of it, and cancels it at half past if asked to. Gives how it ended. */
async function outcome(code: Code, act?: 'cancel'): Promise<Told> {
  const subject = workflow({ id: 'subject', retries: 3, backoff: ['1s'] }, code)
  const world = new World({ workflows: [subject, other] })
  await world.open()
  const run = await world.engine.start(subject)
  const result = run.result().then(
    () => undefined,
    (error: unknown) => error,
  )
  await world.advance(1_800_000)
  if (act === 'cancel') await run.cancel('enough')
  await world.advance(1_800_000)
  return { error: await result, world, run: run.id }
}

const later = (turns: number): Promise<void> =>
  turns === 0
    ? Promise.resolve()
    : new Promise(resolve => setImmediate(() => resolve(later(turns - 1))))

type Steps = Nothing['step']

/** Its schema takes its time to say no. */
const checked = event('subject/checked', {
  '~standard': {
    version: 1,
    vendor: 'here',
    validate: async () => ({ issues: [{ message: 'it is wrong' }] }),
  },
})

const calls: Record<string, (step: Steps) => Promise<unknown>> = {
  run: step => step.run('inner', () => 1),
  'run without an id': step => step.run('', () => 1),
  sleep: step => step.sleep('inner', '1s'),
  'sleep of an odd length': step => step.sleep('1 month'),
  sleepUntil: step => step.sleepUntil('inner', 0),
  waitForEvent: step => step.waitForEvent('inner', { event: 'a/b', timeout: '1s' }),
  waitForAny: step => step.waitForAny('inner', { late: step.timer('1s') }),
  waitForSignal: step => step.waitForSignal('inner', { signal: 'x', timeout: '1s' }),
  invoke: step => step.invoke('inner', { workflow: other, data: undefined }),
  sendEvent: step => step.sendEvent('inner', { name: 'a/b', data: 1 }),
  'sendEvent with a slow check': step => step.sendEvent('inner', checked(1)),
  continueAsNew: step => step.continueAsNew(undefined),
}

describe('a call in the body of a step', () => {
  for (const [name, call] of Object.entries(calls)) {
    test(`is refused: ${name}`, async () => {
      const nested = { code: 'STEP_NESTED', facts: { inside: 'outer' } }
      const failed = { code: 'STEP_FAILED', facts: { attempts: 1 }, cause: nested }
      const forms: Record<string, (step: Steps) => Promise<unknown>> = {
        awaited: step => step.run('outer', () => call(step)),
        'after a while': step => step.run('outer', () => later(2).then(() => call(step))),
        'in a shield': step => step.run('outer', () => step.shield(() => call(step))),
        'of a shielded step': step => step.shield(() => step.run('outer', () => call(step))),
        'nobody awaits': step => step.run('outer', () => void call(step)),
        'nobody awaits, in a long body': step =>
          step.run('outer', async () => {
            void call(step)
            await later(2)
          }),
      }
      for (const [form, act] of Object.entries(forms)) {
        const { error, world, run } = await outcome(async ({ step }) => {
          await act(step)
          await step.sleep('1s')
        })
        expect(error, form).toMatchObject(failed)
        await world.restart()
        await world.advance(10_000)
        expect(await (await world.engine.run(run)).status(), form).toBe('failed')
      }
    })
  }

  test('that the body deals with is forgotten', async () => {
    const { error } = await outcome(async ({ step }) => {
      await step.run('outer', async () => {
        await step.run('inner', () => 1).catch(() => {})
      })
      const [first] = await Promise.all([step.run('a', () => 1), step.run('b', () => 2)])
      return first
    })
    expect(error).toBeUndefined()
  })

  test('is refused to its own attempt only: a body beside it goes on', async () => {
    const beside: unknown[] = []
    const { error } = await outcome(async ({ step }) => {
      const good = step.run('good', () => later(3).then(() => 'good'))
      await step.run('bad', () => void step.run('inner', () => 1)).catch(() => {})
      beside.push(await good)
    })
    expect(error).toBeUndefined()
    expect(beside).toEqual(['good'])
  })
})

describe('a call that is refused and that nobody awaits', () => {
  const faulty = ['run without an id', 'sleep of an odd length', 'sendEvent with a slow check']
  for (const name of faulty) {
    test(`is named when the code ends: ${name}`, async () => {
      const call = calls[name]
      const { error } = await outcome(async ({ step }) => {
        void call?.(step)
        await step.run('x', () => 1)
      })
      expect(error).toMatchObject({ code: 'STEP_NOT_AWAITED' })
    })
  }

  test('carries why it was refused', async () => {
    const { error } = await outcome(async ({ step }) => {
      void step.sleep('nap', '1 month')
    })
    expect(error).toMatchObject({
      facts: { step: 'nap' },
      cause: { code: 'DURATION_INVALID' },
    })
  })

  test('gives way to what the code throws', async () => {
    const { error } = await outcome(async ({ step }) => {
      const bad = step.run('', () => 1)
      await step.run('x', () => 1)
      await bad
    })
    expect(error).toMatchObject({ code: 'DEFINITION_INVALID' })
  })

  test('does no harm while the run is cancelled', async () => {
    const begun: string[] = []
    const forms: Record<string, Code> = {
      'in finally': async ({ step }) => {
        try {
          await step.sleep('1h')
        } finally {
          const both = [step.run('x', () => begun.push('x')), step.run('y', () => begun.push('y'))]
          for (const each of both) await each
        }
      },
      'in catch': async ({ step }) => {
        await step.sleep('1h').catch(() => void step.run('x', () => begun.push('x')))
      },
      'in a listener': async ({ step, signal }) => {
        signal.addEventListener('abort', () => void step.run('x', () => begun.push('x')))
        await step.sleep('1h')
      },
      'as new': async ({ step }) => {
        try {
          await step.sleep('1h')
        } finally {
          void step.continueAsNew(1)
        }
      },
      'of an event': async ({ step }) => {
        try {
          await step.sleep('1h')
        } finally {
          void step.sendEvent('x', checked(1))
        }
      },
    }
    for (const [form, code] of Object.entries(forms)) {
      const { error } = await outcome(code, 'cancel')
      expect(error, form).toMatchObject({ code: 'RUN_CANCELLED' })
    }
    expect(begun).toEqual([])
  })
})
