import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { JournalError } from '../error.ts'
import { type Anchor, readAnchor } from '../leveldb/anchor.ts'
import { parseFileName } from '../leveldb/file-name.ts'
import { readManifest } from '../leveldb/manifest.ts'
import { preflight } from '../leveldb/preflight.ts'
import { placeOf } from '../working-copy.ts'
import { logVersions } from './log-reader.ts'
import type { OnSalvage } from './report.ts'
import { tableVersions } from './table-reader.ts'
import type { FileReader, Loss } from './version.ts'
import type { Versions } from './versions.ts'

/** What was found in the files of a directory, beside the versions of its rows. */
export interface Found {
  readonly losses: readonly Loss[]
  readonly anchor: Anchor | undefined
}

/**
 * Reads all logs and tables that the store consists of; all there are, if its MANIFEST does not say.
 * Reads only: LevelDB never sees the directory.
 */
export async function findVersions(
  dir: string,
  into: Versions,
  onProgress?: OnSalvage,
): Promise<Found> {
  const losses: Loss[] = []
  const tornTail = await checked(dir, losses)
  const files = await filesOf(dir)
  const total = files.reduce((sum, { size }) => sum + size, 0)
  let done = 0
  for (const { file, size, read } of files) {
    const bytes = await readFile(join(dir, file)).catch((error: unknown) => {
      losses.push({ file, offset: 0, why: `cannot be read: ${String(error)}` })
      return Buffer.alloc(0)
    })
    // What a crash left unfinished at the end was never acknowledged.
    const whole = tornTail?.file === file ? bytes.subarray(0, tornTail.offset) : bytes
    for (const version of read(file, whole, loss => losses.push(loss))) await into.put(version)
    done += size
    onProgress?.({ phase: 'reading', done, total })
  }
  await into.write()
  const anchor = await readAnchor(dir).catch((error: unknown) => void losses.push(lossOf(error)))
  return { losses, anchor: anchor ?? undefined }
}

async function checked(dir: string, losses: Loss[]) {
  try {
    return (await preflight(dir)).tornTail
  } catch (error) {
    losses.push(lossOf(error))
    return undefined
  }
}

function lossOf(error: unknown): Loss {
  const place = placeOf(error)
  if (place !== undefined) return place
  if (error instanceof JournalError) return { file: 'CURRENT', offset: 0, why: error.message }
  throw error
}

interface StoreFile {
  readonly file: string
  readonly size: number
  readonly read: FileReader
}

async function filesOf(dir: string): Promise<StoreFile[]> {
  const live = await liveOf(dir)
  const files: StoreFile[] = []
  for (const file of (await readdir(dir)).sort()) {
    const parsed = parseFileName(file)
    const found = await stat(join(dir, file)).catch(() => undefined)
    const size = found?.size ?? 0
    if (parsed?.kind === 'log' && parsed.number >= (live?.logNumber ?? 0)) {
      files.push({ file, size, read: logVersions })
    }
    if (parsed?.kind === 'table' && (live === undefined || live.tables.has(parsed.number))) {
      files.push({ file, size, read: tableVersions })
    }
  }
  return files
}

async function liveOf(dir: string) {
  try {
    const { tables, logNumber } = await readManifest(dir)
    return { tables: new Set(tables.map(({ number }) => number)), logNumber }
  } catch {
    return undefined
  }
}
