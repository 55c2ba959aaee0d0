import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type WorkflowContext, workflow } from 'perdure'
import { check, PropertyFailed, type Spec } from 'perdure/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'

const billing = workflow({ id: 'bill/ing' }, async ({ step }: WorkflowContext) => {
  await step.run('load', () => {})
  await step.run('charge', () => {})
})
const spec = (isRight: boolean): Spec<{ charges: number }> => ({
  workflows: [billing],
  world: () => ({ charges: 0 }),
  steps: {
    charge: (_, world) => void (isRight || Object.assign(world, { charges: world.charges + 1 })),
  },
  properties: { always: { once: ({ world }) => world.charges <= 1 } },
})

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'perdure-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function failureOf(options: object = {}): Promise<string> {
  const all = { regressions: dir, schedules: 200, ms: 60_000, ...options }
  const found = await check(spec(false), all).catch((error: unknown) => error)
  expect(found).toBeInstanceOf(PropertyFailed)
  return (found as Error).message
}

test('what failed is run first next time, until it is mended', async () => {
  expect(await failureOf()).not.toMatch('found in 1 schedule,')
  const file = join(dir, 'bill_ing.tapes')
  expect(await readFile(file, 'utf8')).toMatch(/^p1\.\S+ {2}# always: once\n$/)
  expect(await failureOf()).toMatch('found in 1 schedule,')
  await writeFile(file, `garbage\n\0\n${await readFile(file, 'utf8')}p9.x\n# more\n`)
  expect(await failureOf()).toMatch('found in 1 schedule,')
  const report = await check(spec(true), { regressions: dir, schedules: 20, ms: 60_000 })
  expect(report.schedules).toBe(20)
})

test('names stay inside the directory', async () => {
  expect(await failureOf({ name: '../../x y' })).toMatch(join(dir, '.._.._x_y.journal'))
})

test('where nothing can be kept, the report has to do', async () => {
  await writeFile(join(dir, 'file'), '')
  const message = await failureOf({ regressions: join(dir, 'file', 'inner') })
  expect(message).toMatch('replay  p1.')
  expect(message).not.toMatch('journal')
})
