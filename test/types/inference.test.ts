import { type Engine, type RunHandle, type Workflow, type WorkflowContext, workflow } from 'perdure'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'

// These are checked by the compiler: `npm run types` fails where they do not hold.
describe('types are inferred', () => {
  test('from the annotation of the context to the output', () => {
    const greet = workflow(
      { id: 'greet' },
      async ({ event, step }: WorkflowContext<{ name: string }>) => {
        expectTypeOf(event.data).toEqualTypeOf<{ name: string }>()
        const length = await step.run('count', async () => event.data.name.length)
        expectTypeOf(length).toEqualTypeOf<number>()
        const [a, b] = await Promise.all([
          step.run('a', () => 1 as const),
          step.run('b', async ({ attempt, signal, idempotencyKey }) => {
            expectTypeOf(attempt).toEqualTypeOf<number>()
            expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
            expectTypeOf(idempotencyKey).toEqualTypeOf<string>()
            return 'text'
          }),
        ])
        expectTypeOf(a).toEqualTypeOf<1>()
        expectTypeOf(b).toEqualTypeOf<string>()
        expectTypeOf(step.now()).toEqualTypeOf<Date>()
        const shielded = await step.shield(() => step.run('c', () => true))
        expectTypeOf(shielded).toEqualTypeOf<boolean>()
        return { length }
      },
    )
    expectTypeOf(greet).toEqualTypeOf<Workflow<{ name: string }, { length: number }>>()
    const start = (engine: Engine) => engine.start(greet, { name: 'Ada' })
    expectTypeOf<Awaited<ReturnType<typeof start>>>().toEqualTypeOf<RunHandle<{ length: number }>>()
  })

  test('from a schema', () => {
    const schema = z.object({ amount: z.coerce.number() })
    const pay = workflow({ id: 'pay', schema }, async ({ event }) => {
      expectTypeOf(event.data).toEqualTypeOf<{ amount: number }>()
      return event.data.amount
    })
    expectTypeOf(pay).toEqualTypeOf<Workflow<{ amount: unknown }, number>>()
    const start = (engine: Engine) => engine.start(pay, { amount: '12' })
    expectTypeOf(start).returns.resolves.toEqualTypeOf<RunHandle<number>>()
  })

  test('so that wrong data does not compile', () => {
    const typed = workflow({ id: 'typed' }, async (_: WorkflowContext<{ n: number }>) => 1)
    const nothing = workflow({ id: 'nothing' }, async (_: WorkflowContext<undefined>) => 1)
    const calls = (engine: Engine): unknown[] => [
      engine.start(nothing),
      engine.start(typed, { n: 1 }, { id: 'x' }),
      // @ts-expect-error: the data is wrong
      engine.start(typed, { n: 'one' }),
      // @ts-expect-error: the data is missing
      engine.start(typed),
      // @ts-expect-error: a step needs an id
      workflow({ id: 'x' }, async ({ step }: WorkflowContext<undefined>) => step.run(() => 1)),
      // @ts-expect-error: there is no such option
      workflow({ id: 'x', retry: 3 }, async (_: WorkflowContext<undefined>) => 1),
    ]
    expectTypeOf(calls).toBeFunction()
  })

  test('and the status of a run is a closed union', () => {
    type Status = Awaited<ReturnType<RunHandle['status']>>
    expectTypeOf<Status>().toEqualTypeOf<
      | 'scheduled'
      | 'running'
      | 'paused'
      | 'completed'
      | 'failed'
      | 'cancelled'
      | 'skipped'
      | 'parked'
    >()
  })
})
