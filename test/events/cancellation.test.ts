import { event, runCancelled, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { story } from '../engine/story.ts'
import { World } from '../simulation/world.ts'
import { mustBeSound, rowsOf, runsOf, statusesOf } from './runs.ts'

const HOUR = 3_600_000
type User = { user: string; reason?: string }
const begin = event<'app/begin', User>('app/begin')
const stop = event<'app/stop', User>('app/stop')

const long = workflow(
  {
    id: 'long',
    triggers: begin,
    cancelOn: [
      { event: stop, match: 'data.user' },
      { event: begin, if: 'async.data.user == event.data.user' },
    ],
  },
  async ({ event, step }) => {
    await step.waitForEvent('stop', { event: stop, timeout: '1d', match: 'data.user' })
    return event.data.user
  },
)

describe('an event', () => {
  test('cancels the runs that it matches, and those that listen hear of it', async () => {
    const heard: unknown[] = []
    const watch = workflow({ id: 'watch', triggers: runCancelled }, async ({ event }) => {
      heard.push(event.data.reason.split(' ').slice(0, 2).join(' '))
    })
    const world = new World({ workflows: [long, watch] })
    await world.open()
    await world.engine.send(['u1', 'u2', 'u3'].map(user => begin({ user })))
    await world.settle()
    await world.engine.send(stop({ user: 'u2' }))
    await world.settle()
    expect((await statusesOf(world, 'long')).sort()).toEqual(['cancelled', 'running', 'running'])
    expect(heard).toEqual(['event app/stop'])
    await world.engine.send(stop({ user: 'nobody' }))
    await world.settle()
    expect((await statusesOf(world, 'long')).sort()).toEqual(['cancelled', 'running', 'running'])
    await mustBeSound(world)
  })

  test('that would resume a run as well cancels it', async () => {
    const world = new World({ workflows: [long] })
    await world.open()
    await world.engine.send(begin({ user: 'u1' }))
    await world.settle()
    await world.restart()
    const posted: string[] = []
    world.disk.onWrite = ({ puts }) =>
      void posted.push(...[...puts.keys()].filter(key => key.startsWith('b!')))
    await world.engine.send(stop({ user: 'u1' }))
    await world.settle()
    expect(posted).toHaveLength(1)
    const [run] = await runsOf(world)
    expect(await story(await world.engine.run(run?.id ?? ''))).toEqual([
      'run.scheduled',
      'cancel.set',
      'run.started',
      'wait.set stop',
      'run.cancel_requested',
      'run.cancelled',
    ])
    expect(rowsOf(world, 'b!')).toBe(0)
    expect(rowsOf(world, 'w!')).toBe(0)
  })

  test('never cancels the run that it starts, but the one before', async () => {
    const world = new World({ workflows: [long] })
    await world.open()
    await world.engine.send(begin({ user: 'u1' }))
    await world.settle()
    expect(await statusesOf(world)).toEqual(['running'])
    await world.engine.send([begin({ user: 'u1' }), begin({ user: 'u2' })])
    await world.settle()
    expect((await runsOf(world)).map(({ status }) => status)).toEqual([
      'cancelled',
      'running',
      'running',
    ])
  })

  test('cancels a run that was started by hand, and one that has not begun', async () => {
    const world = new World({ workflows: [long] })
    await world.open()
    await world.engine.start(long, { user: 'u1' })
    await world.engine.send(begin({ user: 'u2' }, { ts: world.clock.wall() + HOUR }))
    await world.settle()
    await world.engine.send([stop({ user: 'u1' }), stop({ user: 'u2' })])
    await world.advance(2 * HOUR)
    expect(await statusesOf(world)).toEqual(['cancelled', 'cancelled'])
    expect(world.engine.stats().timers).toBe(0)
  })

  test('right after the one that starts the run is not too early', async () => {
    const world = new World({ workflows: [long] })
    await world.open()
    await world.engine.send([begin({ user: 'u1' }), stop({ user: 'u1' })])
    await world.settle()
    expect(await statusesOf(world)).toEqual(['cancelled'])
    await mustBeSound(world)
  })

  test('cancels each of many runs once, before or after a crash', async () => {
    for (const fault of ['crash-before', 'crash-after'] as const) {
      for (let nth = 0; nth < 3; nth++) {
        const world = new World({ workflows: [long] })
        await world.open()
        for (let n = 0; n < 5; n++) await world.engine.start(long, { user: 'u1' })
        await world.settle()
        let write = 0
        world.disk.fault = () => (write++ === nth ? fault : undefined)
        void world.engine.send(stop({ user: 'u1' }))
        await world.settle()
        world.crash()
        world.disk.fault = () => undefined
        await world.open()
        await world.settle()
        const none = nth === 0 && fault === 'crash-before'
        expect(await statusesOf(world)).toEqual(Array(5).fill(none ? 'running' : 'cancelled'))
        await mustBeSound(world)
      }
    }
  })

  test('lets the body that runs come to its end, late', async () => {
    let finish = (): void => {}
    const busy = workflow(
      { id: 'busy', cancelOn: [{ event: stop }] },
      async ({ step }: WorkflowContext<undefined>) => {
        await step.run(
          'body',
          ({ signal }) =>
            new Promise<string>(resolve => {
              finish = () => resolve(String(signal.aborted))
            }),
        )
      },
    )
    const world = new World({ workflows: [busy] })
    await world.open()
    const run = await world.engine.start(busy)
    await world.settle()
    await world.engine.send(stop({ user: 'x' }))
    await world.settle()
    finish()
    await world.settle()
    expect(await story(run)).toEqual([
      'run.scheduled',
      'cancel.set',
      'run.started',
      'step.scheduled body',
      'run.cancel_requested',
      'run.cancelled',
      'step.late body',
    ])
  })
})

describe('a condition of cancelOn', () => {
  test('that is constantly false registers nothing', async () => {
    const world = new World({
      workflows: [
        workflow(
          {
            id: 'constant',
            cancelOn: [
              { event: stop, if: "event.data.user == 'admin' && async.data.user == 'x'" },
              { event: stop, if: 'false' },
            ],
          },
          async ({ step }: WorkflowContext<User>) => step.sleep('1d'),
        ),
      ],
    })
    await world.open()
    const [constant] = [{ id: 'constant' }]
    await world.engine.start({ ...long, ...constant } as typeof long, { user: 'u1' })
    await world.settle()
    expect(rowsOf(world, 'w!')).toBe(0)
    const [run] = await runsOf(world)
    expect(await story(await world.engine.run(run?.id ?? ''))).not.toContain('cancel.set')
    await world.engine.start({ ...long, ...constant } as typeof long, { user: 'admin' })
    await world.settle()
    expect(rowsOf(world, 'w!')).toBe(1)
  })

  test('that cannot be evaluated does not cancel, and leaves the others alone', async () => {
    const odd = workflow(
      {
        id: 'odd',
        cancelOn: [
          { event: stop, if: 'int(async.data.user) == 7' },
          { event: stop, if: "async.data.reason == 'enough'" },
        ],
      },
      async ({ step }: WorkflowContext<undefined>) => step.sleep('1d'),
    )
    const world = new World({ workflows: [odd] })
    await world.open()
    await world.engine.start(odd)
    await world.settle()
    await world.engine.send(stop({ user: 'no number' }))
    await world.settle()
    expect(await statusesOf(world)).toEqual(['running'])
    await world.engine.send(stop({ user: 'no number', reason: 'enough' }))
    await world.settle()
    expect(await statusesOf(world)).toEqual(['cancelled'])
  })

  test('holds no longer than its timeout', async () => {
    const timed = workflow(
      { id: 'timed', cancelOn: [{ event: stop, timeout: '1h' }] },
      async ({ step }: WorkflowContext<undefined>) => step.sleep('1d'),
    )
    const world = new World({ workflows: [timed] })
    await world.open()
    await world.engine.start(timed, undefined, { id: 'in-time' })
    await world.advance(HOUR - 1)
    await world.engine.send(stop({ user: 'x' }))
    await world.settle()
    await world.engine.start(timed, undefined, { id: 'too-late' })
    await world.advance(HOUR)
    await world.restart()
    await world.engine.send(stop({ user: 'x' }))
    await world.settle()
    expect(await (await world.engine.run('in-time')).status()).toBe('cancelled')
    expect(await (await world.engine.run('too-late')).status()).toBe('running')
  })
})

test.each(['last', 'all'] as const)(
  'a run that has gathered is cancelled by what its event asks for, counted from when it was accepted: %s',
  async mode => {
    const saved = event<'app/saved', { readonly v: number }>('app/saved')
    const taken = event<'app/taken', { readonly v: number }>('app/taken')
    const saving = workflow(
      {
        id: 'saving',
        triggers: saved,
        debounce: { period: '1m', mode },
        cancelOn: [
          { event: taken, match: 'data.v' },
          { event: 'app/stop', if: 'event.data.v == 1 || event.data.v == 3', timeout: '3m' },
        ],
      },
      async ({ step }) => step.sleep('1d'),
    )
    const world = new World({ workflows: [saving] })
    await world.open()
    const begin = async (...versions: number[]): Promise<void> => {
      for (const v of versions) await world.engine.send(saved({ v }))
      await world.settle()
      await world.restart()
      await world.advance(60_000)
    }
    const after = async (name: string, v: number): Promise<string[]> => {
      await world.engine.send({ name, data: { v } })
      await world.settle()
      return statusesOf(world)
    }
    await begin(1, 2)
    expect(await after('app/taken', 1)).toEqual(['running'])
    expect(await after('app/stop', 0)).toEqual(['running'])
    await world.restart()
    expect(await after('app/taken', 2)).toEqual(['cancelled'])
    await begin(2, 3)
    expect(await after('app/stop', 0)).toEqual(['cancelled', 'cancelled'])
    await begin(2, 3)
    await world.advance(120_000)
    expect(await after('app/stop', 0)).toEqual(['cancelled', 'cancelled', 'running'])
    await world.engine.send(saved({ v: 4 }))
    expect(await after('app/taken', 4)).toEqual(['cancelled', 'cancelled', 'running', 'cancelled'])
    await mustBeSound(world)
  },
)

test.each([
  ['the same again', [1, 1], 1, 'cancelled'],
  ['nothing any more', [1, 2], 2, 'running'],
  ['something, too', [2, 1], 1, 'cancelled'],
  ['nothing, as before', [2, 3], 0, 'running'],
] as const)(
  'what has gathered says what cancels it only if that is something else: %s',
  async (_, versions, said, status) => {
    const saved = event<'app/saved', { readonly v: number }>('app/saved')
    const saving = workflow(
      {
        id: 'saving',
        triggers: saved,
        debounce: { period: '1m' },
        cancelOn: [{ event: 'app/stop', if: 'event.data.v == 1' }],
      },
      async ({ step }) => step.sleep('1d'),
    )
    const world = new World({ workflows: [saving] })
    await world.open()
    await world.engine.send(versions.map(v => saved({ v })))
    // What was read is compared with what is made.
    await world.restart()
    await world.advance(60_000)
    const [run] = await runsOf(world)
    const told = await story(await world.engine.run(run?.id ?? ''))
    expect(told.filter(type => type === 'cancel.set')).toHaveLength(said)
    expect(world.engine.stats().waits).toBe(status === 'cancelled' ? 1 : 0)
    await world.restart()
    expect(world.engine.stats().waits).toBe(status === 'cancelled' ? 1 : 0)
    await world.engine.send({ name: 'app/stop', data: {} })
    await world.settle()
    expect(await statusesOf(world)).toEqual([status])
    await mustBeSound(world)
  },
)

test('a deploy that changes cancelOn holds for what gathers, from when it has gathered', async () => {
  const deployed = (event: string) =>
    workflow(
      { id: 'saving', triggers: 'app/saved', debounce: { period: '1m' }, cancelOn: [{ event }] },
      async ({ step }) => step.sleep('1d'),
    )
  const world = new World({ workflows: [deployed('app/old')] })
  await world.open()
  const send = async (name: string): Promise<string[]> => {
    await world.engine.send({ name, data: {} })
    await world.settle()
    return statusesOf(world)
  }
  await send('app/saved')
  await world.restart({ workflows: [deployed('app/new')] })
  expect(await send('app/new')).toEqual(['scheduled'])
  await world.advance(60_000)
  expect(await send('app/old')).toEqual(['running'])
  expect(await send('app/new')).toEqual(['cancelled'])
  await send('app/saved')
  expect(await send('app/new')).toEqual(['cancelled', 'cancelled'])
  await mustBeSound(world)
})

test('a batch is cancelled by what its first event asks for, before and after it has gathered', async () => {
  const made = event<'app/made', { readonly v: number }>('app/made')
  const making = workflow(
    {
      id: 'making',
      triggers: made,
      batchEvents: { maxSize: 3, timeout: '1m' },
      cancelOn: [{ event: 'app/stop', match: 'data.v' }],
    },
    async ({ step }) => step.sleep('1d'),
  )
  const world = new World({ workflows: [making] })
  await world.open()
  const after = async (v: number): Promise<string[]> => {
    await world.engine.send({ name: 'app/stop', data: { v } })
    await world.settle()
    return statusesOf(world)
  }
  await world.engine.send([1, 2].map(v => made({ v })))
  expect(await after(2)).toEqual(['scheduled'])
  await world.advance(60_000)
  expect(await after(2)).toEqual(['running'])
  expect(await after(1)).toEqual(['cancelled'])
  await mustBeSound(world)
})
