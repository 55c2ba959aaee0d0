import { inspect as show } from 'node:util'
import { siteIn, trace } from './call-site.ts'
import { errorAsJson, errorText, type Inspecting } from './error-text.ts'

/** Under which an error keeps the call that it came out of. The codec stores no such properties. */
const CALL = Symbol('perdure.call')
const ORIGINAL = Symbol('perdure.original')

/**
 * Base of every error Perdure throws on purpose.
 *
 * `code` is stable and made for programs, the message and `facts` say what was seen and where,
 * `hint` is the next step for the person who reads it. `perdure explain <code>` says more.
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

  /**
   * Where in your code it comes from, as `file:line:column`: the call that it was thrown out of, or
   * else what threw its cause. `undefined` where that is not known.
   */
  get site(): string | undefined {
    let error: unknown = this
    for (let depth = 0; depth < DEEPEST_CAUSE && error instanceof Error; depth++) {
      const call: unknown = Reflect.get(error, CALL)
      const found = (call instanceof Error && siteOf(call)) || siteOf(error)
      if (found) return found
      error = error.cause
    }
    return undefined
  }

  toJSON(): ErrorAsJson {
    return errorAsJson(this, show)
  }

  [show.custom](depth: number, options: Inspecting, inspect: typeof show): string {
    return errorText(this, depth, options, inspect)
  }
}

const DEEPEST_CAUSE = 8

const siteOf = ({ stack }: Error): string | undefined =>
  typeof stack === 'string' ? siteIn(stack) : undefined

/** An error for programs: what JSON cannot say of its facts are texts. */
export interface ErrorAsJson {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly site?: string
}

export interface ErrorDetails {
  readonly hint: string
  readonly facts?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * Has an error that comes out of a call say where that call was made. What rejects it may have been
 * made elsewhere, where a write is done for many callers: then its stack does not lead to any of them,
 * and each caller but the first is given a copy.
 * To be called where the failure arrives: in an async function or a handler that the caller awaits.
 */
export function outOfCall(error: unknown): unknown {
  if (!(error instanceof PerdureError)) return error
  const own = CALL in error ? copyOf(error) : error
  Reflect.defineProperty(own, CALL, { value: trace(FRAMES), configurable: true })
  return own
}

function copyOf(error: PerdureError): PerdureError {
  const copy = new PerdureError(error.code, error.message, error)
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error))
  Object.defineProperties(copy, Object.getOwnPropertyDescriptors(error))
  return Object.defineProperty(copy, ORIGINAL, { value: originalOf(error) })
}

/** The error itself, or what it is a copy of. */
export function originalOf(error: Error): unknown {
  return ORIGINAL in error ? error[ORIGINAL] : error
}

/** Frames of ours between a caller and the outermost function of ours are few. */
const FRAMES = 10

/** What is rejected says where the call was made. */
export const called = <Value>(work: Promise<Value>): Promise<Value> => work.catch(rejected)

/** The same, as what hears of a rejection. */
export function rejected(error: unknown): never {
  throw outOfCall(error)
}

export const journalErrorCodes = [
  /** Another engine holds the directory; `facts.holder` says who. */
  'JOURNAL_LOCKED',
  /** Another engine took the directory over while this one held it. */
  'JOURNAL_FENCED',
  /** Bytes on disk are not the bytes that were written; `facts.place` says where. */
  'JOURNAL_CORRUPT',
  /** Acknowledged commits at the end are missing. */
  'JOURNAL_TAIL_LOST',
  /** The directory was written by a format this release does not read, or in another mode. */
  'JOURNAL_FORMAT',
  /** The directory is no journal, or cannot be read or written. */
  'JOURNAL_UNUSABLE',
  /** A write failed; nothing more is accepted until the journal is opened again. */
  'JOURNAL_FAILED',
  'JOURNAL_CLOSED',
  /** The engine that has the directory does not answer. */
  'JOURNAL_BUSY',
  /** There is no such run, or it was removed while it was read. */
  'RUN_NOT_FOUND',
  /** What was asked for is certainly not in the journal. */
  'NOT_ACCEPTED',
  /** The write failed under us: what was asked for may or may not be in the journal. */
  'INDETERMINATE',
  /** A value holds something that cannot be stored; `facts.path` leads to it. */
  'VALUE_UNSTORABLE',
  'VALUE_TOO_LARGE',
] as const

/** The codes of `JournalError`. `docs/errors/` says what to do about each. */
export type JournalErrorCode = (typeof journalErrorCodes)[number]

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
