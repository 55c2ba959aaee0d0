import { JournalError } from '../error.ts'
import { systemCode } from './damage.ts'

interface Writing {
  /** What was to be done to the journal: `cannot be loaded into /data`. */
  readonly problem: string
  /** Where it could be written instead. */
  readonly elsewhere: string
}

/**
 * `JOURNAL_UNUSABLE` with `facts.errno`, where an error says that a disk is full or takes no writes;
 * any other error as it is.
 */
export function orNoRoom(dir: string, { problem, elsewhere }: Writing, error: unknown): unknown {
  if (error instanceof JournalError) return error
  const errno = errnoIn(error)
  if (errno === undefined) return error
  const what = WHAT[errno]
  return new JournalError('JOURNAL_UNUSABLE', `Journal ${dir} ${problem}: ${what}.`, {
    hint: `Free some space there, or ${elsewhere}.`,
    facts: { dir, errno },
    cause: error,
  })
}

const WHAT = {
  ENOSPC: 'no space is left',
  EDQUOT: 'the quota of this user is used up',
  EROFS: 'the file system takes no writes',
} as const

type Errno = keyof typeof WHAT

/** LevelDB says in words what the system said to it. */
const WORDS: { readonly [name in Errno]: RegExp } = {
  ENOSPC: /No space left on device/,
  EDQUOT: /Disk quota exceeded/,
  EROFS: /Read-only file system/,
}

const DEEPEST = 8

function errnoIn(error: unknown): Errno | undefined {
  const names = Object.keys(WHAT).filter((name): name is Errno => name in WHAT)
  let at = error
  for (let depth = 0; depth < DEEPEST && at instanceof Error; depth++) {
    const { message } = at
    const code = systemCode(at)
    const found = names.find(name => code === name || WORDS[name].test(message))
    if (found !== undefined) return found
    at = at.cause
  }
  return undefined
}
