import { type as ark } from 'arktype'
import {
  type EventMatch,
  type EventSteps,
  type EventType,
  event,
  type MadeEvent,
  type ReceivedEvent,
  runCompleted,
  type Workflow,
  workflow,
} from 'perdure'
import * as v from 'valibot'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'

type Input = { id: string; at: string; note?: string | undefined }
type Data = { id: string; at: Date; note?: string | undefined }

const date = (text: string): Date => new Date(text)

const byZod = event(
  'by/zod',
  z.object({ id: z.string(), at: z.string().transform(date), note: z.string().optional() }),
)
const byValibot = event(
  'by/valibot',
  v.object({
    id: v.string(),
    at: v.pipe(v.string(), v.transform(date)),
    note: v.optional(v.union([v.string(), v.undefined_()])),
  }),
)
const byArktype = event(
  'by/arktype',
  ark({ id: 'string', at: ark('string').pipe(date), 'note?': 'string | undefined' }),
)

describe('event types', () => {
  test('know what is sent and what arrives, by any library', () => {
    expectTypeOf(byZod).toEqualTypeOf<EventType<'by/zod', Input, Data>>()
    expectTypeOf(byZod({ id: '1', at: '2' })).toEqualTypeOf<MadeEvent<'by/zod', Input>>()
    expectTypeOf(byValibot({ id: '1', at: '2' }).data).toEqualTypeOf<Input>()
    expectTypeOf(byArktype({ id: '1', at: '2' }).data).toEqualTypeOf<Input>()
    expectTypeOf(byValibot.name).toEqualTypeOf<'by/valibot'>()
    const made = workflow(
      {
        id: 'all',
        triggers: [byZod, byValibot, { event: byArktype, if: e => e.data.at > date('') }],
      },
      async ({ event }) => {
        if (event.name === 'by/zod') expectTypeOf(event.data).toEqualTypeOf<Data>()
        if (event.name === 'by/valibot') expectTypeOf(event.data).toEqualTypeOf<Data>()
        if (event.name === 'by/arktype') expectTypeOf(event.data).toEqualTypeOf<Data>()
        return event.data.at
      },
    )
    expectTypeOf(made).toExtend<Workflow<Input, Date>>()
  })

  test('give waits their paths, by any library', () => {
    const code = async (step: EventSteps<ReceivedEvent<'by/zod', Data>>) => {
      const a = await step.waitForEvent('a', { event: byValibot, match: 'data.id', timeout: 1 })
      expectTypeOf(a?.data).toEqualTypeOf<Data | undefined>()
      const b = await step.waitForEvent('b', { event: byArktype, match: 'data.note', timeout: 1 })
      expectTypeOf(b?.data).toEqualTypeOf<Data | undefined>()
      // @ts-expect-error: there is no such data
      await step.waitForEvent('c', { event: byArktype, match: 'data.ID', timeout: 1 })
      // @ts-expect-error: there is no such data
      await step.waitForEvent('d', { event: byValibot, match: 'data.ID', timeout: 1 })
    }
    expectTypeOf(code).toBeFunction()
  })

  test('refuse data and options that are wrong', () => {
    const calls = (): unknown[] => [
      byZod({ id: '1', at: '2' }, { id: 'once', ts: 1, v: '2' }),
      // @ts-expect-error: what is sent is a text
      byZod({ id: '1', at: new Date() }),
      // @ts-expect-error: the data is missing
      byZod(),
      // @ts-expect-error: there is no such option
      byZod({ id: '1', at: '2' }, { key: 'once' }),
      // @ts-expect-error: the data is wrong
      byValibot({ id: 1, at: '2' }),
      // @ts-expect-error: the data is wrong
      byArktype({ id: 1, at: '2' }),
      // @ts-expect-error: only the engine makes these
      runCompleted({ run: 'r', workflow: 'w', output: 1 }),
      // @ts-expect-error: this is no schema
      event('app/x', { userId: 'string' }),
    ]
    expectTypeOf(calls).toBeFunction()
  })

  test('without a schema take anything, or what an annotation says', () => {
    const ping = event('app/ping')
    expectTypeOf(ping).toEqualTypeOf<EventType<'app/ping', unknown, unknown>>()
    expectTypeOf(ping()).toEqualTypeOf<MadeEvent<'app/ping', unknown>>()
    const typed: EventType<'app/typed', { n: number }> = event('app/typed')
    expectTypeOf(typed({ n: 1 }).data).toEqualTypeOf<{ n: number }>()
    const optional = event('app/optional', z.object({ n: z.number() }).optional())
    expectTypeOf(optional()).toEqualTypeOf<MadeEvent<'app/optional', { n: number } | undefined>>()
  })

  test('match part of what arrives', () => {
    const order = event(
      'shop/order',
      z.object({
        id: z.string(),
        at: z.date(),
        lines: z.array(z.string()),
        by: z.object({ name: z.string(), age: z.number().nullable() }).optional(),
      }),
    )
    const match = order.where({ id: 'o1', by: { age: null } })
    expectTypeOf(match).toExtend<EventMatch<'shop/order'>>()
    const calls = (): unknown[] => [
      order.where({}),
      order.where({ by: { name: 'Ada' } }),
      // @ts-expect-error: there is no such data
      order.where({ by: { nom: 'Ada' } }),
      // @ts-expect-error: a date cannot be compared
      order.where({ at: new Date() }),
      // @ts-expect-error: a list cannot be compared
      order.where({ lines: ['a'] }),
      // @ts-expect-error: undefined would match everything
      order.where({ id: undefined }),
    ]
    expectTypeOf(calls).toBeFunction()
  })
})
