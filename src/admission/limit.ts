/** What lets some through and holds others up. Times in ms. */
export interface Limit {
  /**
   * 0, or a time that is not after `now`: there is room. Infinity: not until somebody leaves, or
   * the limit changes. Else the time at which there will be room, as far as can be told.
   */
  roomAt(now: number): number
  /** Expects room. */
  take(now: number): void
  /** Gives back what was taken. */
  leave(): void
}

/** Whether an answer of `roomAt` says that there is room. */
export const isRoom = (at: number, now: number): boolean => at <= 0 || at <= now

/** So many at once. */
export class SlotLimit implements Limit {
  /** May be changed; who raises it wakes those that wait for it. */
  most: number
  #taken = 0

  constructor(most: number) {
    this.most = most
  }

  get taken(): number {
    return this.#taken
  }

  roomAt(): number {
    return this.#taken < this.most ? 0 : Number.POSITIVE_INFINITY
  }

  take(): void {
    this.#taken++
  }

  leave(): void {
    this.#taken--
  }
}
