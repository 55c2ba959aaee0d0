import { Board } from './board.ts'
import { Entry, excluding, find, including } from './bucket.ts'
import type { Condition, Program } from './condition.ts'
import { Form, type Place, Shape } from './shape.ts'

/**
 * Who waits for an event: found by the event's name and values, however many wait.
 *
 * Every alternative of a condition is entered under its shape (the set of paths of its terms) and
 * one tag made of the values at them; an event is looked up once in each shape under its name. What
 * it finds is still to be checked against the whole condition; what it does not find cannot fulfil
 * it.
 *
 * Equal are, at a path: strings, booleans and numbers of the same value (-0 is 0, NaN is nothing), a
 * number and a bigint of exactly the same value, null and what is missing. An alternative in which
 * no literal is one of these is found by every event of the name.
 *
 * A ref is compared by identity. One ref may stand under several conditions, but few.
 */
export class MatchIndex<Ref extends object> {
  readonly #boards = new Map<string, Board<Ref>>()
  readonly #forms = new WeakMap<Program, readonly Form[]>()
  readonly #everywhere: Place = { shape: new Shape([]), tag: 0 }
  #added = 0
  #size = 0

  /** How many additions were not removed. */
  get size(): number {
    return this.#size
  }

  /**
   * Without a condition every event of that name finds the ref. To add it once more with the same
   * condition changes nothing.
   */
  add(name: string, condition: Condition | undefined, ref: Ref): void {
    const board = this.#boards.get(name) ?? this.#open(name)
    const entry = new Entry(this.#added, ref, condition)
    let isNew = false
    for (const place of this.#places(condition)) {
      const bucket = board.get(place)
      // Here from before, or through another alternative that has the same place.
      if (bucket !== undefined && find(bucket, condition, ref) !== undefined) continue
      board.set(place, including(bucket, entry))
      isNew = true
    }
    if (!isNew) return
    this.#added++
    this.#size++
  }

  /**
   * The condition is the one that was added, or one of the same program object with equal literals.
   * False if the ref is not here with it.
   */
  remove(name: string, condition: Condition | undefined, ref: Ref): boolean {
    const board = this.#boards.get(name)
    if (board === undefined) return false
    let isRemoved = false
    for (const place of this.#places(condition)) {
      const bucket = board.get(place)
      const entry = bucket && find(bucket, condition, ref)
      if (bucket === undefined || entry === undefined) continue
      board.set(place, excluding(bucket, entry))
      isRemoved = true
    }
    if (board.isEmpty) this.#boards.delete(name)
    if (isRemoved) this.#size--
    return isRemoved
  }

  /** Whether anything stands under the name. */
  has(name: string): boolean {
    return this.#boards.has(name)
  }

  /** Each ref once, in the order in which they were added. */
  candidates(name: string, event: unknown): Ref[] {
    return this.#boards.get(name)?.candidates(event) ?? []
  }

  #open(name: string): Board<Ref> {
    const board = new Board<Ref>()
    this.#boards.set(name, board)
    return board
  }

  // The same for equal literals: what was entered is found again to be removed.
  #places(condition: Condition | undefined): readonly Place[] {
    if (condition === undefined) return [this.#everywhere]
    const places = this.#formsOf(condition.program).map(form => form.place(condition.literals))
    const isAlwaysFound = places.length === 0 || places.some(place => place.shape.text === '')
    return isAlwaysFound ? [this.#everywhere] : places
  }

  #formsOf(program: Program): readonly Form[] {
    const known = this.#forms.get(program)
    if (known !== undefined) return known
    const forms = program.alternatives.map(alternative => new Form(alternative))
    this.#forms.set(program, forms)
    return forms
  }
}
