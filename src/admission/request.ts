import type { Flow } from '../define/flow/flow.ts'
import type { Key } from '../define/flow/key.ts'

/** What wants to become a run, or to begin, as the policies see it. */
export interface Request {
  readonly run: string
  readonly workflow: string
  readonly flow: Flow
  /** When the event happened, as its sender says; of a run that is there, when it came to begin. */
  readonly ts: number
  /** Of its data. */
  readonly bytes: number
  /** It begins at a time to come, unless it is gathered. */
  readonly isLater: boolean
  /** Another run invokes it, and is taken in: a drain lets go on what is part of that. */
  readonly isChild: boolean
  /** The wall clock, which never goes back along the journal; and the elapsed one. */
  readonly now: { readonly at: number; readonly elapsed: number }
  /** The value of a key as limit ids have it; nothing, if what it is the key of does not apply. */
  textOf(key: Key | undefined): string | undefined
  /** What a key gives as it is. */
  resultOf(key: Key): unknown
  /** Whether that is truthy. */
  meets(key: Key): boolean
  /** The same of another run. */
  as(run: string, bytes: number): Request
}
