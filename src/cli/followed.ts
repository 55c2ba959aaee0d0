import { PerdureError } from '../../journal/error.ts'
import type { EngineClient } from '../control/engine-client.ts'
import type { About, Committed, Source } from '../inspect/source.ts'
import { behind, type Cursor, entriesBefore, wholeCommit } from './cursor.ts'
import { onAbort } from './interrupt.ts'

/** How reading commits came to its end. */
export type End =
  /** All that there was. */
  | 'all'
  /** The engine is gone. */
  | 'gone'
  | 'interrupted'

/** Part of a record: its entries from a place on. */
export interface Part {
  readonly committed: Committed
  readonly from: number
}

/** Reads what was committed behind a cursor, which goes along. */
export class Followed {
  cursor: Cursor
  constructor(cursor: Cursor) {
    this.cursor = cursor
  }

  /** Pages of what is in the journal, and with `client` of what comes after. */
  async *pages(
    source: Source,
    client: EngineClient | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Part[], End> {
    // A wait for what comes can only be given up with the connection that it is made on.
    const forget = onAbort(signal, () => void client?.close())
    const query = { after: wholeCommit(this.cursor), follow: client !== undefined }
    try {
      for await (const page of source.commits(query)) {
        const parts = page.flatMap(committed => {
          const from = entriesBefore(this.cursor, committed)
          return from < committed.record.entries.length ? [{ committed, from }] : []
        })
        if (parts.length > 0) yield parts
        const last = page.at(-1)
        if (last !== undefined) this.cursor = behind(last, last.record.entries.length - 1)
        if (signal.aborted) return 'interrupted'
      }
      return client === undefined ? 'all' : 'gone'
    } catch (error) {
      if (signal.aborted) return 'interrupted'
      if (client !== undefined && isGone(error)) return 'gone'
      throw error
    } finally {
      forget()
    }
  }
}

export const isGone = (error: unknown): boolean =>
  error instanceof PerdureError &&
  ['JOURNAL_CLOSED', 'ENGINE_CLOSED', 'ENGINE_ABSENT', 'JOURNAL_BUSY'].includes(error.code)

/** What was removed behind a cursor before anybody could read it; empty: nothing. */
export function removedText(cursor: Cursor, { trimmed }: About): string {
  if (trimmed <= cursor.commit) return ''
  const what = `Commits up to ${trimmed} were removed with the runs they were of`
  return `${what}: entries behind ${cursor.commit} may be missing.`
}
