import { JournalError } from '../error.ts'

/** Which dump, for messages. */
export type DumpName = string

/** A line that is not as it was written. `facts`: line, and what it is about. */
export function badLine(
  dump: DumpName,
  line: number,
  what: string,
  facts: object = {},
): JournalError {
  return new JournalError('JOURNAL_CORRUPT', `${dump}, line ${line}: ${what}.`, {
    hint:
      'The dump is damaged or was edited. Dump the journal again; if it is gone, look for another ' +
      'copy of the file.',
    facts: { dump, line, what, ...facts },
  })
}

export const cutDump = (dump: DumpName, line: number, what: string): JournalError =>
  new JournalError('JOURNAL_CORRUPT', `${dump} is cut: ${what}.`, {
    hint: 'Dump the journal again, all of it: the last line of a whole dump is its trailer.',
    facts: { dump, line, what },
  })

export const noDump = (dump: DumpName): JournalError =>
  new JournalError('JOURNAL_UNUSABLE', `${dump} is no dump of a journal.`, {
    hint: 'Name a directory of a journal, or a file that `perdure dump <dir> --json` wrote.',
    facts: { dump },
  })

export const newerDump = (dump: DumpName, format: unknown): JournalError =>
  new JournalError('JOURNAL_FORMAT', `${dump} is of format ${String(format)}, which is newer.`, {
    hint: 'Read it with the release that wrote it, or a later one: this one reads formats 1 and 2.',
    facts: { dump, format },
  })
