import type { Committed } from '../inspect/source.ts'
import { UsageError } from './usage.ts'

/**
 * A place among all entries, in the order in which they were committed:
 *
 *   cursor = commit | commit "." record | commit "." record "." entry
 *
 * Behind a commit, behind a record of it, or behind an entry of that; counted from 1, 0 and 0.
 */
export interface Cursor {
  readonly commit: number
  /** Absent: behind the whole commit. */
  readonly record?: number
  /** Absent: behind the whole record. */
  readonly entry?: number
}

/** Throws USAGE_INVALID. */
export function parseCursor(text: string): Cursor {
  const found = /^(\d{1,15})(?:\.(\d{1,9})(?:\.(\d{1,9}))?)?$/.exec(text)
  if (found === null) {
    throw new UsageError('USAGE_INVALID', `--after ${text} is no cursor.`, {
      hint: 'Write the number of a commit, or the cursor of an entry as tail prints it: 88123.4.1.',
      facts: { text },
    })
  }
  const [, commit, record, entry] = found
  return {
    commit: Number(commit),
    ...(record !== undefined && { record: Number(record) }),
    ...(entry !== undefined && { entry: Number(entry) }),
  }
}

export const cursorText = ({ commit, record, entry }: Cursor): string =>
  [commit, record, entry].filter(part => part !== undefined).join('.')

/** The last commit that lies behind the cursor as a whole. */
export const wholeCommit = ({ commit, record }: Cursor): number =>
  record === undefined ? commit : commit - 1

/** How many entries of a record lie before the cursor. */
export function entriesBefore(cursor: Cursor, { commit, place, record }: Committed): number {
  if (commit !== cursor.commit) return commit < cursor.commit ? record.entries.length : 0
  if (cursor.record === undefined || place < cursor.record) return record.entries.length
  if (place > cursor.record) return 0
  return cursor.entry === undefined ? record.entries.length : cursor.entry + 1
}

/** The place behind an entry of a record; behind the last one it is the place behind the record. */
export const behind = ({ commit, place, record }: Committed, at: number): Cursor =>
  at === record.entries.length - 1
    ? { commit, record: place }
    : { commit, record: place, entry: at }
