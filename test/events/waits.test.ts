import { event, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { story } from '../engine/story.ts'
import { World } from '../simulation/world.ts'
import { mustBeSound, rowsOf, runsOf, statusesOf } from './runs.ts'

const HOUR = 3_600_000
type Reply = { user: string; n?: number }
const reply = event<'app/reply', Reply>('app/reply')
type Nothing = WorkflowContext<undefined>

const waiting = workflow({ id: 'waiting' }, async ({ step }: WorkflowContext<Reply>) => {
  const got = await step.waitForEvent('reply', { event: reply, timeout: '1h', match: 'data.user' })
  return got === null ? 'late' : (got.data.n ?? 0)
})

describe('a wait', () => {
  test('gets the whole event, by its equal path', async () => {
    const whole = workflow({ id: 'whole' }, ({ step }: WorkflowContext<Reply>) =>
      step.waitForEvent('reply', { event: reply, timeout: '1h', match: 'data.user' }),
    )
    const world = new World({ workflows: [whole] })
    await world.open()
    const run = await world.engine.start(whole, { user: 'u1' })
    await world.settle()
    const ts = Date.UTC(2025, 5, 1)
    await world.engine.send(reply({ user: 'u2', n: 1 }))
    await world.engine.send(reply({ user: 'u1', n: 2 }, { id: 'e1', ts, v: '2' }))
    expect(await run.result()).toEqual({
      name: 'app/reply',
      id: 'e1',
      ts,
      v: '2',
      data: { user: 'u1', n: 2 },
    })
  })

  test('compares what stands under a key of digits, in objects as in lists', async () => {
    const noted = event<'app/noted', { readonly of: object }>('app/noted')
    const begun = event<'app/begun', { readonly of: object }>('app/begun')
    const reader = workflow({ id: 'reader', triggers: begun }, async ({ step }) => {
      const [equal, given] = await Promise.all([
        step.waitForEvent('equal', { event: noted, match: 'data.of.42' as never, timeout: '1d' }),
        step.waitForEvent('given', { event: noted.where({ of: { 42: 'x' } }), timeout: '1d' }),
      ])
      return [equal?.id, given?.id]
    })
    const world = new World({ workflows: [reader] })
    await world.open()
    const list = Object.assign(Array(42).fill(0), { 42: 'x' })
    await world.engine.send([begun({ of: { 42: 'x' } }), begun({ of: list })])
    await world.settle()
    await world.restart()
    await world.engine.send(noted({ of: { 43: 'x' } }))
    await world.engine.send(noted({ of: { 42: 'x' } }, { id: 'n1' }))
    await world.settle()
    for (const { id } of await runsOf(world, 'reader')) {
      expect(await (await world.engine.run(id)).result()).toEqual(['n1', 'n1'])
    }
  })

  test('beside another gives null for both when nothing comes', async () => {
    const both = workflow({ id: 'both' }, ({ step }: Nothing) =>
      Promise.all(['a', 'b'].map(id => step.waitForEvent(id, { event: reply, timeout: '1h' }))),
    )
    const world = new World({ workflows: [both] })
    await world.open()
    const run = await world.engine.start(both)
    await world.advance(HOUR)
    expect(await run.result()).toEqual([null, null])
    expect(world.engine.stats().timers).toBe(0)
    expect(rowsOf(world, 'w!')).toBe(0)
  })

  test('beside another: one event answers both, and what was open', async () => {
    const many = workflow({ id: 'many' }, ({ step }: Nothing) =>
      Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          step.waitForEvent(`w${n}`, { event: reply, timeout: '1h' }),
        ),
      ),
    )
    const world = new World({ workflows: [many] })
    await world.open()
    const run = await world.engine.start(many)
    await world.settle()
    await world.engine.send(reply({ user: 'u1' }))
    await world.settle()
    expect(await run.result()).toHaveLength(50)
    expect((await story(run)).filter(line => line.startsWith('event.received'))).toHaveLength(50)
  })

  test('is not answered by the event that started the run', async () => {
    const self = workflow({ id: 'self', triggers: reply }, async ({ step }) => {
      const got = await step.waitForEvent('again', { event: reply, timeout: '1h' })
      return got?.data.n
    })
    const world = new World({ workflows: [self] })
    await world.open()
    await world.engine.send(reply({ user: 'u1', n: 1 }))
    await world.settle()
    expect(await statusesOf(world)).toEqual(['running'])
    await world.engine.send(reply({ user: 'u1', n: 2 }))
    await world.settle()
    const [first] = await runsOf(world)
    expect(await (await world.engine.run(first?.id ?? '')).result()).toBe(2)
  })

  test.each(['if', 'match'] as const)(
    'with an `%s` that is no expression fails its run only',
    async how => {
      const bad = workflow(
        { id: 'bad', retries: 0 },
        async ({ event, step }: WorkflowContext<number>) => {
          const text = event.data === 51 ? 'async.data.n == event.data' : 'async.data.n =='
          const what =
            how === 'if' || event.data === 51 ? { if: text } : { match: 'user.' as never }
          return (await step.waitForEvent('reply', { event: reply, timeout: '1h', ...what }))?.data
            .n
        },
      )
      const world = new World({ workflows: [bad] })
      await world.open()
      const runs = await Promise.all(
        Array.from({ length: 52 }, (_, n) => world.engine.start(bad, n)),
      )
      await world.settle()
      await world.engine.send(reply({ user: 'u1', n: 51 }))
      expect(await runs[51]?.result()).toBe(51)
      const failed = await Promise.allSettled(runs.slice(0, 51).map(run => run.result()))
      expect(
        new Set(failed.map(each => (each.status === 'rejected' ? each.reason.code : 'none'))),
      ).toEqual(new Set(['DEFINITION_INVALID']))
    },
  )

  test('whose condition cannot be evaluated for an event goes on waiting, and is logged', async () => {
    const odd = workflow({ id: 'odd' }, async ({ event, step }: WorkflowContext<number>) => {
      const text = event.data === 51 ? 'async.data.n == 7' : 'int(async.data.user) == 7'
      return (
        (await step.waitForEvent('reply', { event: reply, timeout: '1h', if: text }))?.data.user ??
        'late'
      )
    })
    const world = new World({ workflows: [odd] })
    await world.open()
    const runs = await Promise.all(Array.from({ length: 52 }, (_, n) => world.engine.start(odd, n)))
    await world.settle()
    await world.engine.send(reply({ user: 'no number', n: 7 }))
    expect(await runs[51]?.result()).toBe('no number')
    expect(world.logged.filter(({ facts }) => facts.error !== undefined)).toHaveLength(51)
    await world.engine.send(reply({ user: '7', n: 8 }))
    expect(await runs[0]?.result()).toBe('7')
  })

  test('that a race has abandoned is removed when the run ends', async () => {
    const racing = workflow({ id: 'racing' }, async ({ step }: Nothing) => {
      const first = await Promise.race([
        step.waitForEvent('slow', { event: reply, timeout: '30d' }),
        step.run('fast', () => 'fast'),
      ])
      await step.sleep('1h')
      return first
    })
    const world = new World({ workflows: [racing] })
    await world.open()
    const run = await world.engine.start(racing)
    await world.settle()
    expect(rowsOf(world, 'w!')).toBe(1)
    await world.advance(HOUR)
    expect(await run.result()).toBe('fast')
    expect(rowsOf(world, 'w!')).toBe(0)
    expect(world.engine.stats().timers).toBe(0)
    await world.engine.send(reply({ user: 'u1' }))
    expect(rowsOf(world, 'b!')).toBe(0)
    await mustBeSound(world)
  })

  test('among any: the losers are unregistered in the write of the winner', async () => {
    const any = workflow({ id: 'any' }, async ({ step }: Nothing) => {
      const first = await step.waitForAny('first', {
        a: { event: reply, if: "async.data.user == 'a'" },
        b: { event: reply, if: "async.data.user == 'b'" },
        both: reply.where({ n: 2 }),
        late: step.timer('1h'),
        later: step.timer('2h'),
      })
      await step.sleep('1d')
      return first.key
    })
    const world = new World({ workflows: [any] })
    await world.open()
    const runs = await Promise.all([1, 2, 3].map(() => world.engine.start(any)))
    await world.settle()
    expect(rowsOf(world, 'w!')).toBe(3)
    await world.engine.send([reply({ user: 'b', n: 2 }), reply({ user: 'a', n: 1 })])
    await world.settle()
    expect(rowsOf(world, 'w!')).toBe(0)
    expect(rowsOf(world, 'b!')).toBe(0)
    const late = await world.engine.start(any)
    await world.advance(86_400_000 + HOUR)
    expect(await Promise.all(runs.map(run => run.result()))).toEqual(['b', 'b', 'b'])
    expect(await late.result()).toBe('late')
  })
})

describe('event against timeout', () => {
  test('is decided by commit order', async () => {
    const world = new World({ workflows: [waiting] })
    await world.open()
    const run = await world.engine.start(waiting, { user: 'u1' })
    await world.settle()
    const sent = world.engine.send(reply({ user: 'u1', n: 1 }))
    await world.advance(HOUR)
    await sent
    expect(await run.result()).toBe(1)
    const other = await world.engine.start(waiting, { user: 'u2' })
    await world.advance(HOUR)
    await world.engine.send(reply({ user: 'u2', n: 1 }))
    expect(await other.result()).toBe('late')
  })

  test('is decided once, whatever write a crash comes before or after', async () => {
    const outcomes = new Set<unknown>()
    for (const fault of ['crash-before', 'crash-after'] as const) {
      for (const eventFirst of [true, false]) {
        for (let nth = 0; nth < 4; nth++) {
          const world = new World({ workflows: [waiting] })
          await world.open()
          const { id } = await world.engine.start(waiting, { user: 'u1' })
          await world.advance(HOUR - 1)
          let write = 0
          world.disk.fault = () => (write++ === nth ? fault : undefined)
          let acknowledged = false
          const send = () =>
            world.engine.send(reply({ user: 'u1', n: 1 })).then(
              () => {
                acknowledged = true
              },
              () => {},
            )
          if (eventFirst) void send()
          world.clock.pass(1)
          if (!eventFirst) void send()
          await world.settle()
          const decided = acknowledged && eventFirst
          world.crash()
          world.disk.fault = () => undefined
          await world.open()
          await world.advance(1)
          const run = await world.engine.run(id)
          const result = await run.result()
          outcomes.add(result)
          if (decided) expect(result).toBe(1)
          const answers = (await story(run)).filter(line =>
            /^(event.received|timer.fired)/.test(line),
          )
          expect(answers).toEqual([
            result === 'late' ? 'timer.fired reply' : 'event.received reply',
          ])
          expect(rowsOf(world, 'b!')).toBe(0)
          await mustBeSound(world)
        }
      }
    }
    expect(outcomes).toEqual(new Set([1, 'late']))
  })
})

describe('looking back', () => {
  const look = workflow({ id: 'look' }, async ({ event, step }: WorkflowContext<number>) => {
    const got = await step.waitForEvent('reply', {
      event: reply,
      timeout: '1h',
      since: event.data,
      if: "async.data.user == 'u1'",
    })
    return got?.data.n ?? 'none'
  })

  test('finds the oldest that fits, from the named time on, across a restart', async () => {
    const world = new World({ workflows: [look] })
    await world.open()
    const begun = world.clock.wall()
    for (let n = 0; n < 5; n++) {
      await world.engine.send([reply({ user: 'u2', n: 100 + n }), reply({ user: 'u1', n })])
      await world.advance(1_000)
    }
    await world.restart()
    const results: unknown[] = []
    for (const since of [0, 1, 1_000, 4_000, 4_001]) {
      const run = await world.engine.start(look, begun + since)
      await world.settle()
      if (since === 4_001) await world.engine.send(reply({ user: 'u1', n: 5 }))
      results.push(await run.result())
    }
    expect(results).toEqual([0, 1, 1, 4, 5])
    await mustBeSound(world)
  })

  test('and crashing gives the same, whatever write the crash follows', async () => {
    for (const fault of ['crash-before', 'crash-after'] as const) {
      for (let nth = 0; nth < 3; nth++) {
        const world = new World({ workflows: [look] })
        await world.open()
        await world.engine.send(reply({ user: 'u1', n: 1 }))
        let write = 0
        world.disk.fault = () => (write++ === nth ? fault : undefined)
        void world.engine.start(look, 0, { id: 'r' })
        await world.settle()
        world.crash()
        world.disk.fault = () => undefined
        await world.open()
        const run = await world.engine.start(look, 0, { id: 'r' })
        expect(await run.result()).toBe(1)
        expect(rowsOf(world, 'b!')).toBe(0)
        await mustBeSound(world)
      }
    }
  })

  test('from a step on gives each wait the next one, none twice', async () => {
    const chat = workflow({ id: 'chat' }, async ({ step }: Nothing) => {
      await step.run('ask', async () => {
        await world.engine.send([reply({ user: 'u1', n: 1 }), reply({ user: 'u1', n: 2 })])
      })
      const first = await step.waitForEvent('first', { event: reply, timeout: '1h' })
      const second = await step.waitForEvent('second', { event: reply, timeout: '1h' })
      return [first?.data.n, second?.data.n]
    })
    const world: World = new World({ workflows: [chat] })
    await world.open()
    const run = await world.engine.start(chat)
    await world.advance(HOUR)
    expect((await run.result())[0]).toBe(1)
  })

  test('is done once: a cancellation looks no more, nor finds what it came with', async () => {
    const late = workflow(
      { id: 'late', cancelOn: [{ event: reply }] },
      async ({ step }: WorkflowContext<number>) => {
        await step.shield(() =>
          step.waitForEvent('reply', { event: reply, timeout: '1h', since: step.now() }),
        )
      },
    )
    const world = new World({ workflows: [late] })
    await world.open()
    const run = await world.engine.start(late, 0)
    await world.settle()
    await world.advance(1_000)
    await world.engine.send(reply({ user: 'u1', n: 1 }))
    await world.settle()
    expect(rowsOf(world, 'w!')).toBe(2)
    expect(await story(run)).not.toContain('event.received')
    await world.advance(HOUR)
    expect(await run.status()).toBe('cancelled')
    expect((await story(run)).filter(line => line.startsWith('event.received'))).toEqual([])
  })

  test('puts what it finds into the inbox once, also while a run is cancelled', async () => {
    const tidy = workflow({ id: 'tidy' }, async ({ step }: WorkflowContext<number>) => {
      try {
        await step.sleep('1h')
      } finally {
        await step.shield(() =>
          step.waitForEvent('reply', { event: reply, timeout: '1h', since: 0 }),
        )
      }
    })
    const world = new World({ workflows: [tidy] })
    await world.open()
    const run = await world.engine.start(tidy, 0)
    await world.engine.send(reply({ user: 'u1', n: 1 }))
    await world.settle()
    let posted = 0
    world.disk.onWrite = ({ puts }) => {
      posted += [...puts.keys()].filter(key => key.startsWith('b!')).length
    }
    await run.cancel()
    await world.settle()
    expect(await run.status()).toBe('cancelled')
    expect(posted).toBe(1)
  })

  test('tells an event that fits two of the things waited for by the first of them', async () => {
    const either = workflow({ id: 'either' }, async ({ step }: Nothing) => {
      await step.run('ask', async () => {
        await world.engine.send(reply({ user: 'u1', n: 1 }))
      })
      const got = await step.waitForAny('either', {
        first: { event: reply, if: 'async.data.n == 1' },
        second: reply,
        late: step.timer('1h'),
      })
      return got.key
    })
    const world: World = new World({ workflows: [either] })
    await world.open()
    const run = await world.engine.start(either)
    await world.settle()
    expect(await run.result()).toBe('first')
  })

  test.each([0, -HOUR])('finds what came just before a restart, the clock set %i ms', async ms => {
    let lives = 0
    const asking = workflow({ id: 'asking' }, async ({ step }: Nothing) => {
      await step.run('ask', () => (lives++ === 0 ? new Promise(() => {}) : undefined))
      const got = await step.waitForEvent('answer', { event: reply, timeout: '1h' })
      return got?.data.n ?? 'nothing'
    })
    const world = new World({ workflows: [asking] })
    await world.open()
    await world.engine.start(asking, undefined, { id: 'r' })
    await world.settle()
    await world.engine.send(reply({ user: 'u1', n: 1 }))
    world.clock.jump(ms)
    await world.restart()
    await world.settle()
    expect(await (await world.engine.run('r')).status()).toBe('completed')
    expect(await (await world.engine.run('r')).result()).toBe(1)
  })
})
