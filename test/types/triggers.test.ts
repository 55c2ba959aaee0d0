import {
  type CronEvent,
  cron,
  type Engine,
  type EventType,
  type ReceivedEvent,
  type StartEvent,
  type Workflow,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { completed, deleted, paid, ping, signedUp } from './events.ts'

type SignedUp = {
  userId: string
  email: string
  plan: 'free' | 'pro'
  address?: { city: string; zip: number } | undefined
}
type Completed = { userId: string; address: { city: string }; at: Date }
type CompletedInput = { userId: string; address: { city: string }; at: string }

const daily = cron('0 9 * * *')

describe('the event in the code of a workflow', () => {
  test('is that of its trigger, or one that start made', () => {
    const greet = workflow({ id: 'greet', triggers: signedUp }, async ({ event }) => {
      expectTypeOf(event).toEqualTypeOf<
        | ReceivedEvent<'app/user.signup', SignedUp>
        | ReceivedEvent<'perdure/run.scheduled', SignedUp>
      >()
      expectTypeOf(event.data).toEqualTypeOf<SignedUp>()
      return event.data.plan
    })
    expectTypeOf(greet).toEqualTypeOf<Workflow<SignedUp, 'free' | 'pro'>>()
  })

  test('is a union told apart by its name', () => {
    const both = workflow(
      { id: 'both', triggers: [signedUp, { event: completed }] },
      async ({ event }) => {
        if (event.name === 'app/user.signup') {
          expectTypeOf(event.data).toEqualTypeOf<SignedUp>()
        } else if (event.name === 'app/user.profile.completed') {
          expectTypeOf(event.data).toEqualTypeOf<Completed>()
        } else {
          expectTypeOf(event.name).toEqualTypeOf<'perdure/run.scheduled'>()
          expectTypeOf(event.data).toEqualTypeOf<SignedUp | Completed>()
        }
        return event.data.userId
      },
    )
    expectTypeOf(both).toEqualTypeOf<Workflow<SignedUp | CompletedInput, string>>()
  })

  test('has unknown data where triggers are texts', () => {
    const all = workflow({ id: 'all', triggers: ['app/*', 'x'] }, async ({ event }) => {
      expectTypeOf(event.name).toEqualTypeOf<`app/${string}` | 'x' | 'perdure/run.scheduled'>()
      expectTypeOf(event.data).toEqualTypeOf<unknown>()
    })
    expectTypeOf(all).toEqualTypeOf<Workflow<unknown, void>>()
    workflow({ id: 'one', triggers: 'app/user.*' }, async ({ event }) => {
      expectTypeOf(event.name).toEqualTypeOf<`app/user.${string}` | 'perdure/run.scheduled'>()
      if (event.name === 'app/user.x') expectTypeOf(event.data).toEqualTypeOf<unknown>()
    })
    workflow({ id: 'ping', triggers: ping }, async ({ event }) => {
      expectTypeOf(event.data).toEqualTypeOf<unknown>()
    })
  })

  test('is that of the schedule', () => {
    const digest = workflow({ id: 'digest', triggers: daily }, async ({ event }) => {
      expectTypeOf(event).toEqualTypeOf<
        CronEvent | ReceivedEvent<'perdure/run.scheduled', undefined>
      >()
    })
    expectTypeOf(digest).toEqualTypeOf<Workflow<undefined, void>>()
    workflow({ id: 'mixed', triggers: [daily, signedUp] }, async ({ event }) => {
      if (event.name === 'perdure/cron') expectTypeOf(event.data.cron).toEqualTypeOf<string>()
    })
    const given = cron('@hourly', { data: { region: 'eu' } })
    workflow({ id: 'given', triggers: [given, daily] }, async ({ event }) => {
      if (event.name !== 'perdure/cron') return
      expectTypeOf(event).toEqualTypeOf<CronEvent<{ region: string }> | CronEvent>()
      expectTypeOf(event.data.at).toEqualTypeOf<Date>()
      expectTypeOf(event.data.data?.region).toEqualTypeOf<string | undefined>()
    })
  })

  test('is known to a condition that is a function', () => {
    workflow(
      {
        id: 'single',
        triggers: {
          event: signedUp,
          if: event => {
            expectTypeOf(event).toEqualTypeOf<ReceivedEvent<'app/user.signup', SignedUp>>()
            return event.data.plan === 'pro'
          },
        },
      },
      async ({ event }) => expectTypeOf(event.data).toEqualTypeOf<SignedUp>(),
    )
    workflow(
      {
        id: 'several',
        triggers: [
          paid.where({ orderId: '0' }),
          { event: signedUp, if: event => event.data.plan === 'pro' },
          { event: completed, if: ({ data }) => data.at.getTime() > 0 },
          { event: deleted, if: "event.data.userId != ''" },
          { event: paid.where({ orderId: '1' }) },
          // @ts-expect-error: there is no such plan
          { event: signedUp, if: event => event.data.plan === 'gold' },
        ],
      },
      async ({ event }) => {
        expectTypeOf(event.name).toEqualTypeOf<
          | 'shop/paid'
          | 'app/user.signup'
          | 'app/user.profile.completed'
          | 'app/user.deleted'
          | 'perdure/run.scheduled'
        >()
        if (event.name === 'shop/paid') expectTypeOf(event.data.cents).toEqualTypeOf<number>()
      },
    )
  })

  test('is what a list built elsewhere can hold', () => {
    const list: EventType<'a' | 'b', { n: number }>[] = []
    workflow({ id: 'list', triggers: list }, async ({ event }) => {
      expectTypeOf(event.data).toEqualTypeOf<{ n: number }>()
    })
  })

  test('has what the schema makes of it where start made it', () => {
    const schema = z.object({ n: z.string().transform(Number) })
    const made = workflow({ id: 'own', triggers: paid, schema }, async ({ event }) => {
      if (event.name === 'perdure/run.scheduled') {
        expectTypeOf(event.data).toEqualTypeOf<{ n: number }>()
      } else {
        expectTypeOf(event.data).toEqualTypeOf<{ orderId: string; cents: number }>()
      }
    })
    expectTypeOf(made).toEqualTypeOf<Workflow<{ n: string }, void>>()
  })

  test('may be annotated by hand', () => {
    const typed = workflow(
      { id: 'typed', triggers: signedUp },
      async ({ event }: WorkflowContext<{ userId: string }>) => {
        expectTypeOf(event).toEqualTypeOf<StartEvent<{ userId: string }>>()
        return 1
      },
    )
    expectTypeOf(typed).toEqualTypeOf<Workflow<SignedUp, number>>()
    workflow(
      { id: 'typed', triggers: signedUp },
      // @ts-expect-error: the event of the trigger has no such data
      async ({ event }: WorkflowContext<{ userID: string }>) => event.data.userID,
    )
  })
})

describe('other options', () => {
  test('know the events', () => {
    const made = workflow(
      {
        id: 'onboarding',
        triggers: signedUp,
        cancelOn: [
          { event: deleted, match: 'data.userId', timeout: '30d' },
          { event: 'app/other', match: 'data.address.city' },
          { event: completed, if: 'event.data.userId == async.data.userId' },
        ],
        onFailure: async ({ event, error, failedStep, step, run, logger }) => {
          expectTypeOf(event.data).toEqualTypeOf<SignedUp>()
          expectTypeOf(error).toEqualTypeOf<Error>()
          expectTypeOf(failedStep).toEqualTypeOf<string | undefined>()
          await step.run('tell', () => logger.error({ run: run.id }, error.message))
        },
        onCancel: async ({ event, reason, step }) => {
          expectTypeOf(event.data.email).toEqualTypeOf<string>()
          await step.run('tell', () => reason)
        },
      },
      async ({ event }) => event.data.email,
    )
    expectTypeOf(made).toEqualTypeOf<Workflow<SignedUp, string>>()
    const calls = (engine: Engine): unknown[] => [
      engine.start(made, { userId: 'u', email: 'a@b.c', plan: 'free' }),
      // @ts-expect-error: the data is wrong
      engine.start(made, { userId: 'u' }),
    ]
    expectTypeOf(calls).toBeFunction()
  })

  test('match paths that are in both events', () => {
    workflow(
      {
        id: 'onboarding',
        triggers: signedUp,
        cancelOn: [
          // @ts-expect-error: the trigger has no such data
          { event: paid, match: 'data.orderId' },
          // @ts-expect-error: the event that cancels has no such data
          { event: deleted, match: 'data.email' },
        ],
      },
      async () => {},
    )
  })
})
