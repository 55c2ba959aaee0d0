import {
  NonRetriableError,
  runCancelled,
  runCompleted,
  runFailed,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'
import { mustBeSound, runsOf, statusesOf } from './runs.ts'

const startedBy = (id: string, triggers: Parameters<typeof workflow>[0]['triggers']) =>
  workflow({ id, triggers: triggers as string }, async ({ event }) => event.name)

/** Which workflows were started, in the order of their ids. */
const started = async (world: World): Promise<string[]> =>
  (await runsOf(world)).map(({ workflow }) => workflow).sort()

describe('a pattern', () => {
  const patterns = [
    'app/user.created',
    'app/*',
    'app/user.*',
    'api/*',
    'api/v1/*',
    'api/v1/users',
    'plain',
    'app/user.created.*',
  ]
  const table: [name: string, starts: string[]][] = [
    ['app/user.created', ['app/*', 'app/user.*', 'app/user.created']],
    ['app/user.created.twice', ['app/*', 'app/user.*', 'app/user.created.*']],
    ['app/user', ['app/*']],
    ['app/users.created', ['app/*']],
    ['api/v1/users', ['api/*', 'api/v1/*', 'api/v1/users']],
    ['api/v2/users', ['api/*']],
    ['plain', ['plain']],
    ['plain/x', []],
    ['app', []],
  ]
  test.each(table)('%s starts %j', async (name, starts) => {
    const ids = new Map(patterns.map((pattern, n) => [`w${n}`, pattern]))
    const world = new World({ workflows: [...ids].map(([id, pattern]) => startedBy(id, pattern)) })
    await world.open()
    await world.engine.send({ name, data: {} })
    await world.settle()
    expect((await started(world)).map(id => ids.get(id)).sort()).toEqual(starts)
  })
})

describe('several triggers', () => {
  test('of one workflow start one run an event', async () => {
    const many = workflow(
      {
        id: 'many',
        triggers: ['app/*', 'app/user.*', { event: 'app/user.created', if: 'event.data.n > 0' }],
      },
      async ({ event }) => event.name,
    )
    const world = new World({ workflows: [many] })
    await world.open()
    await world.engine.send([
      { name: 'app/user.created', data: { n: 1 } },
      { name: 'app/user.created', data: { n: 2 } },
      { name: 'app/other', data: {} },
    ])
    await world.settle()
    expect(await statusesOf(world)).toEqual(['completed', 'completed', 'completed'])
  })

  test('each have their condition', async () => {
    const conditions = {
      equal: { event: 'shop/order', if: "event.data.kind == 'book'" },
      less: { event: 'shop/order', if: 'event.data.cents < 100' },
      wild: { event: 'shop/*', if: 'event.data.cents >= 100' },
      missing: { event: 'shop/*', if: 'event.data.coupon == null' },
      code: {
        event: 'shop/order',
        if: (event: { data: unknown }) => Object.keys(event.data ?? {}).length === 1,
      },
    } as const
    const world = new World({
      workflows: Object.entries(conditions).map(([id, trigger]) => startedBy(id, trigger as never)),
    })
    await world.open()
    await world.engine.send({ name: 'shop/order', data: { kind: 'book', cents: 100, coupon: 'x' } })
    await world.settle()
    expect(await started(world)).toEqual(['equal', 'wild'])
    await world.engine.send({ name: 'shop/order', data: { cents: 99 } })
    await world.settle()
    expect(await started(world)).toEqual(['code', 'equal', 'less', 'missing', 'wild'])
  })

  test('code cannot change what others see, nor take its time', async () => {
    const meddling = workflow(
      {
        id: 'meddling',
        triggers: {
          event: 'x/y',
          if: event => {
            Object.assign(event, { name: 'x/z', data: { user: 'other' } })
            return true
          },
        },
        cancelOn: [{ event: 'x/stop', match: 'data.user' }],
      },
      async ({ step }) => step.sleep('1h'),
    )
    const slow = { event: 'x/y', if: async () => false }
    const world = new World({
      workflows: [
        meddling,
        startedBy('slow', slow as never),
        startedBy('other', { event: 'x/y', if: "event.data.user == 'u1'" } as never),
      ],
    })
    await world.open()
    await world.engine.send({ name: 'x/y', data: { user: 'u1' } })
    await world.settle()
    expect(await started(world)).toEqual(['meddling', 'other'])
    expect(world.logged.at(-1)?.facts).toMatchObject({ workflow: 'slow' })
    await world.engine.send({ name: 'x/stop', data: { user: 'u1' } })
    await world.settle()
    expect(await statusesOf(world, 'meddling')).toEqual(['cancelled'])
  })

  test('one that cannot be evaluated is logged, and leaves the others alone', async () => {
    const world = new World({
      workflows: [
        startedBy('a', { event: 'x/y', if: 'int(event.data.text) > 0' } as never),
        startedBy('b', {
          event: 'x/y',
          if: () => {
            throw new Error('no')
          },
        } as never),
        startedBy('c', [
          { event: 'x/y', if: 'int(event.data.text) > 0' },
          { event: 'x/*', if: 'true' },
        ] as never),
        startedBy('d', 'x/y'),
      ],
    })
    await world.open()
    await world.engine.send({ name: 'x/y', data: { text: 'no number' } })
    await world.settle()
    expect(await started(world)).toEqual(['c', 'd'])
    const failures = world.logged.filter(({ message }) =>
      message.includes('could not be evaluated'),
    )
    expect(failures.map(({ facts }) => facts.workflow)).toEqual(['a', 'b', 'c'])
    expect(failures[0]?.facts.error).toMatchObject({ code: 'EXPRESSION_FAILED' })
  })
})

describe('the events of the engine', () => {
  const subject = workflow({ id: 'subject' }, async ({ event, step }: WorkflowContext<string>) => {
    if (event.data === 'fail') throw new NonRetriableError('failed')
    if (event.data === 'sleep') await step.sleep('1h')
    return event.data
  })
  const seen: string[] = []
  const watch = workflow(
    { id: 'watch', triggers: [runCompleted, runFailed, runCancelled] },
    async ({ event }) => {
      seen.push(`${event.name} ${event.data.workflow}`)
      return event.data
    },
  )

  test('are sent once for each end, and start runs that send none', async () => {
    const world = new World({ workflows: [subject, watch] })
    await world.open()
    await world.engine.start(subject, 'ok', { id: 'r1' })
    await world.engine.start(subject, 'fail', { id: 'r2' })
    await (await world.engine.start(subject, 'sleep', { id: 'r3' })).cancel('enough')
    await world.settle()
    await world.restart()
    await world.settle()
    expect(seen.sort()).toEqual([
      'perdure/run.cancelled subject',
      'perdure/run.completed subject',
      'perdure/run.failed subject',
    ])
    const outputs = await Promise.all(
      (await runsOf(world, 'watch')).map(async ({ id }) => (await world.engine.run(id)).result()),
    )
    expect(outputs).toEqual(
      expect.arrayContaining([
        { run: 'r1', workflow: 'subject', output: 'ok' },
        { run: 'r2', workflow: 'subject', error: expect.objectContaining({ message: 'failed' }) },
        { run: 'r3', workflow: 'subject', reason: 'enough' },
      ]),
    )
    await mustBeSound(world)
  })

  test('are not sent of those that continue such a run: a trigger does not go round', async () => {
    let begun = 0
    const mirror = workflow({ id: 'mirror', triggers: runCompleted }, async ({ event, step }) => {
      begun++
      if (begun > 9) await step.sleep('1d')
      if (event.name === 'perdure/run.completed') {
        await step.sleep('1m')
        await step.continueAsNew({ ...event.data, output: 1 })
      }
      if (event.data.output === 1) await step.continueAsNew({ ...event.data, output: 2 })
    })
    const world = new World({ workflows: [subject, mirror] })
    await world.open()
    await world.engine.start(subject, 'ok')
    await world.settle()
    await world.restart()
    await world.advance(600_000)
    expect(await statusesOf(world, 'mirror')).toEqual(Array(3).fill('completed'))
    await mustBeSound(world)
  })

  test('can be waited for, and are not stored where nobody listens', async () => {
    const waiting = workflow({ id: 'waiting' }, async ({ step }: WorkflowContext<string>) => {
      const ended = await step.waitForEvent('end', {
        event: runCompleted,
        timeout: '1d',
        if: 'async.data.run == event.data',
      })
      return ended?.data.output
    })
    const world = new World({ workflows: [subject, waiting] })
    await world.open()
    await world.engine.start(subject, 'alone', { id: 'r0' })
    await world.settle()
    expect([...world.disk.rows.keys()].filter(key => key.startsWith('v!'))).toEqual([])
    const run = await world.engine.start(waiting, 'r1')
    await world.settle()
    await world.engine.start(subject, 'other', { id: 'r2' })
    await world.engine.start(subject, 'awaited', { id: 'r1' })
    expect(await run.result()).toBe('awaited')
  })

  test('cannot be sent by others', async () => {
    const world = new World({ workflows: [] })
    await world.open()
    await expect(
      world.engine.send({ name: 'perdure/run.completed', data: {} }),
    ).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
  })
})
