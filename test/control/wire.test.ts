import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineCutter } from '../../src/control/line.ts'
import { parseMessage } from '../../src/control/message.ts'
import { fromWire, jsonOf, toWire } from '../../src/control/wire.ts'

const text = fc.string({ unit: 'binary', maxLength: 20 })
const line = text.map(line => line.replace(/\n/g, ''))

/** The same bytes in pieces. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map(place => place % (bytes.length + 1)))].sort((a, b) => a - b)
  const ends = [...at, bytes.length]
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

describe('a cutter of lines', () => {
  test('gives the lines that were sent, whatever pieces they come in', () => {
    const pieces = fc.array(fc.nat(2_000), { maxLength: 40 })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), line, pieces, (lines, rest, places) => {
        const bytes = Buffer.from(lines.map(each => `${each}\n`).join('') + rest)
        const cutter = new LineCutter(10_000)
        const got = cutAt(bytes, places).flatMap(piece => [...cutter.cut(piece)])
        const sent = lines.map(each => Buffer.from(each).toString())
        expect(got).toEqual(sent)
        expect([...cutter.cut(Buffer.from('\n'))]).toEqual([Buffer.from(rest).toString()])
      }),
    )
  })

  test('refuses the first line that is longer than allowed, and no other', () => {
    const lengths = fc.array(fc.nat(60), { minLength: 1, maxLength: 8 })
    const places = fc.array(fc.nat(500), { maxLength: 20 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), lengths, places, (most, lengths, places) => {
        const bytes = Buffer.from(lengths.map(length => `${'x'.repeat(length)}\n`).join(''))
        const cutter = new LineCutter(most)
        const got: number[] = []
        const read = (): void => {
          for (const piece of cutAt(bytes, places)) {
            for (const each of cutter.cut(piece)) got.push(each.length)
          }
        }
        const tooLong = lengths.findIndex(length => length > most)
        if (tooLong === -1) read()
        else expect(read).toThrow(RangeError)
        expect(got).toEqual(tooLong === -1 ? lengths : lengths.slice(0, tooLong))
      }),
    )
  })

  test('takes no more room for many small pieces than for one', () => {
    const cutter = new LineCutter(1 << 20)
    const piece = Buffer.from('x')
    const before = process.memoryUsage()
    for (let at = 0; at < 500_000; at++) for (const _ of cutter.cut(piece));
    const { rss, arrayBuffers } = process.memoryUsage()
    expect(arrayBuffers - before.arrayBuffers).toBeLessThan(8 << 20)
    expect(rss - before.rss).toBeLessThan(64 << 20)
    expect([...cutter.cut(Buffer.from('\n'))][0]).toHaveLength(500_000)
  })
})

describe('facts as JSON', () => {
  const key = fc
    .oneof(fc.constant('__proto__'), fc.string({ maxLength: 5 }))
    .filter(k => k !== '$b')
  const { fact } = fc.letrec(tie => ({
    fact: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(number => number + 0),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
      fc.array(tie('fact'), { maxLength: 4 }),
      fc.array(fc.tuple(key, tie('fact')), { maxLength: 4 }).map(Object.fromEntries),
    ),
  }))

  test('come back as they were, and reach no prototype', () => {
    fc.assert(
      fc.property(fact, fact => {
        const back = fromWire(JSON.parse(JSON.stringify(toWire(fact))))
        expect(back).toStrictEqual(fact)
        expect(Object.getPrototypeOf(Object(back))).toBe(Object.getPrototypeOf(Object(fact)))
      }),
      { numRuns: 500 },
    )
  })

  test('that nest too deep are refused', () => {
    let deep: unknown = 1
    for (let at = 0; at < 33; at++) deep = [deep]
    expect(() => fromWire(deep)).toThrow(RangeError)
  })
})

describe('a message', () => {
  test('is read as JSON reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), json => {
        expect(parseMessage(json)).toEqual(JSON.parse(json))
      }),
    )
  })

  test.each([
    ['nests deep', '['.repeat(41) + ']'.repeat(41)],
    ['nests deep and never ends', '{"a":'.repeat(1_000_000)],
    ['has many parts', `[${'{},'.repeat(40_000)}{}]`],
    ['has a text that never ends', `["${'\\"'.repeat(100_000)}`],
    ['is empty', ''],
  ])('that %s is refused at once', (_, message) => {
    const began = performance.now()
    expect(() => parseMessage(message)).toThrow()
    expect(performance.now() - began).toBeLessThan(100)
  })

  test('may have texts of any length, with whatever in them', () => {
    const long = '[{,"\\'.repeat(200_000)
    expect(parseMessage(JSON.stringify({ long }))).toEqual({ long })
  })
})

test('what there is much of is written by hand as it would be otherwise', () => {
  const text = fc.string({ unit: 'binary' })
  const facts = fc.array(fc.oneof(text, fc.nat()))
  const page = fc.record({
    workflows: fc.array(text),
    commits: fc.array(fc.tuple(fc.nat(), fc.nat(), facts)),
    packed: fc.uint8Array(),
  })
  const gist = fc.record({ run: text, end: fc.record({ error: fc.uint8Array() }) })
  const listed = fc.record({ head: fc.record({ run: text }), gist }, { requiredKeys: ['head'] })
  fc.assert(
    fc.property(fc.oneof(page, listed), fact => {
      expect(JSON.parse(jsonOf(fact))).toEqual(JSON.parse(JSON.stringify(toWire(fact))))
    }),
  )
})
