import { type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

type Step = WorkflowContext<undefined>['step']

describe('code that awaits a promise of its own', () => {
  /** A world in which code has come to such a promise; `open` resolves it. */
  async function resting(
    code: (step: Step, foreign: () => Promise<void>) => Promise<unknown>,
  ): Promise<{ world: World; open: () => Promise<void>; warnings: () => unknown[] }> {
    let gates: (() => void)[] = []
    const foreign = (): Promise<void> => new Promise(resolve => gates.push(resolve))
    const subject = workflow({ id: 'subject' }, async ({ step }: WorkflowContext<undefined>) =>
      code(step, foreign),
    )
    const world = new World({ workflows: [subject] })
    await world.open()
    await world.engine.start(subject)
    await world.settle()
    const open = async (): Promise<void> => {
      for (const gate of gates) gate()
      gates = []
      await world.settle()
    }
    const warnings = (): unknown[] =>
      world.logged
        .filter(({ level }) => level === 'warn')
        .map(({ facts: { run: _, workflow: __, ...where } }) => where)
    return { world, open, warnings }
  }

  const here = expect.stringMatching(/foreign\.test\.ts:\d+:\d+$/)

  test('is named once, with the call that follows', async () => {
    const { open, warnings, world } = await resting(async (step, foreign) => {
      await step.run('a', () => 1)
      await foreign()
      await step.run('b', () => 1)
      await foreign()
      await step.run('c', () => 1)
    })
    expect(warnings()).toEqual([])
    await open()
    expect(warnings()).toEqual([{ site: here }])
    await open()
    await world.advance(60_000)
    expect(warnings()).toEqual([{ site: here }])
  })

  test('is named by the call before if it ends next', async () => {
    const { open, warnings, world } = await resting(async (step, foreign) => {
      await step.run('a', () => 1)
      await foreign()
    })
    await open()
    await world.advance(60_000)
    expect(warnings()).toEqual([{ after: 'a' }])
  })

  test('is named though it does not go on, after a while', async () => {
    const { warnings, world } = await resting(async (step, foreign) => {
      await step.run('a', () => 1)
      await foreign()
    })
    await world.advance(9_999)
    expect(warnings()).toEqual([])
    await world.advance(1)
    expect(warnings()).toEqual([{ after: 'a' }])
    await world.advance(60_000)
    expect(warnings()).toHaveLength(1)
  })

  test('keeps no process alive when the engine is closed', async () => {
    const { warnings, world } = await resting(async (_, foreign) => foreign())
    await world.engine.close()
    expect(world.clock.next()).toBeUndefined()
    expect(warnings()).toEqual([])
  })
})
