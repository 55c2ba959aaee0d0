import { event, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import type { WriteFault } from '../../src/testing/disk.ts'
import { World } from '../simulation/world.ts'
import { mustBeSound, rowsOf, runsOf } from './runs.ts'

const fired = event<'app/fired', number>('app/fired')

const waiting = workflow({ id: 'waiting' }, async ({ step }: WorkflowContext<undefined>) => {
  const got = await step.waitForEvent('fired', { event: fired, timeout: '1d' })
  return got?.data
})
const cancelled = workflow(
  { id: 'cancelled', cancelOn: [{ event: fired }] },
  async ({ step }: WorkflowContext<undefined>) => step.sleep('1d'),
)
const STARTED = 50
const started = Array.from({ length: STARTED }, (_, n) =>
  workflow({ id: `started-${n}`, triggers: fired }, async ({ event }) => event.data),
)

/** How many runs there are of each kind and status. */
async function tally(world: World): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { workflow, status } of await runsOf(world)) {
    const name = `${workflow.replace(/-.*/, '')} ${status}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

async function crowd(waits: number, cancels: number): Promise<World> {
  const world = new World({ workflows: [waiting, cancelled, ...started] })
  await world.open()
  await Promise.all(Array.from({ length: waits }, () => world.engine.start(waiting)))
  await Promise.all(Array.from({ length: cancels }, () => world.engine.start(cancelled)))
  await world.settle()
  return world
}

async function afterFault(world: World, nth: number, fault: WriteFault): Promise<void> {
  let write = 0
  world.disk.fault = () => (write++ === nth ? fault : undefined)
  world.engine.send(fired(1)).catch(() => {})
  await world.settle()
  world.crash()
  world.disk.fault = () => undefined
  await world.open()
  await world.settle()
}

describe('one event', () => {
  test('resumes 1,000 waits, starts 50 runs and cancels 10 in one write', async () => {
    const world = await crowd(1_000, 10)
    const before = world.engine.stats().commits
    let puts = 0
    world.disk.onWrite = ({ puts: written }) => {
      puts ||= [...written.keys()].filter(key => key.startsWith('b!')).length
    }
    await world.engine.send(fired(1))
    expect(world.engine.stats().commits).toBe(before + 1)
    expect(puts).toBe(1_010)
    await world.settle()
    expect(await tally(world)).toEqual({
      'cancelled cancelled': 10,
      'started completed': STARTED,
      'waiting completed': 1_000,
    })
    expect(rowsOf(world, 'b!')).toBe(0)
    expect(rowsOf(world, 'w!')).toBe(0)
    await mustBeSound(world)
  })

  test('is there whole, or not at all, when its write is broken off', async () => {
    for (const fault of ['crash-before', 'crash-after', 'fails', 'fails-but-written'] as const) {
      const world = await crowd(100, 5)
      await afterFault(world, 0, fault)
      const isThere = fault === 'crash-after' || fault === 'fails-but-written'
      expect(await tally(world)).toEqual(
        isThere
          ? { 'cancelled cancelled': 5, 'started completed': STARTED, 'waiting completed': 100 }
          : { 'cancelled running': 5, 'waiting running': 100 },
      )
      expect(rowsOf(world, 'v!')).toBe(isThere ? 1 : 0)
      await mustBeSound(world)
    }
  })

  test('is there whole, and once, when any write after it is broken off', async () => {
    for (const fault of ['crash-before', 'crash-after'] as const) {
      for (const nth of [1, 2, 3, 5]) {
        const world = await crowd(60, 5)
        await afterFault(world, nth, fault)
        expect(await tally(world)).toEqual({
          'cancelled cancelled': 5,
          'started completed': STARTED,
          'waiting completed': 60,
        })
        expect(rowsOf(world, 'b!')).toBe(0)
        await mustBeSound(world)
      }
    }
  })
})

describe('a write that fails', () => {
  test.each(['send', 'signal', 'schedule'] as const)('of a %s stops the engine', async what => {
    const slow = workflow({ id: 'slow' }, ({ step }: WorkflowContext<undefined>) =>
      step.run('slow', ({ signal }) => {
        body = signal
        return new Promise(() => {})
      }),
    )
    let body: AbortSignal | undefined
    const world = new World({ workflows: [slow] })
    await world.open()
    await world.engine.start(slow)
    await world.settle()
    world.disk.fault = () => 'fails'
    const asked = {
      send: () => world.engine.send(fired(1)),
      signal: () => world.engine.signal('go'),
      schedule: () => world.engine.schedules.create({ id: 's', cron: '@daily', workflow: slow }),
    }
    await expect(asked[what]()).rejects.toMatchObject({ code: 'INDETERMINATE' })
    await world.settle()
    expect(body?.aborted).toBe(true)
    await expect(world.engine.start(slow)).rejects.toMatchObject({ code: 'NOT_ACCEPTED' })
  })
})
