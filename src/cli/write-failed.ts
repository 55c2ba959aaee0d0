import { systemCode } from '../../journal/leveldb/damage.ts'
import { UsageError } from './usage.ts'

interface Unwritten {
  /** What a message calls it: `stdout`, `The copy in /tmp`. */
  readonly what: string
  /** Where else it could go. */
  readonly elsewhere: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** What cannot be written where the command was to write it; the cause is an error of the system. */
export function writeFailed({ what, elsewhere, facts }: Unwritten, cause: Error): UsageError {
  const errno = systemCode(cause)
  return new UsageError('WRITE_FAILED', `${what} cannot be written: ${cause.message}.`, {
    hint: `${remedy(errno)} ${elsewhere}`,
    facts: { ...facts, ...(errno !== undefined && { errno }) },
    cause,
  })
}

function remedy(errno: string | undefined): string {
  switch (errno) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'Free some space there.'
    case 'ENOENT':
    case 'ENOTDIR':
      return 'There is no such directory: create it.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'This user may not write there.'
    default:
      return 'Look at the disk that it is on.'
  }
}
