import { type WorkflowContext, workflow } from 'perdure'
import { explore, NeverReached, PropertyFailed, replay, type Spec } from 'perdure/testing'
import { describe, expect, test } from 'vitest'

const names = ['a', 'b', 'c', 'd'] as const
const parallel = (count: number) =>
  workflow({ id: 'parallel', retries: 0 }, async ({ step }: WorkflowContext) => {
    const ids = names.slice(0, count)
    const results = await Promise.allSettled(ids.map(id => step.run(id, () => id)))
    return results.map(({ status }) => status)
  })
const both = { outcomes: ['ok', 'error'] as const }
const steps = { a: both, b: both, c: both, d: both }
const calm = { crashes: 0, writes: 0 }

describe('explore', () => {
  test('goes through every order and every outcome', async () => {
    const seen = new Set<string>()
    const explored = await explore({
      workflows: [parallel(3)],
      steps,
      faults: calm,
      properties: {
        completed: {
          seen: run => {
            const order = run.timeline.filter(line => /^step\.(succ|fail)/.test(line)).join()
            seen.add(`${order} ${run.output}`)
          },
        },
      },
    })
    // 3! orders of 2 ** 3 outcomes.
    expect(seen.size).toBe(48)
    expect(explored).toMatchObject({ isComplete: true, schedules: 48, tooLong: 0, share: 1 })
    expect(explored.text).toMatch(/^complete: 48 schedules, \d+ states$/)
  })

  test('strikes with one crash at every write, before and after', async () => {
    const stories = new Set<string>()
    const explored = await explore({
      workflows: [parallel(1)],
      faults: { crashes: 1, writes: 0 },
      world: () => ({ calls: 0 }),
      steps: { a: (_, world) => ++world.calls },
      properties: { completed: { seen: (_, { world }) => void stories.add(`${world.calls}`) } },
    })
    expect(explored.isComplete).toBe(true)
    // Nothing, before and after the start, before and after the answer: two of them call it again.
    expect(explored.schedules).toBeGreaterThanOrEqual(5)
    expect([...stories].sort()).toEqual(['1', '2'])
  })

  test('cancels at every rest', async () => {
    const ends = new Set<string>()
    const explored = await explore({
      workflows: [parallel(2)],
      faults: { ...calm, cancels: 1 },
      properties: {
        eventually: {
          seen: ({ runs }) => void ends.add(`${runs[0]?.status} ${runs[0]?.steps.length}`),
        },
      },
    })
    expect(explored.isComplete).toBe(true)
    expect([...ends].sort()).toEqual(['cancelled 2', 'completed 2'])
  })

  // All four in the long programme: that takes half a minute.
  const count = process.env.PERDURE_RUNS === undefined ? 2 : 4
  test(`completes ${count} steps with outcomes, a crash and a cancellation anywhere`, async () => {
    const ends = new Set<unknown>()
    const explored = await explore(
      {
        workflows: [parallel(count)],
        steps,
        faults: { crashes: 1, cancels: 1 },
        properties: { eventually: { seen: ({ runs }) => void ends.add(runs[0]?.status) } },
      },
      { ms: 1_000_000, schedules: 1_000_000 },
    )
    expect(explored).toMatchObject({ isComplete: true, tooLong: 0 })
    expect([...ends].sort()).toEqual(['cancelled', 'completed'])
  })

  test('says how far it came when its bounds do not suffice', async () => {
    const spec = { workflows: [parallel(4)], steps, faults: calm }
    const explored = await explore(spec, { schedules: 100 })
    expect(explored).toMatchObject({ isComplete: false, schedules: 100 })
    expect(explored.share).toBeGreaterThan(0.2)
    expect(explored.share).toBeLessThan(0.35)
    expect(explored.text).toMatch(/^not complete: 100 schedules, .*about \d+ % of all$/)
  })

  test('says so when schedules are too long to be carried to their end', async () => {
    const endless = workflow({ id: 'endless' }, async ({ step }: WorkflowContext) => {
      for (let at = 0; ; at++) await step.run(`step ${at}`, () => {})
    })
    const explored = await explore({ workflows: [endless], faults: calm }, { moves: 20 })
    expect(explored).toMatchObject({ isComplete: false, tooLong: 1 })
  })

  test('fails if something is never reached', async () => {
    const properties = { sometimes: { 'three calls': () => false, reached: () => true } }
    const search = explore({ workflows: [parallel(1)], faults: calm, properties })
    await expect(search).rejects.toThrow(NeverReached)
    await expect(search).rejects.toThrow('three calls')
    await expect(search).rejects.toThrow(/: three calls\.$/)
  })

  test('finds what replay runs again, whatever faults the spec names', async () => {
    const twice = workflow({ id: 'twice' }, async ({ step }: WorkflowContext) =>
      step.run('count', () => 0),
    )
    const spec: Spec<{ calls: number }> = {
      workflows: [twice],
      world: () => ({ calls: 0 }),
      steps: { count: (_, world) => ++world.calls },
      faults: { writes: 1 },
      properties: { always: { 'at most twice': ({ world }) => world.calls <= 2 } },
    }
    const found = await explore(spec).catch(error => error)
    const faults = found.story.filter((line: string) => /^[A-Z]/.test(line))
    expect(faults.map((line: string) => line.split(' ', 1)[0]).sort()).toEqual(['CRASH', 'WRITE'])
    await expect(replay(spec, found.replay)).rejects.toMatchObject({ story: found.story })
  })

  test('a crash must not change what comes of it, if that is asked', async () => {
    const counting = workflow({ id: 'counting' }, async ({ step }: WorkflowContext) =>
      step.run('count', () => 0),
    )
    const spec = (isRight: boolean) => ({
      workflows: [counting],
      world: () => ({ calls: 0 }),
      steps: {
        count: (_: unknown, world: { calls: number }) => {
          world.calls++
          return isRight ? 1 : world.calls
        },
      },
      crashTransparent: true,
    })
    expect((await explore(spec(true))).isComplete).toBe(true)
    const found = await explore(spec(false)).catch(error => error)
    expect(found).toBeInstanceOf(PropertyFailed)
    expect(found.message).toMatch(/crashTransparent.*\n.*output: 2.*\n.*without crashes.*output: 1/)
  })
})
