import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Recorder, tapeSource } from '../../src/testing/choices.ts'
import { normalTape } from '../../src/testing/tape.ts'
import { askAll, questions, tapes } from './tapes.ts'

test('any tape answers any questions, within bounds', () => {
  fc.assert(
    fc.property(tapes, questions, (tape, asked) => {
      const drawn = new Map<string, number>()
      const answers = askAll(new Recorder(tapeSource(tape)), asked)
      for (const [at, { stream, n }] of asked.entries()) {
        const index = drawn.get(stream) ?? 0
        if (n > 1) drawn.set(stream, index + 1)
        expect(answers[at]).toBe(n > 1 ? (tape.get(stream)?.[index] ?? 0) % n : 0)
      }
    }),
  )
})

test('what was recorded gives the same answers again, and is recorded the same', () => {
  fc.assert(
    fc.property(
      questions,
      fc.array(fc.maxSafeNat(), { minLength: 40, maxLength: 40 }),
      (asked, given) => {
        let at = 0
        const recorder = new Recorder(() => given[at++] ?? 0)
        const answers = askAll(recorder, asked)
        const again = new Recorder(tapeSource(recorder.tape()))
        expect(askAll(again, asked)).toEqual(answers)
        expect(again.decisions).toEqual(recorder.decisions)
        expect(again.tape()).toEqual(recorder.tape())
        expect(recorder.tape()).toEqual(normalTape(recorder.tape()))
      },
    ),
  )
})

test('the empty tape is boring everywhere', () => {
  fc.assert(
    fc.property(questions, asked => {
      const recorder = new Recorder(tapeSource(new Map()))
      expect(askAll(recorder, asked)).toEqual(asked.map(() => 0))
      expect(recorder.tape()).toEqual(new Map())
    }),
  )
})

test('streams do not disturb each other', () => {
  fc.assert(
    fc.property(tapes, questions, questions, (tape, asked, more) => {
      const streams = new Set(asked.map(({ stream }) => stream))
      const others = more.filter(({ stream }) => !streams.has(stream))
      const recorder = new Recorder(tapeSource(tape))
      const mixed: number[] = []
      for (const [at, question] of asked.entries()) {
        if (others[at] !== undefined) askAll(recorder, [others[at]])
        mixed.push(...askAll(recorder, [question]))
      }
      expect(mixed).toEqual(askAll(new Recorder(tapeSource(tape)), asked))
    }),
  )
})

test('decisions are in the order drawn, and only where there was a choice', () => {
  const recorder = new Recorder(tapeSource(new Map([['crash', [1, 5]]])))
  askAll(recorder, [
    { stream: 'schedule', n: 2 },
    { stream: 'crash', n: 1 },
    { stream: 'crash', n: 2 },
    { stream: 'crash', n: 3 },
  ])
  expect(recorder.decisions).toEqual([
    { stream: 'schedule', n: 2, value: 0 },
    { stream: 'crash', n: 2, value: 1 },
    { stream: 'crash', n: 3, value: 2 },
  ])
  expect(recorder.tape()).toEqual(new Map([['crash', [1, 2]]]))
})

test('a tape is not changed by what is decided after it was taken', () => {
  const recorder = new Recorder(() => 1)
  recorder.choose('crash', 2)
  const tape = recorder.tape()
  recorder.choose('crash', 2)
  expect(tape).toEqual(new Map([['crash', [1]]]))
})

test('a source may answer anything', () => {
  for (const answer of [-1, 0.5, Number.NaN, Infinity])
    expect(new Recorder(() => answer).choose('crash', 3)).toBe(0)
})

test('the source is told how many were drawn from the stream, and what the answers are', () => {
  const seen: unknown[] = []
  const recorder = new Recorder((...told) => {
    seen.push(told)
    return 0
  })
  recorder.choose('schedule', 2, ['a', 'b'])
  recorder.choose('crash', 2)
  recorder.choose('schedule', 3)
  expect(seen).toEqual([
    ['schedule', 0, 2, ['a', 'b']],
    ['crash', 0, 2, undefined],
    ['schedule', 1, 3, undefined],
  ])
})

test('there has to be something to choose from', () => {
  for (const n of [0, -1, 1.5, Number.NaN, Infinity])
    expect(() => new Recorder(() => 0).choose('crash', n)).toThrow(
      expect.objectContaining({ code: 'DEFINITION_INVALID', facts: { stream: 'crash', n } }),
    )
})
