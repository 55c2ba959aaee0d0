import { Failure } from './failure.ts'
import { limits } from './limits.ts'
import { type Pattern, type Place, type Ranges, readPattern } from './pattern-syntax.ts'

/**
 * Whether a pattern occurs in a text, in time that grows with the product of their lengths and
 * never faster: all places in the pattern are followed at once and nothing is tried twice. The
 * host's own RegExp backtracks, and no look at a pattern tells reliably whether it explodes.
 */
export interface CompiledPattern {
  /** `charge` is told of the work done, in steps; what it throws ends the test. */
  test(subject: string, charge: (steps: number) => void): boolean
}

/** Throws a Failure for a pattern that is not regular, not valid or too large. */
export function compilePattern(text: string): CompiledPattern {
  const { pattern, ignoreCase } = readPattern(text)
  const code: Instruction[] = []
  assemble(pattern, code)
  emit(code, { kind: 'match' })
  return { test: (subject, charge) => runs(code, subject, ignoreCase, charge) }
}

type Instruction =
  | { readonly kind: 'set'; readonly ranges: Ranges; readonly negated: boolean }
  | { readonly kind: 'place'; readonly place: Place }
  /** Goes on at both. */
  | { readonly kind: 'fork'; readonly first: number; second: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'match' }

function emit<I extends Instruction>(code: Instruction[], instruction: I): I {
  if (code.push(instruction) > limits.patternInstructionsMax)
    throw new Failure('the pattern cannot be used: its counts make it too large')
  return instruction
}

const fork = (code: Instruction[]) =>
  emit(code, { kind: 'fork', first: code.length + 1, second: 0 })

function assemble(pattern: Pattern, code: Instruction[]): void {
  switch (pattern.kind) {
    case 'set':
    case 'place':
      emit(code, pattern)
      return
    case 'sequence':
      for (const part of pattern.parts) assemble(part, code)
      return
    case 'choice':
      return assembleChoice(pattern.parts, code)
    case 'repeat':
      return assembleRepeat(pattern, code)
  }
}

function assembleChoice(parts: readonly Pattern[], code: Instruction[]): void {
  const exits: { to: number }[] = []
  parts.forEach((part, index) => {
    const last = index === parts.length - 1
    const split = last ? undefined : fork(code)
    assemble(part, code)
    if (!last) exits.push(emit(code, { kind: 'jump', to: 0 }))
    if (split) split.second = code.length
  })
  for (const exit of exits) exit.to = code.length
}

function assembleRepeat(
  { part, min, max }: Extract<Pattern, { kind: 'repeat' }>,
  code: Instruction[],
): void {
  for (let i = 0; i < min; i++) assembleOnce(part, code)
  if (max === Infinity) {
    const start = code.length
    const split = fork(code)
    assemble(part, code)
    emit(code, { kind: 'jump', to: start })
    split.second = code.length
    return
  }
  const splits: { second: number }[] = []
  for (let i = min; i < max; i++) {
    splits.push(fork(code))
    assemble(part, code)
  }
  for (const split of splits) split.second = code.length
}

function assembleOnce(part: Pattern, code: Instruction[]): void {
  const before = code.length
  assemble(part, code)
  // An empty part repeated ten thousand times would escape the bound on instructions.
  if (code.length === before) emit(code, { kind: 'jump', to: code.length + 1 })
}

function runs(
  code: readonly Instruction[],
  subject: string,
  ignoreCase: boolean,
  charge: (steps: number) => void,
): boolean {
  if (subject.length > limits.patternSubjectMax)
    throw new Failure(`matches looks at no more than ${limits.patternSubjectMax} characters`)
  const places = new Places(code)
  let before: number | undefined
  for (let at = 0; ; ) {
    const point = subject.codePointAt(at)
    const end = places.follow(before, point)
    charge(1 + (places.count >> 2))
    if (end || point === undefined) return end
    places.step(point, ignoreCase)
    before = point
    at += point > 0xffff ? 2 : 1
  }
}

/** The places in the pattern that the text so far can have led to, each held once. */
class Places {
  readonly #code: readonly Instruction[]
  /** In which round a place was last reached. */
  readonly #reached: Int32Array
  /** The places of this round, in the order in which they were reached. */
  readonly #list: Int32Array
  #round = 0
  count = 0

  constructor(code: readonly Instruction[]) {
    this.#code = code
    this.#reached = new Int32Array(code.length).fill(-1)
    this.#list = new Int32Array(code.length)
  }

  /** Adds all that can be reached without a character; true if the end of the pattern can. */
  follow(before: number | undefined, after: number | undefined): boolean {
    // A match may start anywhere.
    this.#reach(0)
    for (let i = 0; i < this.count; i++) {
      const place = this.#list[i] ?? 0
      const instruction = this.#code[place]
      if (instruction?.kind === 'match') return true
      if (instruction?.kind === 'jump') this.#reach(instruction.to)
      if (instruction?.kind === 'fork') {
        this.#reach(instruction.first)
        this.#reach(instruction.second)
      }
      if (instruction?.kind === 'place' && isAt(instruction.place, before, after))
        this.#reach(place + 1)
    }
    return false
  }

  /** Leaves the places that come after the ones that accept the character. */
  step(point: number, ignoreCase: boolean): void {
    const { count } = this
    this.#round++
    this.count = 0
    for (let i = 0; i < count; i++) {
      const place = this.#list[i] ?? 0
      if (accepts(this.#code[place], point, ignoreCase)) this.#reach(place + 1)
    }
  }

  #reach(place: number): void {
    if (this.#reached[place] === this.#round) return
    this.#reached[place] = this.#round
    this.#list[this.count++] = place
  }
}

function accepts(set: Instruction | undefined, point: number, ignoreCase: boolean): boolean {
  if (set?.kind !== 'set') return false
  const inside =
    includes(set.ranges, point) ||
    (ignoreCase && otherCases(point).some(other => includes(set.ranges, other)))
  return inside !== set.negated
}

function includes(ranges: Ranges, point: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (point >= (ranges[i] ?? 0) && point <= (ranges[i + 1] ?? 0)) return true
  }
  return false
}

function otherCases(point: number): number[] {
  const character = String.fromCodePoint(point)
  return [character.toLowerCase(), character.toUpperCase()].map(other => other.codePointAt(0) ?? 0)
}

function isAt(place: Place, before: number | undefined, after: number | undefined): boolean {
  switch (place) {
    case 'start':
      return before === undefined
    case 'end':
      return after === undefined
    case 'word edge':
      return isWord(before) !== isWord(after)
    case 'no word edge':
      return isWord(before) === isWord(after)
  }
}

const isWord = (point: number | undefined): boolean =>
  point !== undefined && /^\w$/.test(String.fromCodePoint(point))
