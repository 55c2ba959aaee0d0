import { type WorkflowContext, workflow } from 'perdure'
import { afterEach, describe, expect, test } from 'vitest'
import type { Entry, Record } from '../../journal/entry.ts'
import { Feed } from '../../src/engine/feed.ts'
import { LiveCode } from '../../src/run/code.ts'
import { Run } from '../../src/run/run.ts'
import { World } from '../simulation/world.ts'
import { story } from './story.ts'

type Nothing = WorkflowContext<undefined>

const greeting = workflow({ id: 'greeting' }, async ({ step }: Nothing) => {
  await step.sleep('nap', '1m')
  return step.run('greet', () => 'hello')
})

/** Makes a method throw where the test says so: a defect of the engine. Returns how to mend it. */
function defect<Self extends object>(
  { prototype }: { readonly prototype: Self },
  method: keyof Self & string,
  isHit: (self: Self, args: readonly unknown[]) => boolean,
  when: 'before' | 'after' = 'before',
): () => void {
  const whole = prototype[method]
  if (typeof whole !== 'function') throw new Error(`${method} is no method`)
  const put = (value: unknown): void => {
    Object.defineProperty(prototype, method, { value, configurable: true, writable: true })
  }
  put(function (this: Self, ...args: readonly unknown[]): unknown {
    const hit = isHit(this, args)
    if (hit && when === 'before') throw new Error('a defect')
    const result: unknown = Reflect.apply(whole, this, args)
    if (hit) throw new Error('a defect')
    return result
  })
  const mend = (): void => put(whole)
  mended.push(mend)
  return mend
}

const mended: (() => void)[] = []
afterEach(() => {
  for (const mend of mended.splice(0)) mend()
})

const isFired = ([input]: readonly unknown[]): boolean => (input as Entry).type === 'timer.fired'

async function opened(): Promise<World> {
  const world = new World({ workflows: [greeting] })
  await world.open()
  return world
}

describe('a defect that shows when the code of one run is given an input', () => {
  test('parks that run, and no other, in this opening and the next', async () => {
    const world = await opened()
    const ill = await world.engine.start(greeting, undefined, { id: 'ill' })
    const well = await world.engine.start(greeting, undefined, { id: 'well' })
    let hits = 0
    const mend = defect(LiveCode, 'deliver', (_, args) => isFired(args) && hits++ === 0)
    await world.advance(60_000)
    expect(await well.result()).toBe('hello')
    await expect(ill.result()).rejects.toMatchObject({
      code: 'RUN_PARKED',
      facts: { code: 'ENGINE_DEFECT', report: { message: 'a defect' } },
    })
    expect((await story(ill)).slice(-2)).toEqual(['run.parked', 'timer.fired nap'])
    mend()

    const lasting = defect(LiveCode, 'deliver', (_, args) => isFired(args))
    await world.restart()
    await world.settle()
    const again = await world.engine.run('ill')
    const retried = world.engine.retry('ill').catch((error: unknown) => error)
    await world.settle()
    expect(await retried).toMatchObject({ code: 'RUN_PARKED', facts: { code: 'ENGINE_DEFECT' } })
    expect(await again.status()).toBe('parked')
    expect(world.engine.stats().waitingInputs).toBe(0)
    lasting()

    await world.engine.retry('ill')
    await world.settle()
    expect(await again.result()).toBe('hello')
  })

  test('parks it as well when it is brought back for that', async () => {
    const world = await opened()
    const ill = await world.engine.start(greeting, undefined, { id: 'ill' })
    await world.settle()
    const mend = defect(LiveCode, 'begin', () => true)
    await world.restart()
    await world.advance(60_000)
    expect(await (await world.engine.run(ill.id)).status()).toBe('parked')
    mend()
    await world.engine.retry(ill.id)
    await world.settle()
    expect(await (await world.engine.run(ill.id)).result()).toBe('hello')
  })

  test('parks a run that is only beginning, once it is in the journal', async () => {
    const world = await opened()
    const mend = defect(LiveCode, 'begin', () => true)
    const ill = await world.engine.start(greeting, undefined, { id: 'ill' })
    await world.settle()
    expect(await story(ill)).toEqual(['run.scheduled', 'run.parked'])
    const retried = world.engine.retry('ill').catch((error: unknown) => error)
    await world.settle()
    expect(await retried).toMatchObject({ code: 'RUN_PARKED' })
    mend()
    await world.engine.retry('ill')
    await world.advance(60_000)
    expect(await ill.result()).toBe('hello')
  })
})

describe('a defect after a turn was noted', () => {
  /** Starts two runs in one pass. */
  const startBoth = (world: World): Promise<unknown[]> =>
    Promise.all(
      [1, 2].map(() =>
        world.engine.start(greeting).then(
          () => 'started',
          (error: unknown) => (error as { code?: unknown }).code,
        ),
      ),
    )
  /** The first run that is seen. */
  const first = (): ((id: string) => boolean) => {
    let seen: string | undefined
    return id => {
      seen ??= id
      return seen === id
    }
  }

  test('stops the engine before anything of the pass is written, and refuses all of it', async () => {
    const world = await opened()
    const { writes } = world.disk
    const isIll = first()
    defect(Run, 'note', ({ id }) => isIll(id), 'after')
    expect(await startBoth(world)).toEqual(['NOT_ACCEPTED', 'NOT_ACCEPTED'])
    await world.settle()
    expect(world.disk.writes).toBe(writes)
    await expect(world.engine.start(greeting)).rejects.toMatchObject({ code: 'NOT_ACCEPTED' })
  })

  test('lets no run have another turn, even if the engine is closing', async () => {
    const gates: (() => void)[] = []
    const gate = (): Promise<void> => new Promise(resolve => gates.push(resolve))
    const two = workflow({ id: 'two' }, async ({ step }: Nothing) =>
      Promise.all([step.run('a', gate), step.run('b', gate)]),
    )
    const world = new World({ workflows: [two] })
    await world.open()
    const { id } = await world.engine.start(two)
    await world.settle()
    let hits = 0
    defect(Run, 'note', () => hits++ === 0, 'after')
    const closed = world.engine.close({ drain: '1s' })
    for (const open of gates.splice(0)) {
      open()
      await world.settle()
    }
    await world.advance(2_000)
    await closed
    expect(hits).toBe(1)
    await world.restart()
    const run = await world.engine.run(id)
    expect((await story(run)).at(-1)).toBe('step.scheduled b')
    await world.settle()
    for (const open of gates) open()
    await world.settle()
    expect(await run.status()).toBe('completed')
  })

  const spoilers = {
    'while it is written': (isIll: (id: string) => boolean) =>
      defect(Run, 'evolve', ({ id }) => isIll(id)),
    'when it is acted on': (isIll: (id: string) => boolean) =>
      defect(Feed, 'publish', (_, [record]) => isIll((record as Record).run)),
  }
  for (const [what, spoil] of Object.entries(spoilers)) {
    test(`${what}: stops the engine, but says of each turn what is true`, async () => {
      const world = await opened()
      const mend = spoil(first())
      expect(await startBoth(world)).toEqual(['started', 'started'])
      await expect(world.engine.start(greeting)).rejects.toMatchObject({ code: 'NOT_ACCEPTED' })
      mend()
      await world.restart()
      await world.advance(60_000)
      const statuses: string[] = []
      for await (const { status } of world.engine.runs()) statuses.push(status)
      expect(statuses).toEqual(['completed', 'completed'])
    })
  }
})

describe('a run that still does not fit its journal when it is retried', () => {
  test('stays parked, and whoever asked is told why', async () => {
    const changed = workflow({ id: 'greeting' }, async ({ step }: Nothing) => {
      await step.sleep('doze', '1m')
    })
    const world = await opened()
    const run = await world.engine.start(greeting)
    await world.settle()
    await world.restart({ workflows: [changed] })
    await world.advance(60_000)
    const before = await story(await world.engine.run(run.id))
    expect(before.slice(-2)).toEqual(['run.parked', 'timer.fired nap'])
    const retried = world.engine.retry(run.id).catch((error: unknown) => error)
    await world.settle()
    expect(await retried).toMatchObject({
      code: 'RUN_PARKED',
      facts: { code: 'NON_DETERMINISTIC', report: { asked: 'timer.set "doze"' } },
    })
    expect(await story(await world.engine.run(run.id))).toEqual(before)
  })
})
