/** A sentence that must be true of whatever is seen, and what to say where it is not. */
export interface Law<Seen> {
  readonly name: string
  readonly fault: (seen: Seen) => string | undefined
}

export class LawBroken extends Error {
  override readonly name = 'LawBroken'
  readonly law: string

  constructor(law: string, fault: string) {
    super(`${law}: ${fault}`)
    this.law = law
  }
}

/** Holds what was seen against the laws. The first that is broken is thrown. */
export function judge<Seen>(laws: readonly Law<Seen>[], seen: Seen): void {
  for (const law of laws) {
    const fault = law.fault(seen)
    if (fault !== undefined) throw new LawBroken(law.name, fault)
  }
}
