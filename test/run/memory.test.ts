import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openEngine, type WorkflowContext, workflow } from 'perdure'
import { testEngine } from 'perdure/testing'
import { expect, test } from 'vitest'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const GENERATIONS = 40

/** How many of these are still in memory. The newest may be, for a while. */
async function left(refs: readonly WeakRef<object>[]): Promise<number> {
  for (let round = 0; round < 5; round++) {
    await new Promise(resolve => setImmediate(resolve))
    collect()
  }
  return refs.filter(ref => ref.deref() !== undefined).length
}

const endless = (refs: WeakRef<object>[]) =>
  workflow({ id: 'endless' }, async ({ event, step }: WorkflowContext<number>) => {
    const held = { n: event.data }
    refs.push(new WeakRef(held))
    await step.run('work', () => held.n)
    if (event.data < GENERATIONS) await step.continueAsNew(event.data + 1)
    return held
  })

test('a run that continues as new leaves nothing of itself in memory', async () => {
  const refs: WeakRef<object>[] = []
  const subject = endless(refs)
  await using engine = await openEngine({ path: ':memory:', workflows: [subject] })
  await (await engine.start(subject, 1)).result()
  expect(refs).toHaveLength(GENERATIONS)
  expect(await left(refs)).toBeLessThan(5)
})

test('an engine that crashed leaves nothing of itself in memory', async () => {
  const refs: WeakRef<object>[] = []
  const subject = workflow({ id: 'subject' }, async ({ step }) => {
    const held = {}
    refs.push(new WeakRef(held))
    await step.sleep('1h')
    return held
  })
  await using engine = await testEngine({ workflows: [subject] })
  await engine.start(subject)
  await engine.settle()
  for (let crash = 0; crash < GENERATIONS; crash++) {
    // What it writes when it dies is never answered.
    engine.start(subject).catch(() => {})
    await engine.crash()
    await engine.settle()
  }
  expect(refs.length).toBeGreaterThanOrEqual(GENERATIONS)
  expect(await left(refs)).toBeLessThan(5)
})

test('code that calls a step after its run has ended is kept by nobody', async () => {
  let kept: WeakRef<object> | undefined
  const loose = workflow({ id: 'loose' }, async ({ step }: WorkflowContext) => {
    const own = { late: 'late' }
    kept = new WeakRef(own)
    const first = step.run('first', () => 1)
    void first.then(async () => {
      for (let at = 0; at < 20; at++) await undefined
      await step.run(own.late, () => 1)
      own.late = 'never'
    })
    return first
  })
  const engine = await openEngine({ path: ':memory:', workflows: [loose] })
  await (await engine.start(loose)).result()
  await engine.close()
  expect(kept).toBeDefined()
  expect(await left(kept === undefined ? [] : [kept])).toBe(0)
})
