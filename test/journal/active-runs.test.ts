import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ActiveRuns, type Lesson } from '../../journal/active-runs.ts'
import { inKeyOrder } from '../../journal/keys.ts'

const MOST = 4

/** A scan sees the rows that there were when it began, one by one, whatever happens meanwhile. */
interface Scan {
  readonly lesson: Lesson
  readonly rows: string[]
}

test('whatever begins and ends, and whoever reads meanwhile: what is known is true', async () => {
  const run = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '\ue000', '\u{1f600}')
  const moves = fc.array(
    fc.oneof(run, run, fc.constantFrom('scan', 'see', 'see', 'over', 'left')),
    {
      maxLength: 60,
      size: 'max',
    },
  )
  let learned = 0
  fc.assert(
    fc.property(moves, fc.boolean(), (moves, isKnown) => {
      const active = new ActiveRuns({ most: MOST, isKnown })
      const truth = new Set<string>()
      let scan: Scan | undefined
      const over = (isWhole: boolean): void => {
        if (scan === undefined) return
        if (isWhole) for (const row of scan.rows) scan.lesson.see(row)
        active.learned(scan.lesson, isWhole)
        if (isWhole && active.known() !== undefined) learned++
        scan = undefined
      }
      for (const move of moves) {
        if (move === 'scan') {
          const lesson = active.learn(truth.size)
          if (lesson !== undefined) scan = { lesson, rows: [...truth] }
        } else if (move === 'see') {
          const row = scan?.rows.pop()
          if (row !== undefined) scan?.lesson.see(row)
        } else if (move === 'over' || move === 'left') over(move === 'over')
        else if (truth.delete(move)) active.end(move)
        else {
          truth.add(move)
          active.begin(move)
        }
        expect(active.known() ?? [...truth].sort(inKeyOrder)).toEqual([...truth].sort(inKeyOrder))
      }
      expect(active.known()?.length ?? 0).toBeLessThanOrEqual(MOST)
    }),
    { numRuns: 500 },
  )
  expect(learned).toBeGreaterThan(0)
})

test('keys are in the order of their bytes', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 3 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b))
      expect(Math.sign(inKeyOrder(a, b))).toBe(bytes)
    }),
  )
})

test('of too many none are known, until they are few again and somebody reads all', () => {
  const active = new ActiveRuns({ most: MOST })
  for (const run of ['a', 'b', 'c', 'd']) active.begin(run)
  expect(active.known()).toEqual(['a', 'b', 'c', 'd'])
  active.begin('e')
  expect(active.known()).toBeUndefined()
  for (const run of ['a', 'b', 'c']) active.end(run)
  expect(active.learn(3)).toBeUndefined()
  const lesson = active.learn(2)
  expect(active.learn(2)).toBeUndefined()
  lesson?.see('d')
  active.begin('f')
  active.end('d')
  lesson?.see('e')
  if (lesson !== undefined) active.learned(lesson, true)
  expect(active.known()).toEqual(['e', 'f'])
})

test('who reads slowly has nothing remembered without end', () => {
  const active = new ActiveRuns({ most: MOST, isKnown: false })
  const lesson = active.learn(0)
  for (let at = 0; at < 100; at++) {
    active.begin(`run-${at}`)
    active.end(`run-${at}`)
  }
  expect(lesson?.size).toBeLessThanOrEqual(2 * MOST + 1)
  if (lesson !== undefined) active.learned(lesson, true)
  expect(active.known()).toBeUndefined()
})
