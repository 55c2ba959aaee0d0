import fc from 'fast-check'
import { event, type WorkflowContext, workflow } from 'perdure'
import { type ComingSignal, check, explore } from 'perdure/testing'
import { describe, expect, test } from 'vitest'

describe('signals that come:', () => {
  const approving = workflow({ id: 'approving' }, async ({ step }: WorkflowContext) => {
    const first = await step.waitForSignal<number>('first', { signal: 'yes', timeout: '1d' })
    const second = await step.waitForSignal<number>('second', { signal: 'yes', timeout: '1d' })
    return [first, second]
  })
  const come = async (signal: Omit<ComingSignal, 'signal'>, most = 0): Promise<Set<string>> => {
    const seen = new Set<string>()
    await check(
      {
        workflows: [approving],
        signals: [{ signal: 'yes', ...signal }],
        faults: { crashes: most, writes: 0 },
        properties: {
          completed: {
            any: ({ output }, { sent }) =>
              void seen.add(`${JSON.stringify(output)} of ${sent.length}`),
          },
        },
      },
      { regressions: false, schedules: 300, ms: 60_000 },
    )
    return seen
  }

  test('once, however often they are sent because of crashes', async () => {
    const all = ['[1,null] of 1', '[null,1] of 1', '[null,null] of 1']
    expect([...(await come({ data: 1 }, 2))].sort()).toEqual(all)
  })

  test('perhaps, or again', async () => {
    expect(await come({ data: 1, optional: true })).toContain('[null,null] of 0')
    expect(await come({ data: 1, repeats: 1 })).toContain('[1,1] of 2')
  })

  test('with data that is made up', async () => {
    const seen = await come({ data: fc.integer({ min: 0, max: 2 }) })
    for (const data of [0, 1, 2]) expect(seen).toContain(`[${data},null] of 1`)
  })
})

describe('events that come:', () => {
  const paid = event<'order/paid', { order: string }>('order/paid')
  const paying = workflow({ id: 'paying' }, async ({ step }: WorkflowContext) => {
    const first = await step.waitForEvent('first', { event: paid, timeout: '1d' })
    const second = await step.waitForEvent('second', { event: paid, timeout: '1d' })
    return [first, second].map(each => each && `${each.data.order} ${each.id}`)
  })
  const seen = new Set<string>()
  const spec = {
    workflows: [paying],
    starts: [{ workflow: paying }],
    faults: { crashes: 0, writes: 0 },
    properties: {
      completed: {
        any: ({ output }: { output: unknown }) => void seen.add(JSON.stringify(output)),
      },
    },
  }

  test('again have another id, also if they have one of their own', async () => {
    seen.clear()
    const events = [{ event: { ...paid({ order: 'a' }), id: 'mine' }, repeats: 1 }]
    await check({ ...spec, events }, { regressions: false, schedules: 100 })
    expect(seen).toContain('["a mine","a mine-2"]')
  })

  test('of one name, perhaps, are explored each without the other', async () => {
    seen.clear()
    const events = ['a', 'b'].map(order => ({ event: paid({ order }), optional: true }))
    await explore({ ...spec, events })
    expect(seen).toContain('["a event-1-1",null]')
    expect(seen).toContain('["b event-2-1",null]')
  })

  test('of one name overtake each other in every search', async () => {
    seen.clear()
    const events = ['a', 'b', 'c'].map(order => paid({ order }))
    await check({ ...spec, events }, { regressions: false, schedules: 300 })
    for (const first of 'abc') expect([...seen].join()).toContain(`["${first} `)
  })
})
