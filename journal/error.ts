/**
 * Base of every error Perdure throws on purpose.
 *
 * `code` is stable and made for programs, the message and `facts` say what was seen and where,
 * `hint` is the next step for the person who reads it.
 */
export class PerdureError<Code extends string = string> extends Error {
  readonly code: Code
  readonly hint: string
  readonly facts: Readonly<Record<string, unknown>>

  constructor(code: Code, message: string, { hint, facts = {}, cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'PerdureError'
    this.code = code
    this.hint = hint
    this.facts = facts
  }
}

export interface ErrorDetails {
  readonly hint: string
  readonly facts?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

export type JournalErrorCode =
  /** Another engine holds the directory; `facts.holder` says who. */
  | 'JOURNAL_LOCKED'
  /** Another engine took the directory over while this one held it. */
  | 'JOURNAL_FENCED'
  /** Bytes on disk are not the bytes that were written; `facts.place` says where. */
  | 'JOURNAL_CORRUPT'
  /** Acknowledged commits at the end are missing. */
  | 'JOURNAL_TAIL_LOST'
  /** The directory was written by a format this release does not read, or in another mode. */
  | 'JOURNAL_FORMAT'
  /** The directory is no journal, or cannot be read or written. */
  | 'JOURNAL_UNUSABLE'
  /** A write failed; nothing more is accepted until the journal is opened again. */
  | 'JOURNAL_FAILED'
  | 'JOURNAL_CLOSED'
  /** The engine that has the directory does not answer. */
  | 'JOURNAL_BUSY'
  /** There is no such run, or it was removed while it was read. */
  | 'RUN_NOT_FOUND'
  /** What was asked for is certainly not in the journal. */
  | 'NOT_ACCEPTED'
  /** The write failed under us: what was asked for may or may not be in the journal. */
  | 'INDETERMINATE'
  /** A value holds something that cannot be stored; `facts.path` leads to it. */
  | 'VALUE_UNSTORABLE'
  | 'VALUE_TOO_LARGE'

export class JournalError extends PerdureError<JournalErrorCode> {
  override readonly name = 'JournalError'
}

export const noSuchRun = (run: string): JournalError =>
  new JournalError('RUN_NOT_FOUND', `There is no run ${JSON.stringify(run)}.`, {
    hint: 'Look at the id; runs are removed a while after they ended (option `retention`).',
    facts: { run },
  })

/** Whether an error says that a run is not, or no longer, in the journal. */
export const saysNoSuchRun = (error: unknown): boolean =>
  error instanceof PerdureError && error.code === 'RUN_NOT_FOUND'

export const closedError = (place: string, cause?: unknown): JournalError =>
  new JournalError('JOURNAL_CLOSED', `The journal ${place} is closed.`, {
    hint: 'Open it again before you use it.',
    facts: { place },
    ...(cause !== undefined && { cause }),
  })
