import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openEngine, type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'

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
  setFlagsFromString('--expose-gc')
  const gc: () => void = runInNewContext('gc')
  for (let tries = 0; tries < 20 && kept?.deref() !== undefined; tries++) {
    await new Promise(setImmediate)
    gc()
  }
  expect(kept).toBeDefined()
  expect(kept?.deref()).toBeUndefined()
})
