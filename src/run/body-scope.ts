import type { Awaited } from './call.ts'
import { Chance } from './chance.ts'
import type { LiveCode } from './code.ts'
import { nested } from './misuse.ts'
import { Unawaited } from './unawaited.ts'

/**
 * One attempt of a step's body, for what it calls. A replay does not repeat bodies: nothing that is
 * called in one may touch the run, and each attempt finds the same time and chance again.
 */
export class BodyScope {
  readonly kind = 'body'
  readonly code: LiveCode
  /** When the step was called: the time of that turn. */
  readonly calledAt: number
  readonly #step: string
  readonly #seed: string
  // Most bodies neither draw nor call: what they would need is made then.
  #chance: Chance | undefined
  #nested: Unawaited | undefined

  constructor(code: LiveCode, { id, askedAt }: Awaited, seed: string) {
    this.code = code
    this.#seed = seed
    this.calledAt = askedAt
    this.#step = id
  }

  get chance(): Chance {
    this.#chance ??= new Chance(JSON.stringify([this.#seed, 'body', this.#step]))
    return this.#chance
  }

  /** The promise of a call that the body makes. */
  refuse(id: string): Promise<never> {
    this.#nested ??= new Unawaited()
    return this.#nested.refuse(id, this.code.given.note(nested(id, this.#step)))
  }

  /** What the attempt fails with though its body returned: a refused call that nobody awaits. */
  get fault(): unknown {
    return this.#nested?.first?.refusal
  }
}
