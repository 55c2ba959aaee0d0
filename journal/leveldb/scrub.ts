import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { JournalError } from '../error.ts'
import { corrupt } from './damage.ts'
import { type LiveTable, readManifest } from './manifest.ts'
import { scanTable } from './table-scan.ts'

/**
 * Checks every table of a directory as it lies on disk. LevelDB itself never checks what it reads:
 * a flipped bit in a key would make a run vanish without a word. Can run beside a working engine;
 * a table that LevelDB replaces meanwhile is passed over.
 */
export async function* scrubTables(dir: string): AsyncGenerator<JournalError> {
  const live = new Map<number, LiveTable>()
  for (const table of (await readManifest(dir)).tables) live.set(table.number, table)
  for (const file of await readdir(dir)) {
    const table = /^\d+\.(ldb|sst)$/.test(file) ? live.get(Number.parseInt(file, 10)) : undefined
    if (table === undefined) continue
    for (const finding of await scanTable(join(dir, file), table)) yield corrupt(dir, finding)
  }
}
