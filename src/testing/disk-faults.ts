import { corrupt } from '../../journal/envelope.ts'
import { JournalError } from '../../journal/error.ts'

/** What is to happen to a write, in place of success. */
export type WriteFault =
  /**
   * Refused before it was written, as by a disk that is full. From then on the store keeps nothing:
   * later writes are acknowledged and read back, and are gone when it is opened again.
   */
  | 'fails'
  /**
   * Written, but the sync failed: it cannot be read until the store is opened again, and is there
   * then, unless the power was cut. Every later write fails.
   */
  | 'fails-but-written'
  /** The process dies before it was written. */
  | 'crash-before'
  /** The process dies after it was written, before anybody is told. */
  | 'crash-after'

/** What is to happen to any other call, in place of success. */
export type CallFault =
  /** It is answered with an error; the next may be well. A store is closed all the same. */
  | 'fails'
  /** The process dies. */
  | 'crash'

/** What the disk is about to write, for those who watch it. */
export interface DiskWrite {
  readonly puts: ReadonlyMap<string, Uint8Array>
  readonly dels: readonly string[]
}

/** What the disk is asked for beside writes: one `scan` for each chunk of rows. */
export type DiskCall =
  | { readonly kind: 'open' | 'close' }
  /** `key`: the one, or the first of the range. */
  | { readonly kind: 'get' | 'scan'; readonly key: string }

const WHO_ELSE = 'Find out what else opens this disk: one engine at a time.'

export const lockedError = (place: string): JournalError =>
  new JournalError('JOURNAL_LOCKED', `Another engine holds the journal ${place}.`, {
    hint: WHO_ELSE,
    facts: { place },
  })

export const fencedError = (place: string): JournalError =>
  new JournalError('JOURNAL_FENCED', `Another engine has opened the journal ${place}.`, {
    hint: WHO_ELSE,
    facts: { place },
  })

export const failedOpening = (place: string): JournalError =>
  new JournalError('JOURNAL_UNUSABLE', `The ${place} cannot be opened.`, {
    hint: 'A fault was asked for.',
    facts: { place },
  })

export const failedRead = (key: string): JournalError => corrupt(key, 'the disk cannot read it')

/** What the disk says of a write that failed. Nobody asks where it was made: a stack is not taken. */
export function simulated(what: string): Error {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = new Error(`simulated: ${what}`)
  Error.stackTraceLimit = stackTraceLimit
  return error
}
