import { type EngineOptions, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'
import { story } from './story.ts'

type Nothing = WorkflowContext<undefined>

/** A run that fails, and was held while its first step ran; its levers. */
function subject() {
  const bodies: string[] = []
  const state = { broken: true, done: (): void => {} }
  const held = workflow({ id: 'held', retries: 0 }, async ({ step }: Nothing) => {
    await Promise.all([
      step.run('a', () => {
        bodies.push('a')
        return state.broken ? new Promise<void>(resolve => (state.done = resolve)) : undefined
      }),
      step.run('quick', () => void bodies.push('quick')),
    ])
    return step.run('b', () => {
      bodies.push('b')
      if (state.broken) throw new Error('broken')
      return 'fine'
    })
  })
  return { bodies, state, held }
}

describe('a failed run that was held', () => {
  const holds: readonly (readonly [string, (world: World, id: string) => Promise<unknown>])[] = [
    ['paused', (world, id) => world.engine.pause(id)],
    ['parked', world => world.restart({ workflows: [] })],
  ]
  const lifts = {
    paused: (world: World, id: string) => world.engine.resume(id),
    parked: (world: World, _: string, workflows: EngineOptions['workflows']) =>
      world.restart({ workflows }),
  }

  test.each(holds)(
    'goes on when it is retried from before the end of the hold: %s',
    async (how, hold) => {
      const { bodies, state, held } = subject()
      const world = new World({ workflows: [held] })
      await world.open()
      const { id } = await world.engine.start(held, undefined, { id: 'r' })
      await world.settle()
      await hold(world, id)
      await world.settle()
      expect(await (await world.engine.run(id)).status()).toBe(how)
      state.done()
      await world.settle()
      await lifts[how as keyof typeof lifts](world, id, [held])
      await world.settle()
      state.done()
      await world.settle()
      expect(await (await world.engine.run(id)).status()).toBe('failed')
      state.broken = false
      bodies.length = 0
      const again = await world.engine.retry(id, { from: 'a' })
      await world.settle()
      expect(await again.status()).toBe('completed')
      expect(await again.result()).toBe('fine')
      expect(bodies).toEqual(['a', 'b'])
      // What it took over and what it did fit its code, also for another process.
      await world.restart()
      const last = await world.engine.retry(id, { from: 'b' })
      expect(await last.result()).toBe('fine')
      expect(await story(await world.engine.run(again.id))).toContain(
        how === 'paused' ? 'run.resumed' : 'run.unparked',
      )
    },
  )

  test('stays as it was recorded if the hold was lifted before', async () => {
    const { state, held } = subject()
    const world = new World({ workflows: [held] })
    await world.open()
    const { id } = await world.engine.start(held)
    await world.settle()
    await world.engine.pause(id)
    await world.engine.resume(id)
    state.done()
    await world.settle()
    state.broken = false
    const again = await world.engine.retry(id)
    expect(await again.result()).toBe('fine')
    const lines = await story(again)
    expect(lines.filter(line => line === 'run.resumed')).toHaveLength(1)
  })
})

test('nothing is retried while the engine closes', async () => {
  let done = (): void => {}
  const failing = workflow({ id: 'failing' }, async ({ event, step }: WorkflowContext<boolean>) => {
    if (event.data) await step.run('long', () => new Promise<void>(resolve => (done = resolve)))
    await step.run('no', () => Promise.reject(new Error('no')), { retries: 0 })
  })
  const world = new World({ workflows: [failing] })
  await world.open()
  const { id } = await world.engine.start(failing, false)
  await world.engine.start(failing, true)
  await world.settle()
  const closing = world.engine.close({ drain: '1h' })
  await expect(world.engine.retry(id)).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
  done()
  await world.advance(1_000)
  await closing
})
