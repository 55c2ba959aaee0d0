import { mkdir, rm } from 'node:fs/promises'
import { Level } from 'level'

/** Writes the rows of a journal, as they are, into a directory; what was there is removed. */
export async function writeRows(
  path: string,
  rows: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  await rm(path, { recursive: true, force: true })
  await mkdir(path, { recursive: true, mode: 0o700 })
  const db = new Level<string, Uint8Array>(path, { keyEncoding: 'utf8', valueEncoding: 'view' })
  const puts = [...rows].map(([key, value]) => ({ type: 'put' as const, key, value }))
  await db.batch(puts, { sync: true })
  await db.close()
}
