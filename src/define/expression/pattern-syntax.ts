import { Failure } from './failure.ts'
import { limits } from './limits.ts'

/*
 * pattern  = ["(?i)"] choice
 * choice   = sequence *("|" sequence)
 * sequence = *(atom [quantifier])
 * atom     = "." | "^" | "$" | "\b" | "\B" | "\A" | "\z" | class | escape | character
 *          | "(" ["?:"] choice ")"
 * quantifier = ("*" | "+" | "?" | "{n}" | "{n,}" | "{n,m}") ["?"]
 */
export type Pattern =
  | { readonly kind: 'set'; readonly ranges: Ranges; readonly negated: boolean }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly part: Pattern; readonly min: number; readonly max: number }

/** First and last code point, pair after pair. */
export type Ranges = readonly number[]
export type Place = 'start' | 'end' | 'word edge' | 'no word edge'

/** Reads the regular subset of regular expressions. Throws a Failure for anything beyond it. */
export function readPattern(text: string): { pattern: Pattern; ignoreCase: boolean } {
  if (text.length > limits.patternLengthMax)
    throw new Failure(`a pattern may have ${limits.patternLengthMax} characters`)
  const ignoreCase = text.startsWith('(?i)')
  const reader = new PatternReader([...(ignoreCase ? text.slice(4) : text)])
  return { pattern: reader.whole(), ignoreCase }
}

const DIGIT = [0x30, 0x39]
const WORD = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]
const SPACE = [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20]
const LAST = 0x10ffff
const CLASSES = { d: DIGIT, w: WORD, s: SPACE } as const
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7 }
const PLACES: Readonly<Record<string, Place>> = {
  A: 'start',
  z: 'end',
  b: 'word edge',
  B: 'no word edge',
}

class PatternReader {
  readonly #text: readonly string[]
  #at = 0
  #nesting = 0

  constructor(text: readonly string[]) {
    this.#text = text
  }

  whole(): Pattern {
    const pattern = this.#choice()
    if (this.#at < this.#text.length) throw this.#refuse("')' closes nothing")
    return pattern
  }

  #choice(): Pattern {
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'choice', parts }
  }

  #sequence(): Pattern {
    const parts: Pattern[] = []
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; ) {
      parts.push(this.#quantified(this.#atom()))
      next = this.#peek()
    }
    return { kind: 'sequence', parts }
  }

  #quantified(part: Pattern): Pattern {
    const bounds = this.#bounds()
    if (bounds === undefined) return part
    // Lazy or greedy makes no difference to whether there is a match.
    this.#take('?')
    if (this.#bounds() !== undefined) throw this.#refuse('a quantifier follows a quantifier')
    return { kind: 'repeat', part, ...bounds }
  }

  #bounds(): { min: number; max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Infinity }
    if (this.#take('+')) return { min: 1, max: Infinity }
    if (this.#take('?')) return { min: 0, max: 1 }
    if (this.#peek() !== '{') return undefined
    const close = this.#text.indexOf('}', this.#at)
    const inside = this.#text.slice(this.#at + 1, Math.max(close, 0)).join('')
    const [, min, comma, max] = /^(\d{1,4})(?:(,)(\d{0,4}))?$/.exec(inside) ?? []
    if (min === undefined) throw this.#refuse("'{' starts a count, such as {2} or {2,5}")
    this.#at = close + 1
    const most = comma === undefined ? Number(min) : max === '' ? Infinity : Number(max)
    if (most < Number(min)) throw this.#refuse('the count ends before it starts')
    return { min: Number(min), max: most }
  }

  #atom(): Pattern {
    const next = this.#next()
    if (next === '(') return this.#group()
    if (next === '[') return this.#class()
    if (next === '.') return { kind: 'set', ranges: [10, 10], negated: true }
    if (next === '^') return { kind: 'place', place: 'start' }
    if (next === '$') return { kind: 'place', place: 'end' }
    if (next !== '\\') {
      if (/^[*+?{]$/.test(next)) throw this.#refuse('a quantifier follows nothing')
      return single(pointOf(next))
    }
    const place = PLACES[this.#peek() ?? '']
    if (place === undefined) return this.#escape()
    this.#at++
    return { kind: 'place', place }
  }

  #group(): Pattern {
    if (this.#take('?') && !this.#take(':'))
      throw this.#refuse('only (...) and (?:...) are supported, and (?i) at the start')
    if (++this.#nesting > limits.patternNestingMax) throw this.#refuse('it is nested too deeply')
    const inside = this.#choice()
    if (!this.#take(')')) throw this.#refuse("')' is missing")
    this.#nesting--
    return inside
  }

  #class(): Pattern {
    const negated = this.#take('^')
    const ranges: number[] = []
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      const from = this.#member()
      const point = pointIn(from)
      if (point === undefined || this.#peek() !== '-' || this.#text[this.#at + 1] === ']') {
        ranges.push(...rangesOf(from))
        continue
      }
      this.#at++
      const to = pointIn(this.#member())
      if (to === undefined || to < point) throw this.#refuse('a range is the wrong way round')
      ranges.push(point, to)
    }
    this.#at++
    return { kind: 'set', ranges, negated }
  }

  #member(): SetPattern {
    const next = this.#next()
    if (next === '[' && this.#peek() === ':') throw this.#refuse('[:...:] is not supported')
    return next === '\\' ? this.#escape() : single(pointOf(next))
  }

  #escape(): SetPattern {
    const next = this.#next()
    const named = next.toLowerCase()
    if (named === 'd' || named === 'w' || named === 's')
      return { kind: 'set', ranges: CLASSES[named], negated: next !== named }
    const control = CONTROLS[next]
    if (control !== undefined) return single(control)
    if (next === 'x' || next === 'u') return single(this.#hex(next))
    if (/^[\w]$/.test(next)) throw this.#refuse(`\\${next} is not supported`)
    return single(pointOf(next))
  }

  #hex(letter: 'x' | 'u'): number {
    const rest = this.#text.slice(this.#at, this.#at + 10).join('')
    const digits = letter === 'x' ? /^([\da-f]{2})/i : /^([\da-f]{4})/i
    const found = digits.exec(rest) ?? /^\{([\da-f]{1,6})\}/i.exec(rest)
    const point = Number.parseInt(found?.[1] ?? '', 16)
    if (found === null || !(point <= LAST)) throw this.#refuse(`\\${letter} needs a hex number`)
    this.#at += found[0].length
    return point
  }

  #peek(): string | undefined {
    return this.#text[this.#at]
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }

  #next(): string {
    const next = this.#text[this.#at++]
    if (next === undefined) throw this.#refuse('it ends too early')
    return next
  }

  #refuse(reason: string): Failure {
    return new Failure(`the pattern cannot be used: ${reason} (at ${this.#at})`)
  }
}

type SetPattern = Extract<Pattern, { kind: 'set' }>

const pointOf = (character: string): number => character.codePointAt(0) ?? 0

const single = (point: number): SetPattern => ({
  kind: 'set',
  ranges: [point, point],
  negated: false,
})

function pointIn({ ranges, negated }: SetPattern): number | undefined {
  return !negated && ranges.length === 2 && ranges[0] === ranges[1] ? ranges[0] : undefined
}

/** The ranges of a member of a class; those of `\D`, `\W` and `\S` are what lies between. */
function rangesOf({ ranges, negated }: SetPattern): Ranges {
  if (!negated) return ranges
  const between: number[] = []
  let from = 0
  for (let i = 0; i < ranges.length; i += 2) {
    if (from < (ranges[i] ?? 0)) between.push(from, (ranges[i] ?? 0) - 1)
    from = (ranges[i + 1] ?? 0) + 1
  }
  return [...between, from, LAST]
}
