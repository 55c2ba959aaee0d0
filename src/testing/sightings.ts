import { errorText } from './error-text.ts'
import { type Looks, type Properties, refusePromise } from './property.ts'
import type { View } from './view.ts'

/** What was seen in a schedule, or in many: without it, that nothing is wrong says little. */
export class Sightings {
  /** Names of `sometimes` that were reached. */
  readonly reached = new Set<string>()
  /** Properties that could be asked once, as `never: paid twice`. */
  readonly answered = new Set<string>()
  /** What those threw the first time that could not. */
  readonly threw = new Map<string, string>()
  /** Ids of steps that were called. */
  readonly ran: Set<string>
  /** Names in `steps` of the spec that were needed. */
  readonly used: Set<string>

  constructor(ran = new Set<string>(), used = new Set<string>()) {
    this.ran = ran
    this.used = used
  }

  add(other: Sightings): void {
    for (const name of ['reached', 'answered', 'ran', 'used'] as const) {
      for (const each of other[name]) this[name].add(each)
    }
    for (const [name, message] of other.threw) this.#note(name, message)
  }

  look<World>({ sometimes = {} }: Properties<World>, now: View<World>): void {
    for (const [name, look] of Object.entries(sometimes)) {
      if (!this.reached.has(name) && this.isReached('sometimes', name, look, now)) {
        this.reached.add(name)
      }
    }
  }

  /** What cannot be looked at yet is not reached yet. */
  isReached<World>(
    kind: 'never' | 'sometimes',
    name: string,
    look: Looks<World>[string],
    now: View<World>,
  ): boolean {
    let result: unknown
    try {
      result = look(now)
    } catch (error) {
      this.#note(`${kind}: ${name}`, errorText(error))
      return false
    }
    refusePromise(kind, name, result)
    this.answered.add(`${kind}: ${name}`)
    return Boolean(result)
  }

  #note(name: string, message: string): void {
    if (!this.threw.has(name)) this.threw.set(name, message)
  }
}
