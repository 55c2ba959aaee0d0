import { isDeepStrictEqual } from 'node:util'
import type { Alternative, Condition } from '../../src/router/condition.ts'
import type { Path } from '../../src/router/path.ts'

export interface Ref {
  readonly id: number
}

interface Added {
  readonly name: string
  readonly condition: Condition | undefined
  readonly ref: Ref
}

/** What the index must do, said with one list that is scanned for each event. */
export class Naive {
  added: Added[] = []

  add(name: string, condition: Condition | undefined, ref: Ref): void {
    if (this.#at(name, condition, ref) < 0) this.added.push({ name, condition, ref })
  }

  remove(name: string, condition: Condition | undefined, ref: Ref): boolean {
    const at = this.#at(name, condition, ref)
    if (at >= 0) this.added.splice(at, 1)
    return at >= 0
  }

  /** Those whose condition really holds. */
  matches(name: string, event: unknown): Ref[] {
    return this.#refs(name, condition =>
      condition.program.alternatives.some(({ terms }) =>
        terms.every(({ path, literal }) => equal(at(event, path), condition.literals[literal])),
      ),
    )
  }

  /** Those that an index may find: terms that cannot be looked up count as fulfilled. */
  candidates(name: string, event: unknown): Ref[] {
    return this.#refs(name, condition => {
      const { alternatives } = condition.program
      const parts = alternatives.map(alternative => indexable(alternative, condition.literals))
      if (parts.length === 0 || parts.some(part => part.length === 0)) return true
      return parts.some(part => part.every(([path, literal]) => alike(at(event, path), literal)))
    })
  }

  #refs(name: string, holds: (condition: Condition) => boolean): Ref[] {
    const found = this.added.filter(
      added => added.name === name && (added.condition === undefined || holds(added.condition)),
    )
    return [...new Set(found.map(added => added.ref))]
  }

  #at(name: string, condition: Condition | undefined, ref: Ref): number {
    return this.added.findIndex(
      added =>
        added.name === name &&
        added.ref === ref &&
        added.condition?.program === condition?.program &&
        isDeepStrictEqual(added.condition?.literals, condition?.literals),
    )
  }
}

/** A condition as the index sees it holds for a value: equality of the expression language. */
export function equal(one: unknown, other: unknown): boolean {
  if (one === null || one === undefined) return other === null || other === undefined
  if (isNumeric(one) && isNumeric(other)) return sameNumber(one, other)
  if (typeof one === 'object') return isDeepStrictEqual(one, other)
  return one === other
}

const isNumeric = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'

// A number and a bigint are compared exactly by the language itself.
const sameNumber = (one: number | bigint, other: number | bigint): boolean =>
  one <= other && one >= other

// Bigints may be taken for the number next to them.
function alike(one: unknown, other: unknown): boolean {
  if (isNumeric(one) && isNumeric(other)) return Number(one) === Number(other)
  return typeof one !== 'object' || one === null ? equal(one, other) : false
}

function indexable({ terms }: Alternative, literals: readonly unknown[]): [Path, unknown][] {
  const paths = new Set<string>()
  const firsts = terms.filter(({ path }) => {
    const isFirst = !paths.has(JSON.stringify(path))
    paths.add(JSON.stringify(path))
    return isFirst
  })
  return firsts
    .map(({ path, literal }): [Path, unknown] => [path, literals[literal]])
    .filter(
      ([, literal]) => literal === null || (typeof literal !== 'object' && equal(literal, literal)),
    )
}

function at(event: unknown, path: Path): unknown {
  return path.reduce((value: unknown, part): unknown => {
    if (value instanceof Map) return value.get(part)
    if (Array.isArray(value)) return typeof part === 'number' ? value[part] : undefined
    const isPlain =
      /^\[object Object\]$/.test(Object.prototype.toString.call(value)) && !(value instanceof Odd)
    return isPlain ? Object.getOwnPropertyDescriptor(value, part)?.value : undefined
  }, event)
}

/** No plain object: what it owns is not seen. */
export class Odd {
  a = 1
}
