import { type KeyOption, type ReceivedEvent, type WorkflowContext, workflow } from 'perdure'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { completed, paid, signedUp } from './events.ts'

type Paid = ReceivedEvent<'shop/paid', { orderId: string; cents: number }>
type Started = Paid | ReceivedEvent<'perdure/run.scheduled', Paid['data']>

describe('flow control', () => {
  test('knows the event that starts the run', () => {
    workflow(
      {
        id: 'w',
        triggers: paid,
        concurrency: [
          5,
          {
            limit: 1,
            per: 'run',
            key: event => {
              expectTypeOf(event).toEqualTypeOf<Started>()
              return event.data.orderId
            },
          },
        ],
        throttle: { limit: 1, period: '1s', key: ({ data }) => data.orderId },
        rateLimit: { limit: 1, period: 1, algorithm: 'fixed', key: ({ data }) => data.cents },
        idempotency: event => event.data.orderId,
        batchEvents: {
          maxSize: 9,
          timeout: '1s',
          key: ({ data }) => data.orderId,
          if: ({ data }) => data.cents > 5,
        },
        priority: { run: ({ data }) => data.cents },
        singleton: { mode: 'skip', key: ({ data }) => data.orderId },
        timeouts: { start: '1m', finish: 5 },
        backlog: { runs: 5, bytes: 5, full: 'skip' },
      },
      async ({ event, events }) => {
        expectTypeOf(event).toEqualTypeOf<Started>()
        expectTypeOf(events).toEqualTypeOf<readonly Started[]>()
      },
    )
    workflow(
      {
        id: 'several',
        triggers: [signedUp, completed],
        debounce: { period: '1s', key: ({ data }) => data.userId, mode: 'all' },
        priority: event => (event.name === 'app/user.signup' ? event.data.email.length : 0),
      },
      async ({ events }) =>
        expectTypeOf(events[0]?.data.userId).toEqualTypeOf<string | undefined>(),
    )
  })

  test('knows what a schema makes of the data', () => {
    const schema = z.object({ n: z.coerce.number() })
    workflow({ id: 'w', schema, idempotency: event => event.data.n }, async ({ event }) => {
      expectTypeOf(event.data).toEqualTypeOf<{ n: number }>()
    })
    workflow(
      { id: 'w', singleton: { mode: 'cancel', key: event => event.data.n } },
      async ({ events }: WorkflowContext<{ n: number }>) => {
        expectTypeOf(events[0]?.data).toEqualTypeOf<{ n: number } | undefined>()
      },
    )
    expectTypeOf<KeyOption<Paid>>().toEqualTypeOf<string | ((event: Paid) => unknown)>()
  })

  test('does not compile where an option is wrong', () => {
    const code = async (): Promise<void> => {}
    const definitions = () => [
      // @ts-expect-error: two limits at the most
      workflow({ id: 'w', concurrency: [1, 2, 3] }, code),
      // @ts-expect-error: there is no such scope
      workflow({ id: 'w', concurrency: { limit: 1, scope: 'account' } }, code),
      // @ts-expect-error: a limit is missing
      workflow({ id: 'w', concurrency: { key: 'event.data.id' } }, code),
      // @ts-expect-error: the period is missing
      workflow({ id: 'w', throttle: { limit: 1 } }, code),
      // @ts-expect-error: there is no such algorithm
      workflow({ id: 'w', rateLimit: { limit: 1, period: 1, algorithm: 'window' } }, code),
      // @ts-expect-error: there is no such option
      workflow({ id: 'w', debounce: { period: 1, leading: true } }, code),
      // @ts-expect-error: the mode is missing
      workflow({ id: 'w', singleton: {} }, code),
      // @ts-expect-error: a priority is computed
      workflow({ id: 'w', priority: 5 }, code),
      // @ts-expect-error: conditions are truths
      workflow({ id: 'w', batchEvents: { maxSize: 2, timeout: 1, if: () => 'yes' } }, code),
      // @ts-expect-error: the event has no such data
      workflow({ id: 'w', triggers: paid, idempotency: event => event.data.userId }, code),
      // @ts-expect-error: the event has no such data
      workflow({ id: 'w', triggers: paid, priority: { run: e => e.data.x } }, code),
    ]
    expectTypeOf(definitions).toBeFunction()
  })
})
