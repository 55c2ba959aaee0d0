import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { behind, beside, careless, first } from '../../examples/releases.ts'
import type { AnyWorkflow } from '../../src/define/workflow.ts'
import { replayJournals } from '../../src/testing/replay-journals.ts'
import { World } from '../simulation/world.ts'

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

const guide = read('docs/compatibility.md')

const blocks = (language: string): string[] =>
  [...guide.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, of, text]) =>
    of === language && text !== undefined ? [text] : [],
  )

async function sleeping(runs: number): Promise<World> {
  const world = new World({ workflows: [first] })
  await world.open()
  for (let at = 0; at < runs; at++) {
    const id = `o${String(at).padStart(4, '0')}`
    await world.engine.start(first, { id, cents: 100 }, { id })
  }
  await world.settle()
  return world
}

const verdict = async (workflows: readonly AnyWorkflow[], world: World): Promise<string> =>
  (await replayJournals(workflows, world.disk)).text.split('\n', 1)[0] ?? ''

// As the guide shows it, but for what is imported and where the runs are.
async function inCi(workflows: readonly AnyWorkflow[], backup: World['disk']): Promise<void> {
  const report = await replayJournals(workflows, backup)
  report.assertSafe()
}

test('the guide shows code that is run here', () => {
  const shown = blocks('ts').map(text => text.replace(/^import .*\n\n/, ''))
  const [ci, ...others] = shown
  const here = read('test/testing/compatibility-guide.test.ts')
  for (const line of ci?.split('\n').slice(1, -2) ?? []) {
    expect(here).toContain(line.trim().replace("'./backup'", 'backup'))
  }
  const opening = others.pop()
  expect(opening).toMatch(/^const engine = await openEngine\(.*preflight: 'park' }\)\n$/)
  const releases = read('examples/releases.ts').replace(/^ +/gm, '')
  expect(others).toHaveLength(4)
  for (const code of others) expect(releases).toContain(code.replace(/^ +/gm, ''))
})

test('the report is the one that the guide shows', async () => {
  const report = await replayJournals([careless], (await sleeping(1_200)).disk)
  const [shown] = blocks('text')
  expect(`${report.text}\n`).toBe(shown)
  await expect(inCi([careless], (await sleeping(1)).disk)).rejects.toThrow(
    'safe to deploy for 0 of 1',
  )
}, 60_000)

test('the ways to fix it do', async () => {
  const world = await sleeping(3)
  for (const workflows of [[first], [behind], beside]) {
    expect(await verdict(workflows, world)).toBe('safe to deploy for 3 of 3 live runs')
    await inCi(workflows, world.disk)
  }
  await world.restart({ workflows: [careless], preflight: 'park' })
  const parked = await replayJournals([behind], world.disk)
  expect(parked).toMatchObject({ live: { runs: 0 }, parked: { runs: 3, same: 3 } })
})
