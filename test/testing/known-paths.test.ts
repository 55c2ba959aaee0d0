import fc from 'fast-check'
import { expect, test } from 'vitest'
import { workflow } from '../../src/index.ts'
import { type Choices, Recorder, type Source, tapeSource } from '../../src/testing/choices.ts'
import { check } from '../../src/testing/index.ts'
import { KnownPaths } from '../../src/testing/known-paths.ts'
import { Rng } from '../../src/testing/rng.ts'
import { pct } from '../../src/testing/strategies/pct.ts'
import { swarm } from '../../src/testing/strategies/swarm.ts'
import { uniform } from '../../src/testing/strategies/uniform.ts'

const streams = ['schedule', 'write', 'outcome/a', 'data/x']

/** What is asked depends on the answers, and on nothing else. */
function program(choices: Choices, shape: number): void {
  let state = shape
  for (let asked = 0; asked < 2 + (shape % 5); asked++) {
    const stream = streams[state % streams.length] ?? 'schedule'
    const n = 1 + (state % 3)
    const labels = stream === 'schedule' ? ['one', 'two', 'three'].slice(0, n) : undefined
    const answer = choices.choose(stream, n, labels)
    state = (Math.imul(state, 31) + 7 * answer + asked) >>> 1
    if (state % 11 === 0) return
  }
}

const sources = [
  swarm,
  uniform,
  (rng: Rng): Source => pct(rng, { steps: 4, faults: 3 }),
  (rng: Rng): Source => tapeSource(new Map(streams.map(name => [name, drawnFrom(rng)]))),
]
const drawnFrom = (rng: Rng): number[] => Array.from({ length: 4 }, () => rng.below(3))
const sourceOf = (seed: number): Source => (sources[seed % sources.length] ?? swarm)(new Rng(seed))

const pathOf = (source: Source, shape: number): string => {
  const recorder = new Recorder(source)
  program(recorder, shape)
  return JSON.stringify(recorder.decisions)
}

test('what was gone through is known, and all else goes as its source decides', () => {
  const seeds = fc.array(fc.nat(40), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(fc.nat(1_000), seeds, (shape, drawn) => {
      const paths = new KnownPaths()
      const seen = new Set<string>()
      for (const seed of drawn) {
        const path = pathOf(sourceOf(seed), shape)
        const walk = paths.leave(sourceOf(seed))
        expect(walk === undefined).toBe(seen.has(path))
        seen.add(path)
        if (walk === undefined) continue
        expect(pathOf(walk.source, shape)).toBe(path)
        walk.end()
      }
    }),
  )
})

test('what has not come to its end is not known', () => {
  const paths = new KnownPaths()
  const boring: Source = () => 0
  const walk = paths.leave(boring)
  pathOf(walk?.source ?? boring, 5)
  expect(paths.leave(boring)).toBeDefined()
  walk?.end()
  expect(paths.leave(boring)).toBeUndefined()
})

test('of what asks something else the second time nothing more is taken for known', () => {
  const paths = new KnownPaths()
  const boring: Source = () => 0
  const first = paths.leave(boring)
  first?.source('write', 0, 3)
  first?.end()
  const second = paths.leave(() => 1)
  expect(second?.source('cancel', 0, 2)).toBe(1)
  second?.end()
  expect(paths.leave(() => 1)).toBeDefined()
})

test('a search runs no schedule twice', async () => {
  let runs = 0
  const twoSteps = workflow({ id: 'two' }, async ({ step }) => {
    await step.run('a', () => 1)
    await step.run('b', () => 1)
  })
  const options = { schedules: 400, regressions: false } as const
  const spec = { workflows: [twoSteps], world: () => ({ run: ++runs }), faults: { writes: 0 } }
  const report = await check(spec, options)
  expect(report.schedules).toBe(400)
  expect(report.repeated).toBeGreaterThan(200)
  expect(runs).toBe(report.schedules - report.repeated)
})
