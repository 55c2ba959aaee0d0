import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EngineError } from '../../src/define/error.ts'
import { normalTape, parseTape, printTape, type Tape } from '../../src/testing/tape.ts'
import { tapes } from './tapes.ts'

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~'

const sorted = (tape: Tape): [string, readonly number[]][] =>
  [...tape].sort(([a], [b]) => (a < b ? -1 : 1))

const samples: Record<string, Tape> = {
  empty: new Map(),
  'one crash': new Map([['crash', [0, 0, 0, 0, 1]]]),
  typical: new Map([
    ['schedule', [0, 0, 0, 0, 0, 0, 2, 0, 0, 1]],
    ['outcome/run-1/charge:1/0', [1]],
    ['crash', [0, 0, 0, 0, 1]],
    ['delay/run-1/charge:1/0', [500]],
    ['event/order.paid', [0, 1]],
  ]),
}

const refusal = (text: string): EngineError | undefined => {
  try {
    parseTape(text)
    return undefined
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
}

describe('a tape as text', () => {
  test('comes back as it was, without what is zero anyway', () => {
    fc.assert(
      fc.property(tapes, tape => {
        const text = printTape(tape)
        expect(text).toMatch(/^[A-Za-z0-9._~-]+$/)
        expect(sorted(parseTape(text))).toEqual(sorted(normalTape(tape)))
        expect(printTape(parseTape(text))).toBe(text)
      }),
      { numRuns: 1_000 },
    )
  })

  test('is the same for the same decisions, in whatever order the streams are', () => {
    fc.assert(
      fc.property(tapes, tape => {
        const padded = new Map([...tape].reverse().map(([name, of]) => [name, [...of, 0, 0]]))
        expect(printTape(padded.set('knob/never', [0, 0]))).toBe(printTape(tape))
      }),
    )
  })

  test('is different for different decisions', () => {
    fc.assert(
      fc.property(tapes, tapes, (one, other) => {
        const same =
          JSON.stringify(sorted(normalTape(one))) === JSON.stringify(sorted(normalTape(other)))
        expect(printTape(one) === printTape(other)).toBe(same)
      }),
    )
  })

  test('is short', () => {
    expect(printTape(samples.empty!)).toMatch(/^p1\..{6}$/)
    expect(printTape(samples.typical!)).toHaveLength(65)
    expect(printTape(new Map([['schedule', [...new Array(900).fill(0), 1]]]))).toHaveLength(16)
  })

  test('keeps its form, so that those of earlier releases are read', () => {
    expect(printTape(samples.typical!)).toBe(
      'p1.-41C.-62001S.01Eorder~Dpaid.~2dwLrun-1_charge~C1_0.1O~g.4M9QXg',
    )
  })

  test('says what a name shares with the one before, from 3 to 35 characters', () => {
    const text = (...names: string[]): string =>
      printTape(new Map(names.map(name => [`outcome/${name}`, [1]]))).slice(0, -7)
    expect(text('aab', 'aac')).toBe('p1.1Oaab.1Oaac')
    expect(text('aaab', 'aaac')).toBe('p1.1Oaaab.1O~3c')
    const long = 'x'.repeat(60)
    expect(text(`${long}1`, `${long}2`)).toBe(`p1.1O${long}1.1O~z${'x'.repeat(25)}2`)
    const tape = new Map([1, 2].map(end => [`outcome/${long}${end}`, [end]]))
    expect(parseTape(printTape(tape))).toEqual(tape)
  })

  test('may have spaces around it', () => {
    expect(parseTape(` ${printTape(samples.typical!)}\n`)).toEqual(samples.typical)
  })

  test('has room for a run of zeros of any length', () => {
    const tape = new Map([['schedule', [...new Array(2_000_001).fill(0), 7]]])
    expect(parseTape(printTape(tape)).get('schedule')).toHaveLength(2_000_002)
  })

  test('holds nothing but integers from 0 on', () => {
    for (const value of [-1, 0.5, Number.NaN, Infinity, 2 ** 53])
      expect(() => printTape(new Map([['crash', [value]]]))).toThrow(
        expect.objectContaining({ code: 'DEFINITION_INVALID', facts: { value } }),
      )
  })
})

describe('a mistyped tape is refused', () => {
  for (const [name, tape] of Object.entries(samples)) {
    const text = printTape(tape)

    test(`${name}: each character replaced by each other one`, () => {
      for (let at = 0; at < text.length; at++)
        for (const digit of DIGITS) {
          if (digit === text[at]) continue
          const typed = text.slice(0, at) + digit + text.slice(at + 1)
          expect(refusal(typed)?.code, typed).toBe('DEFINITION_INVALID')
        }
    })

    test(`${name}: each character dropped, doubled, or another put before it`, () => {
      for (let at = 0; at <= text.length; at++) {
        if (at < text.length) expect(refusal(text.slice(0, at) + text.slice(at + 1))).toBeDefined()
        for (const digit of DIGITS) {
          const typed = text.slice(0, at) + digit + text.slice(at)
          expect(refusal(typed)?.code, typed).toBe('DEFINITION_INVALID')
        }
      }
    })

    test(`${name}: any two characters swapped`, () => {
      for (let at = 0; at < text.length; at++)
        for (let other = at + 1; other < text.length; other++) {
          if (text[at] === text[other]) continue
          const typed = [...text]
          typed[at] = text[other]!
          typed[other] = text[at]!
          expect(refusal(typed.join(''))?.code, typed.join('')).toBe('DEFINITION_INVALID')
        }
    })

    test(`${name}: cut short anywhere`, () => {
      for (let length = 0; length < text.length; length++)
        expect(refusal(text.slice(0, length))).toBeDefined()
    })
  }

  test('whatever is typed is read or refused by name', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...DIGITS), maxLength: 30 }), text => {
        expect(refusal(text)?.code).toBe('DEFINITION_INVALID')
        expect(refusal(`p1.${text}`)?.code).toBe('DEFINITION_INVALID')
      }),
    )
  })

  test('with the reason, and what to do', () => {
    const text = printTape(samples.typical!)
    expect(refusal(text.replace('charge', 'change'))).toMatchObject({
      message: expect.stringContaining('something was mistyped'),
      hint: expect.stringContaining('Copy the whole text'),
      facts: { text: text.replace('charge', 'change') },
    })
    expect(refusal(text.replace('p1', 'p2'))?.message).toContain('its format is p2, this is p1')
    expect(refusal('hello')?.message).toContain('does not begin with "p1."')
  })
})

describe('a text with a check that fits', () => {
  // The checksum stands in for a writer with an error: what it says is still no tape.
  const signed = (body: string): string => {
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    return body + sum.toString('base64url')
  }

  test.each([
    ['p1.1.', 'no kind', "'1' ends too early"],
    ['p1.C.', 'no values'],
    ['p1.10C.', 'trailing zeros'],
    ['p1.0001C.', 'a run of zeros written out'],
    ['p1.1C.1C.', 'a stream twice'],
    ['p1.1S.1C.', 'streams in another order'],
    ['p1.1A.', 'an unknown kind'],
    ['p1.1Zcrash.', 'a known kind written out'],
    ['p1.~1C.', 'a number that ends too early', "'C' is no number"],
    ['p1.~z0C.', 'a long number that is not', "'~z0C' ends too early"],
    ['p1.~11C.', 'a short number as a long one'],
    ['p1.~bzzzzzzzzzzzC.', 'a number beyond the safe ones', "'zzzzzzzzzzz' is no number"],
    ['p1._6zzzzzz1C.', 'more zeros than memory'],
    ['p1.!C.', 'an unknown sign', "'!' is no number"],
    ['p1.1C~Q.', 'an unknown escape', "it has no character '~Q'"],
    ['p1.1C~U00.', 'an escape that ends too early', "'1C~U00' ends too early"],
    ['p1.1C~Uxyza.', 'an escape that is no number'],
    ['p1.1C~9a.', 'more shared than there is'],
    ['p1..', 'an empty stream'],
  ])('%s is refused: %s', (body, _, reason = 'it is not as it would be printed') => {
    expect(refusal(signed(body))).toMatchObject({ code: 'DEFINITION_INVALID', facts: { reason } })
  })

  test('is signed as printed ones are', () => {
    expect(signed('p1.-41C.')).toBe(printTape(samples['one crash']!))
  })
})
