import type { Program } from '../define/expression/program.ts'

/** What many share that listen: all of it but whose it is, until when, and with which literals. */
export interface Manner {
  readonly kind: 'wait' | 'cancel'
  readonly key: string
  readonly event: string
  readonly program: Program | undefined
}

/** More than these of one program are not remembered: then they are no longer few. */
const MOST = 10_000

/** Equal manners are one object, whoever listens. Those of a program go with it. */
export class Manners {
  readonly #plain = new Map<string, Manner>()
  readonly #conditional = new WeakMap<Program, Map<string, Manner>>()

  of(manner: Manner): Manner {
    const { kind, event, key, program } = manner
    const alike = program === undefined ? this.#plain : this.#of(program)
    const name = JSON.stringify([kind, event, key])
    const known = alike.get(name)
    if (known !== undefined) return known
    if (alike.size >= MOST) alike.clear()
    alike.set(name, manner)
    return manner
  }

  #of(program: Program): Map<string, Manner> {
    const known = this.#conditional.get(program)
    if (known !== undefined) return known
    const alike = new Map<string, Manner>()
    this.#conditional.set(program, alike)
    return alike
  }
}
