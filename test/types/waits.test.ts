import {
  type DataPath,
  type EventOf,
  type EventSteps,
  type MatchPath,
  type ReceivedEvent,
  runFailed,
  type WaitTimer,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { describe, expectTypeOf, test } from 'vitest'
import { completed, deleted, paid, signedUp } from './events.ts'

type SignedUpEvent = EventOf<typeof signedUp>
type CompletedEvent = ReceivedEvent<
  'app/user.profile.completed',
  { userId: string; address: { city: string }; at: Date }
>
type PaidEvent = ReceivedEvent<'shop/paid', { orderId: string; cents: number }>

// Declared only: what these functions would do is not the subject, and they are not called.
type Steps = EventSteps<SignedUpEvent>

describe('waitForEvent', () => {
  test('gives the event, or null', () => {
    const code = async (step: Steps) => {
      const profile = await step.waitForEvent('profile', {
        event: completed,
        timeout: '24h',
        match: 'data.userId',
        since: new Date(0),
      })
      expectTypeOf(profile).toEqualTypeOf<CompletedEvent | null>()
      const chosen = await step.waitForEvent('chosen', {
        event: paid.where({ orderId: 'o1' }),
        timeout: 1_000,
        if: 'async.data.cents > 100',
      })
      expectTypeOf(chosen).toEqualTypeOf<PaidEvent | null>()
      const named = await step.waitForEvent('named', {
        event: 'app/whatever',
        timeout: '1h',
        match: 'data.address.city',
      })
      expectTypeOf(named).toEqualTypeOf<ReceivedEvent<'app/whatever'> | null>()
      const failed = await step.waitForEvent('failed', { event: runFailed, timeout: '1h' })
      if (failed !== null) expectTypeOf(failed.data.workflow).toEqualTypeOf<string>()
    }
    expectTypeOf(code).toBeFunction()
  })

  test('takes paths only that are in both events', () => {
    const code = (step: Steps): unknown[] => [
      step.waitForEvent('a', { event: completed, timeout: '1h', match: 'data.address' }),
      step.waitForEvent('a', { event: completed, timeout: '1h', match: 'data.address.city' }),
      // @ts-expect-error: only the trigger has it
      step.waitForEvent('a', { event: completed, timeout: '1h', match: 'data.email' }),
      // @ts-expect-error: only the trigger has it
      step.waitForEvent('a', { event: completed, timeout: '1h', match: 'data.address.zip' }),
      // @ts-expect-error: only the awaited one has it
      step.waitForEvent('a', { event: completed, timeout: '1h', match: 'data.at' }),
      // @ts-expect-error: neither has it
      step.waitForEvent('a', { event: completed, timeout: '1h', match: 'data.userID' }),
      // @ts-expect-error: they have nothing in common
      step.waitForEvent('a', { event: paid, timeout: '1h', match: 'data.orderId' }),
      // @ts-expect-error: the trigger has no such data, though the other's is unknown
      step.waitForEvent('a', { event: 'app/x', timeout: '1h', match: 'data.orderId' }),
      // @ts-expect-error: a path leads into the data
      step.waitForEvent('a', { event: completed, timeout: '1h', match: 'userId' }),
      // @ts-expect-error: a wait has a timeout
      step.waitForEvent('a', { event: completed }),
      // @ts-expect-error: there is no such data to be equal
      step.waitForEvent('a', { event: paid.where({ order: 'o1' }), timeout: '1h' }),
    ]
    expectTypeOf(code).toBeFunction()
  })

  test('takes any path of the awaited event where the trigger is unknown', () => {
    const code = (step: EventSteps): unknown[] => [
      step.waitForEvent('a', { event: completed, timeout: '1h', match: 'data.address.city' }),
      step.waitForEvent('a', { event: 'app/x', timeout: '1h', match: 'data.whatever' }),
      // @ts-expect-error: the awaited one has no such data
      step.waitForEvent('a', { event: completed, timeout: '1h', match: 'data.email' }),
    ]
    expectTypeOf(code).toBeFunction()
  })
})

describe('paths', () => {
  test('are those of all that is known of the data', () => {
    interface Tree {
      readonly name: string
      readonly children: readonly Tree[]
    }
    type Data = {
      id: string
      when?: Date | undefined
      by: { name: string | null; 'dotted.key': number } | undefined
      tags: string[]
      any: unknown
    }
    expectTypeOf<DataPath<Data>>().toEqualTypeOf<
      | 'data.id'
      | 'data.when'
      | 'data.by'
      | 'data.by.name'
      | 'data.tags'
      | `data.tags.${number}`
      | 'data.any'
      | `data.any.${string}`
    >()
    expectTypeOf<'data.children.0.children.1.name'>().toExtend<DataPath<Tree>>()
    expectTypeOf<'data.children.0.children.1.children.2.name'>().not.toExtend<DataPath<Tree>>()
    expectTypeOf<DataPath<Record<string, number>>>().toEqualTypeOf<`data.${string}`>()
    expectTypeOf<DataPath<unknown>>().toEqualTypeOf<`data.${string}`>()
    expectTypeOf<DataPath<undefined>>().toEqualTypeOf<never>()
    expectTypeOf<DataPath<string>>().toEqualTypeOf<never>()
  })

  test('of a union are those of each of its members', () => {
    type Either = { kind: 'a'; x: string } | { kind: 'b'; y: { z: number } }
    expectTypeOf<DataPath<Either>>().toEqualTypeOf<'data.kind' | 'data.x' | 'data.y' | 'data.y.z'>()
    type Events = ReceivedEvent<'a', { x: string }> | ReceivedEvent<'b', { y: string }>
    expectTypeOf<MatchPath<Events, PaidEvent>>().toEqualTypeOf<never>()
    type Lists = ReceivedEvent<'l', { a: { b: string }[]; c: string[]; d: unknown; e: Date }>
    type Others = ReceivedEvent<'o', { a: { b: 1; z: 1 }[]; c: { 0: 1 }; d: { f: 1 }; e: { f: 1 } }>
    expectTypeOf<MatchPath<Lists, Others>>().toEqualTypeOf<
      | 'data.a'
      | `data.a.${number}`
      | `data.a.${number}.b`
      | 'data.c'
      | 'data.d'
      | 'data.d.f'
      | 'data.e'
    >()
    expectTypeOf<MatchPath<Events, ReceivedEvent<'c', { x: number; y: number }>>>().toEqualTypeOf<
      'data.x' | 'data.y'
    >()
  })
})

describe('wide data', () => {
  type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
  type Part = { a: string; list: { b: number }[] }
  type Wide = { [Key in `k${0 | 1}${Digit}`]: { [Inner in `m${Digit}`]: Part } }
  type Paths = MatchPath<ReceivedEvent<'a', Wide & { x: 1 }>, ReceivedEvent<'b', Wide & { y: 1 }>>

  test('has its paths compared without their product', () => {
    expectTypeOf<'data.k19.m0.list.7.b'>().toExtend<Paths>()
    expectTypeOf<'data.x'>().not.toExtend<Paths>()
    expectTypeOf<'data.y'>().not.toExtend<Paths>()
  })
})

describe('waitForAny', () => {
  test('gives a union told apart by its key', () => {
    const code = async (step: Steps, orderId: string) => {
      const first = await step.waitForAny('first', {
        paid,
        deleted: deleted.where({ userId: 'u1' }),
        profile: { event: completed, match: 'data.userId' },
        big: { event: paid.where({ orderId }), if: 'async.data.cents > 100' },
        named: 'app/whatever',
        late: step.timer('24h'),
      })
      expectTypeOf(first.key).toEqualTypeOf<
        'paid' | 'deleted' | 'profile' | 'big' | 'named' | 'late'
      >()
      switch (first.key) {
        case 'paid':
        case 'big':
          expectTypeOf(first.event).toEqualTypeOf<PaidEvent>()
          break
        case 'deleted':
          expectTypeOf(first.event.data).toEqualTypeOf<{ userId: string }>()
          break
        case 'profile':
          expectTypeOf(first.event).toEqualTypeOf<CompletedEvent>()
          break
        case 'named':
          expectTypeOf(first.event).toEqualTypeOf<ReceivedEvent<'app/whatever'>>()
          break
        case 'late':
          expectTypeOf(first).toEqualTypeOf<{ readonly key: 'late' }>()
          // @ts-expect-error: a timer has no event
          return first.event
        default:
          first satisfies never
      }
      return undefined
    }
    expectTypeOf(code).toBeFunction()
  })

  test('refuses what does not fit', () => {
    const code = (step: Steps): unknown[] => [
      // @ts-expect-error: the trigger has no such data
      step.waitForAny('a', { paid: { event: paid, match: 'data.orderId' } }),
      // @ts-expect-error: there is no such option
      step.waitForAny('a', { paid: { event: paid, where: { orderId: '1' } } }),
      // @ts-expect-error: a timer is made by step.timer
      step.waitForAny('a', { late: { timer: '24h' } }),
      // @ts-expect-error: the data is of another type
      step.waitForAny('a', { paid: paid.where({ cents: '100' }) }),
    ]
    expectTypeOf(code).toBeFunction()
    expectTypeOf<ReturnType<Steps['timer']>>().toEqualTypeOf<WaitTimer>()
  })
})

describe('other steps', () => {
  const child = workflow({ id: 'child' }, async ({ event }: WorkflowContext<{ n: number }>) => ({
    twice: event.data.n * 2,
  }))
  const nothing = workflow({ id: 'nothing' }, async (_: WorkflowContext<undefined>) => 'done')
  const onSignup = workflow({ id: 'on-signup', triggers: [signedUp, completed] }, async () => 7)

  test('invoke is typed by the definition of the child', () => {
    const code = async (step: EventSteps) => {
      const output = await step.invoke('twice', { workflow: child, data: { n: 1 }, timeout: '1h' })
      expectTypeOf(output).toEqualTypeOf<{ twice: number }>()
      const done = await step.invoke('done', { workflow: nothing, abandon: true })
      expectTypeOf(done).toEqualTypeOf<string>()
      const data = { userId: 'u', address: { city: 'c' }, at: '2026-01-01T00:00:00Z' }
      const seven = await step.invoke('seven', { workflow: onSignup, data })
      expectTypeOf(seven).toEqualTypeOf<number>()
      // @ts-expect-error: the data is wrong
      await step.invoke('wrong', { workflow: child, data: { n: 'one' } })
      // @ts-expect-error: the data is missing
      await step.invoke('missing', { workflow: child })
    }
    expectTypeOf(code).toBeFunction()
  })

  test('signals and sending', () => {
    const code = async (step: EventSteps) => {
      const options = { signal: 'approved', timeout: '7d' } as const
      expectTypeOf(await step.waitForSignal('a', options)).toEqualTypeOf<unknown>()
      const typed = await step.waitForSignal<{ by: string }>('b', options)
      expectTypeOf(typed).toEqualTypeOf<{ by: string } | null>()
      const { ids } = await step.sendEvent('c', [
        deleted({ userId: 'u1' }),
        paid({ orderId: 'o1', cents: 1 }, { id: 'once' }),
        { name: 'app/other', data: 1, ts: 2 },
      ])
      expectTypeOf(ids).toEqualTypeOf<readonly string[]>()
      await step.sendEvent('d', deleted({ userId: 'u1' }))
      // @ts-expect-error: an event has a name
      await step.sendEvent('e', { data: 1 })
    }
    expectTypeOf(code).toBeFunction()
  })
})
