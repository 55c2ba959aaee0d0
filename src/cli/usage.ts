import { PerdureError } from '../../journal/error.ts'
import { type Exit, exit } from './exit.ts'

export const usageCodes = [
  /** An argument, a flag or its value is not one. */
  'USAGE_INVALID',
  /** Several runs have an id that ends so. */
  'ID_AMBIGUOUS',
  /** The command needs an engine that runs, and none has the journal. */
  'ENGINE_ABSENT',
  /** It was waited for long enough. */
  'TIMED_OUT',
  'NOT_FOUND',
  /** What the command prints, or a file of its own, cannot be written; `facts.errno` says why. */
  'WRITE_FAILED',
] as const

export type UsageCode = (typeof usageCodes)[number]

/** What the command says against what it was asked, and the status that it exits with. */
export class UsageError extends PerdureError<UsageCode> {
  override readonly name = 'UsageError'
}

/** The status that a failure exits with. */
export function statusOf(error: unknown): Exit {
  if (!(error instanceof PerdureError)) return exit.failed
  switch (error.code) {
    case 'RUN_NOT_FOUND':
    case 'STEP_NOT_FOUND':
    case 'SCHEDULE_NOT_FOUND':
    case 'NOT_FOUND':
      return exit.notFound
    case 'JOURNAL_LOCKED':
    case 'JOURNAL_BUSY':
    case 'JOURNAL_CLOSED':
    case 'ENGINE_ABSENT':
    case 'ENGINE_CLOSED':
      return exit.unreachable
    case 'JOURNAL_CORRUPT':
    case 'JOURNAL_TAIL_LOST':
      return exit.damaged
    case 'NON_DETERMINISTIC':
      return exit.differs
    case 'WRITE_FAILED':
      return exit.failed
    case 'JOURNAL_UNUSABLE':
      // A disk that is full, not a directory that is none.
      return 'errno' in error.facts ? exit.failed : exit.refused
    case 'TIMED_OUT':
      return exit.timedOut
    default:
      return exit.refused
  }
}
