import type { BodyScope } from './body-scope.ts'
import type { Scope, Scopes } from './call.ts'
import type { LiveCode } from './code.ts'

/** Where in a run's code a call comes from. */
export class Whereabouts {
  readonly #scopes: Scopes
  readonly #code: LiveCode

  constructor(scopes: Scopes, code: LiveCode) {
    this.#scopes = scopes
    this.#code = code
  }

  get #scope(): Scope | undefined {
    const scope = this.#scopes.getStore()
    return scope?.code === this.#code ? scope : undefined
  }

  /** The attempt of a step whose body is calling, if one is. */
  get body(): BodyScope | undefined {
    const scope = this.#scope
    return scope?.kind === 'body' ? scope : undefined
  }

  get isShielded(): boolean {
    return this.#scope?.kind === 'shield'
  }

  // In a body it is of no use: what is called in there is refused all the same.
  shield<Result>(act: () => Result): Result {
    if (this.body !== undefined) return act()
    return this.#scopes.run({ kind: 'shield', code: this.#code }, act)
  }

  /** As if nothing of the run were calling, whoever does. */
  outside<Result>(act: () => Result): Result {
    return this.#scopes.exit(act)
  }
}
