/** Inputs of a kind, each made from a seed, and what must hold of whoever takes them. */
export interface Trials {
  /** How often it came to what. */
  readonly counts: object
  /** Tries what the seed stands for; gives how many inputs it was. Throws if something does not hold. */
  try(seed: number): Promise<number>
  end(): Promise<void>
}
