import { RetryAfterError, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

const YEAR = 365 * 86_400_000
const HOUR = 3_600_000

const quick = workflow({ id: 'quick' }, async () => 'done')

/** A run is recorded while the wall clock is ahead; then that is put right. */
async function jumpOnce(world: World, ms: number): Promise<void> {
  world.clock.jump(ms)
  await (await world.engine.start(quick)).result()
  world.clock.jump(-ms)
}

describe('a wall clock that jumped once and was put right', () => {
  test('makes no run older than it is', async () => {
    const world = new World({ workflows: [quick] })
    await world.open()
    await (await world.engine.start(quick, undefined, { id: 'before' })).result()
    await jumpOnce(world, YEAR)
    expect(await world.engine.gc()).toMatchObject({ runs: 0, records: 0 })
    await world.engine.close()
    await world.open()
    await (await world.engine.start(quick, undefined, { id: 'after' })).result()
    expect(await world.engine.gc()).toMatchObject({ runs: 0, records: 0 })
    await world.advance(29 * 86_400_000)
    expect(await world.engine.gc()).toMatchObject({ runs: 0, records: 0 })
    await world.advance(2 * 86_400_000)
    expect(await (await collect(world)).map(({ id }) => id)).toEqual([])
  })

  test.each([
    ['a step', 'step'],
    ['the code', 'code'],
  ])('does not bring a date forward that %s asked to be tried again at', async (_, where) => {
    const tries: number[] = []
    const limited = workflow({ id: 'limited' }, async ({ step }) => {
      const attempt = () => {
        tries.push(world.clock.elapsed())
        if (tries.length > 1) return
        throw new RetryAfterError('later', new Date(world.clock.wall() + 60_000))
      }
      if (where === 'step') await step.run('call', attempt)
      else attempt()
    })
    const world = new World({ workflows: [quick, limited] })
    await world.open()
    await jumpOnce(world, HOUR)
    await world.engine.start(limited)
    await world.advance(59_999)
    expect(tries).toEqual([0])
    await world.advance(1)
    expect(tries).toEqual([0, 60_000])
  })
})

test('time that passed before an event was stored has passed for what sleeps, after a crash', async () => {
  const sleeper = workflow({ id: 'sleeper' }, async ({ step }) => step.sleep('wait', '1m'))
  const world = new World({ workflows: [sleeper] })
  await world.open()
  await world.engine.start(sleeper, undefined, { id: 'one' })
  await world.advance(59_000)
  // Nobody waits for it: what is stored is the event alone.
  await world.engine.send({ name: 'unheard', data: undefined })
  await world.restart()
  const run = await world.engine.run('one')
  await world.advance(999)
  expect(await run.status()).toBe('running')
  await world.advance(1)
  expect(await run.status()).toBe('completed')
})

async function collect({ engine }: World): Promise<{ id: string }[]> {
  const runs: { id: string }[] = []
  for await (const run of engine.runs()) runs.push(run)
  return runs
}
