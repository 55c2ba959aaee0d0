import { createContext, Script } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePattern } from '../../../src/define/expression/pattern.ts'

const free = (): void => {}
const occurs = (pattern: string, subject: string): boolean =>
  compilePattern(pattern).test(subject, free)

/** Patterns of the supported subset which mean the same to the host's RegExp. */
const patterns = fc.letrec<{ choice: string; sequence: string; quantified: string; atom: string }>(
  tie => ({
    choice: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map(parts => parts.join('|')),
    sequence: fc.array(tie('quantified'), { maxLength: 3 }).map(parts => parts.join('')),
    quantified: fc
      .tuple(
        tie('atom'),
        fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0}', '{1,2}', '{2,}', '*?', '{0,1}?'),
      )
      .map(([atom, count]) => (/^(?:[\^$]|\\[bB])$/.test(atom) ? atom : atom + count)),
    atom: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      fc.constantFrom(
        'a',
        'b',
        'c',
        '.',
        '^',
        '$',
        '\\b',
        '\\B',
        '\\d',
        '\\W',
        '\\s',
        '\\.',
        '\\x61',
        '\\u0062',
        'é',
      ),
      fc.constantFrom(
        '[ab]',
        '[^a]',
        '[a-c]',
        '[\\d_]',
        '[^\\w]',
        '[\\Da]',
        '[-a]',
        '[a-]',
        '[.]',
        '[^\\D]',
        '[\\]a]',
      ),
      tie('choice').map(inside => `(${inside})`),
      tie('choice').map(inside => `(?:${inside})`),
    ),
  }),
).choice

const subjects = fc
  .array(fc.constantFrom('a', 'b', 'c', 'A', '0', '_', ' ', '.', '-', ']', 'é'), { maxLength: 8 })
  .map(parts => parts.join(''))

const given = createContext({ pattern: '', text: '' })
const hostTest = new Script("new RegExp(pattern, 'u').test(text)")

/** What the host says; nothing, if it tries too many ways to match. */
function host(pattern: string, text: string): boolean | undefined {
  Object.assign(given, { pattern, text })
  try {
    return hostTest.runInContext(given, { timeout: 500 })
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined
    throw error
  }
}

describe('a pattern', () => {
  test('means what it means to the host', () => {
    fc.assert(
      fc.property(
        patterns,
        fc.array(subjects, { minLength: 3, maxLength: 6 }),
        (pattern, texts) => {
          const ours = compilePattern(pattern)
          for (const text of texts) {
            const answer = ours.test(text, free)
            expect(answer, text).toBe(host(pattern, text) ?? answer)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('ignores case with (?i)', () => {
    expect(occurs('(?i)^straße[a-c]$', 'STRAßEB')).toBe(true)
    expect(occurs('(?i)^[^a]$', 'A')).toBe(false)
    expect(occurs('straße', 'STRASSE')).toBe(false)
  })

  test('knows only the ends of the whole text', () => {
    expect(occurs('^b', 'a\nb')).toBe(false)
    expect(occurs('a$', 'a\nb')).toBe(false)
    expect(occurs('a.b', 'a\nb')).toBe(false)
    expect(occurs('\\Aa\\nb\\z', 'a\nb')).toBe(true)
    expect(occurs('\\S\\u{1F600}', 'x😀')).toBe(true)
    expect(occurs('^.😀[^a]$', '😀😀😀')).toBe(true)
    expect(occurs('^..$', '😀')).toBe(false)
  })

  test.each([
    ['(?=a)', /supported/],
    ['(?<!a)b', /supported/],
    ['(?<n>a)', /supported/],
    ['(a)\\1', /\\1 is not supported/],
    ['\\p{L}', /\\p is not supported/],
    ['[[:alpha:]]', /not supported/],
    ['a**', /a quantifier follows a quantifier/],
    ['*a', /a quantifier follows nothing/],
    ['a{', /starts a count/],
    ['a{3,2}', /ends before it starts/],
    ['a{99999}', /starts a count/],
    ['a{9999}', /too large/],
    ['(){9999}(){9999}', /too large/],
    ['((a{50}){50}){50}', /too large/],
    ['(a', /'\)' is missing/],
    ['a)', /'\)' closes nothing/],
    ['[a', /ends too early/],
    ['[b-a]', /wrong way round/],
    ['a\\', /ends too early/],
    ['\\xg0', /hex/],
    ['\\u{110000}', /hex/],
    [`${'a'.repeat(501)}`, /500 characters/],
    [`${'('.repeat(31)}${')'.repeat(31)}`, /nested too deeply/],
  ])('%s is refused', (pattern, reason) => {
    expect(() => compilePattern(pattern)).toThrow(reason)
  })
})

describe('a pattern that explodes elsewhere', () => {
  // Each takes a backtracking matcher longer than the age of the universe, or minutes at best.
  test.each([
    '(a+)+$',
    '(a|a)*$',
    '(a|aa)+$',
    '(.*a){12}$',
    'a*a*a*a*a*a*a*b',
    '(a?){25}a{25}b',
    '((a*)*)*b',
  ])('%s takes work that grows with the text', pattern => {
    const work = (length: number): number => {
      let sum = 0
      compilePattern(pattern).test(`${'a'.repeat(length)}!`, steps => {
        sum += steps
      })
      return sum
    }
    const [one, four] = [work(1_000), work(4_000)]
    expect(four).toBeLessThan(one * 4.5)
    expect(four).toBeLessThan(100_000)
  })

  test('stops when it is charged too much', () => {
    const pattern = compilePattern('(a|b|c)*x')
    let left = 100
    const charge = (steps: number): void => {
      left -= steps
      if (left < 0) throw new Error('enough')
    }
    expect(() => pattern.test('abc'.repeat(1_000), charge)).toThrow('enough')
    expect(left).toBeGreaterThan(-20)
  })

  test('refuses a text that is too long', () => {
    expect(() => occurs('a', 'a'.repeat(10_001))).toThrow(/10000 characters/)
  })
})
