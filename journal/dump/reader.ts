import type { DumpName } from './fault.ts'
import type { DumpItem } from './item.ts'
import { type DumpPieces, dumpLines } from './lines.ts'
import { DumpParser } from './parser.ts'

/**
 * What is in a dump, of any format there was: its header first, and nothing of it in memory but what is
 * being read. What is wrong inside one run is an item of its own.
 *
 * Throws JOURNAL_UNUSABLE if it is no dump, JOURNAL_CORRUPT (`facts.line`) if it is cut or was changed,
 * JOURNAL_FORMAT if a later release wrote it.
 */
export async function* readDump(
  pieces: DumpPieces,
  dump: DumpName,
): AsyncGenerator<readonly DumpItem[]> {
  const parser = new DumpParser(dump)
  for await (const lines of dumpLines(pieces, dump)) {
    const items: DumpItem[] = []
    try {
      for (const line of lines) parser.take(line, items)
    } catch (error) {
      yield items
      throw error
    }
    yield items
  }
  parser.end()
}
