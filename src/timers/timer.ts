/** What `Wheel.insert` hands out: the item, when it is due, and the key to remove it again. */
export class Timer<T> {
  /** Milliseconds since the epoch, fractions kept. */
  readonly due: number
  readonly item: T
  /** Where the wheel keeps it; another timer's place once it has fired or was removed. */
  readonly place: number

  constructor(due: number, item: T, place: number) {
    this.due = due
    this.item = item
    this.place = place
  }
}
