import { JournalError } from '../error.ts'

/** Where damage was seen: a file of the journal's directory, a byte offset in it, and what is wrong. */
export interface Place {
  readonly file: string
  readonly offset: number
  readonly why: string
}

/** `JOURNAL_CORRUPT` with `facts.place`; thrown before LevelDB has touched anything. */
export const corrupt = (dir: string, place: Place): JournalError =>
  new JournalError(
    'JOURNAL_CORRUPT',
    `Journal ${dir} is damaged: ${place.file}, byte ${place.offset}: ${place.why}`,
    {
      hint:
        'Nothing was changed. Copy the whole directory before anything else and never let ' +
        'another program open it: LevelDB would drop what it cannot read and delete the file. ' +
        'Then restore a backup, or run `perdure verify` to see which runs are affected.',
      facts: { dir, place },
    },
  )

/** `JOURNAL_UNUSABLE`: what is there was never a journal, or must not be used as one. */
export const unusable = (
  dir: string,
  problem: string,
  hint: string,
  cause?: unknown,
): JournalError =>
  new JournalError('JOURNAL_UNUSABLE', `Journal directory ${dir} ${problem}`, {
    hint,
    facts: { dir },
    ...(cause === undefined ? {} : { cause }),
  })

/** `JOURNAL_UNUSABLE` with `facts.cut`: a process died while it loaded a dump. */
export const cutLoad = (dir: string): JournalError =>
  new JournalError('JOURNAL_UNUSABLE', `Journal directory ${dir} holds a load that was cut short`, {
    hint: 'There is no journal in it yet. Remove what is in it, and load the dump again.',
    facts: { dir, cut: true },
  })

export const isCutLoad = (error: unknown): boolean =>
  error instanceof JournalError && error.facts.cut === true

/** The `code` of a system error, such as ENOENT. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
