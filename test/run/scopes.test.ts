import { type Engine, openEngine, type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { useScopes } from '../../src/run/scopes.ts'

// A body that calls a step is refused, as long as it is known to be a body.
const nesting = (gate: Promise<void>) =>
  workflow({ id: 'nesting', retries: 0 }, async ({ step }: WorkflowContext) =>
    step.run('outer', async () => {
      await gate
      return step.run('inner', () => 1)
    }),
  )

const plain = workflow({ id: 'plain' }, ({ step }: WorkflowContext) => step.run('one', () => 1))

const open = (): Promise<Engine> => openEngine({ path: ':memory:', workflows: [plain] })

const isOn = (): unknown => {
  const { scopes, end } = useScopes()
  const on = Reflect.get(scopes, 'enabled')
  end()
  return on
}

test('an engine that is closed leaves the scopes of the others as they are', async () => {
  let go = (): void => {}
  const gate = new Promise<void>(resolve => {
    go = resolve
  })
  const workflows = [nesting(gate)]
  await using one = await openEngine({ path: ':memory:', workflows })
  const run = await one.start(workflows[0] ?? nesting(gate), undefined)
  const other = await open()
  await (await other.start(plain, undefined)).result()
  await other.close()
  go()
  await expect(run.result()).rejects.toMatchObject({ cause: { code: 'STEP_NESTED' } })
})

test('the last engine that is closed switches them off', async () => {
  const [one, other] = [await open(), await open()]
  await (await one.start(plain, undefined)).result()
  await one.close()
  await one.close()
  expect(isOn()).toBe(true)
  await other.close()
  expect(isOn()).toBe(false)
})
