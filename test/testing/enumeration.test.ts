import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Recorder } from '../../src/testing/choices.ts'
import { Enumeration } from '../../src/testing/enumeration.ts'

/** Answering a question leads to the next; one without answers ends the trial. */
interface Tree {
  readonly stream: string
  readonly next: readonly Tree[]
}

const stream = fc.constantFrom('schedule', 'crash', 'outcome/a')

const { tree } = fc.letrec<{ tree: Tree }>(tie => ({
  tree: fc.record({
    stream,
    next: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('tree'), { minLength: 1, maxLength: 4 }),
    ),
  }),
}))

const leavesOf = (tree: Tree, path = ''): string[] =>
  tree.next.length === 0
    ? [path]
    : tree.next.flatMap((next, at) => leavesOf(next, tree.next.length > 1 ? `${path}${at}` : path))

function trial(enumeration: Enumeration, root: Tree): string | undefined {
  const source = enumeration.next()
  if (source === undefined) return undefined
  const recorder = new Recorder(source)
  for (let at = root; at.next.length > 0; )
    at = at.next[recorder.choose(at.stream, at.next.length)]!
  enumeration.done(recorder.decisions)
  return recorder.decisions.map(({ value }) => value).join('')
}

test('every way through a tree is gone once, in order', () => {
  fc.assert(
    fc.property(tree, root => {
      const enumeration = new Enumeration()
      const seen: string[] = []
      let share = 0
      for (
        let path = trial(enumeration, root);
        path !== undefined;
        path = trial(enumeration, root)
      ) {
        seen.push(path)
        expect(enumeration.progress.share).toBeGreaterThan(share)
        share = enumeration.progress.share
      }
      const leaves = leavesOf(root)
      expect(seen).toEqual(leaves)
      expect(enumeration.progress).toEqual({
        trials: leaves.length,
        cuts: 0,
        longest: Math.max(...leaves.map(leaf => leaf.length)),
        share: 1,
        isComplete: true,
      })
    }),
    { numRuns: 500 },
  )
})

/** A question whose answers lead to questions of lower numbers: many ways to the same state. */
interface Graph {
  /** By number; those without answers are ends. */
  readonly states: readonly (readonly number[])[]
}

const graph: fc.Arbitrary<Graph> = fc
  .array(fc.array(fc.nat(), { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map(questions => ({
    states: [[], [], ...questions.map((next, at) => next.map(to => to % (at + 2)))],
  }))

describe('with what was explored before cut off', () => {
  test('every answer to every question that can be reached is given once', () => {
    fc.assert(
      fc.property(graph, ({ states }) => {
        const enumeration = new Enumeration()
        const known = new Set<number>()
        const given: string[] = []
        let cuts = 0
        for (let source = enumeration.next(); source !== undefined; source = enumeration.next()) {
          const recorder = new Recorder(source)
          const { repeats } = enumeration
          let cutAt: number | undefined
          for (let state = states.length - 1; states[state]!.length > 0; ) {
            const at = recorder.decisions.length
            if (at >= repeats) {
              if (known.has(state)) {
                cutAt = at
                break
              }
              known.add(state)
            }
            const value = recorder.choose('schedule', states[state]!.length)
            if (at >= repeats - 1) given.push(`${state}:${value}`)
            state = states[state]![value]!
          }
          if (cutAt !== undefined) cuts++
          enumeration.done(recorder.decisions, cutAt)
        }
        const reachable = reachableFrom(states)
        expect(given.toSorted()).toEqual(
          reachable
            .flatMap(state => states[state]!.map((_, value) => `${state}:${value}`))
            .toSorted(),
        )
        expect(enumeration.progress).toMatchObject({
          trials: 1 + reachable.reduce((sum, state) => sum + states[state]!.length - 1, 0),
          cuts,
          isComplete: true,
        })
      }),
      { numRuns: 500 },
    )
  })

  test('even where a state of the repeated answers turns out to be known', () => {
    const enumeration = new Enumeration()
    const run = (cutAt?: number): string => {
      const recorder = new Recorder(enumeration.next()!)
      for (let at = 0; at < 3; at++) recorder.choose('schedule', 2)
      enumeration.done(recorder.decisions, cutAt)
      return recorder.decisions.map(({ value }) => value).join('')
    }
    expect([run(), run(1), run(1), enumeration.next()]).toEqual(['000', '001', '100', undefined])
  })

  function reachableFrom(states: Graph['states']): number[] {
    const reached = new Set<number>()
    const visit = (state: number): void => {
      if (reached.has(state)) return
      reached.add(state)
      states[state]!.forEach(visit)
    }
    visit(states.length - 1)
    return [...reached].filter(state => states[state]!.length > 0)
  }
})

test('says how far it came', () => {
  const enumeration = new Enumeration()
  const run = (): void => {
    const recorder = new Recorder(enumeration.next()!)
    if (recorder.choose('crash', 2) === 0) recorder.choose('schedule', 4)
    enumeration.done(recorder.decisions)
  }
  expect(enumeration.progress).toEqual({
    trials: 0,
    cuts: 0,
    longest: 0,
    share: 0,
    isComplete: false,
  })
  run()
  expect(enumeration.progress).toMatchObject({ trials: 1, share: 1 / 8, longest: 2 })
  for (let more = 0; more < 3; more++) run()
  expect(enumeration.progress).toMatchObject({ trials: 4, share: 1 / 2, isComplete: false })
  expect(enumeration.repeats).toBe(1)
  run()
  expect(enumeration.progress).toEqual({
    trials: 5,
    cuts: 0,
    longest: 2,
    share: 1,
    isComplete: true,
  })
})

describe('a trial that asks something else than before', () => {
  const afterOne = (): Enumeration => {
    const enumeration = new Enumeration()
    const recorder = new Recorder(enumeration.next()!)
    recorder.choose('schedule', 2)
    recorder.choose('outcome/a', 3)
    enumeration.done(recorder.decisions)
    return enumeration
  }
  const refused = expect.objectContaining({ code: 'NON_DETERMINISTIC' })

  test.each([
    ['in another stream', 'crash', 2],
    ['with more answers', 'schedule', 3],
    ['with fewer answers', 'outcome/a', 2],
  ])('%s is refused', (_, stream, n) => {
    const recorder = new Recorder(afterOne().next()!)
    if (stream === 'outcome/a') recorder.choose('schedule', 2)
    expect(() => recorder.choose(stream, n)).toThrow(refused)
  })

  test('or nothing more is refused, unless it was cut', () => {
    const enumeration = afterOne()
    const recorder = new Recorder(enumeration.next()!)
    recorder.choose('schedule', 2)
    expect(() => enumeration.done(recorder.decisions)).toThrow(
      expect.objectContaining({
        code: 'NON_DETERMINISTIC',
        message: expect.stringContaining(
          "decision 1 was 'outcome/a' of 3, and now is nothing more",
        ),
        facts: { at: 1, recorded: { stream: 'outcome/a', n: 3, value: 1 } },
      }),
    )
    enumeration.done(recorder.decisions, 1)
    expect(enumeration.repeats).toBe(1)
  })
})
