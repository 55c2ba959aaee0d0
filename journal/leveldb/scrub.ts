import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { JournalError } from '../error.ts'
import { corrupt } from './damage.ts'
import { type LiveTable, readManifest } from './manifest.ts'
import { scanTable } from './table-scan.ts'

/**
 * Checks tables of a directory as they lie on disk: the newest first, until `budget` bytes are
 * read. LevelDB itself never checks what it reads: a flipped bit in a key would make a run vanish
 * without a word, and a garbled block can bring the process down. Can run beside a working engine;
 * a table that LevelDB replaces meanwhile is passed over.
 */
export async function* scrubTables(
  dir: string,
  budget = Number.POSITIVE_INFINITY,
): AsyncGenerator<JournalError> {
  let left = budget
  for (const { file, table } of await liveTables(dir)) {
    left -= table.bytes
    if (left < 0) return
    for (const finding of await scanTable(join(dir, file), table)) yield corrupt(dir, finding)
  }
}

async function liveTables(dir: string): Promise<{ file: string; table: LiveTable }[]> {
  const live = new Map<number, LiveTable>()
  for (const table of (await readManifest(dir)).tables) live.set(table.number, table)
  return (await readdir(dir))
    .flatMap(file => {
      const table = /^\d+\.(ldb|sst)$/.test(file) ? live.get(Number.parseInt(file, 10)) : undefined
      return table === undefined ? [] : [{ file, table }]
    })
    .sort((a, b) => b.table.number - a.table.number)
}
