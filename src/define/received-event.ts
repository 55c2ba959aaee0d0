/** An event as code, expressions and journals see it. */
export interface ReceivedEvent<Name extends string = string, Data = unknown> {
  readonly name: Name
  /** As the schema of the event parsed it. */
  readonly data: Data
  readonly id: string
  /** When it happened: milliseconds since the epoch. */
  readonly ts: number
  /** The version of its data, where the sender named one. */
  readonly v?: string
}
