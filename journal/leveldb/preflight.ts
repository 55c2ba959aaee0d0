import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { JournalError } from '../error.ts'
import { corrupt, cutLoad, type Place, systemCode, unusable } from './damage.ts'
import { LOADING, logName, parseFileName, tableNames } from './file-name.ts'
import { readSlice } from './file-slice.ts'
import { scanLog } from './log-scan.ts'
import { LogSequence } from './log-sequence.ts'
import { type LiveTable, type Manifest, readManifest } from './manifest.ts'
import { FOOTER_BYTES, hasTableFooter } from './table-format.ts'

/** What a directory holds before LevelDB opens it. */
export interface Preflight {
  /** Nothing was ever written here: absent, empty, or left by a creation that was interrupted. */
  readonly created: boolean
  /** A write that was cut short by a crash and never acknowledged; opening drops these bytes. */
  readonly tornTail?: { readonly file: string; readonly offset: number; readonly bytes: number }
}

/**
 * Checks everything LevelDB trusts blindly when it opens `dir`, before it can delete anything.
 *
 * Reads CURRENT, the MANIFEST, every log to be replayed, and size and footer of every live table;
 * never LOCK, because reading that in the process that holds it would drop the lock.
 *
 * `onHeld` is called when all that is left to be read is open: from then on `dir` may change.
 *
 * It cannot see that the newest of two logs is gone, or that the newest ends early at the border of
 * a record: those are lost tails, which the anchor shows.
 *
 * @throws JournalError JOURNAL_CORRUPT (`facts.place`: file, offset, why), JOURNAL_UNUSABLE
 */
export async function preflight(dir: string, onHeld = (): void => {}): Promise<Preflight> {
  try {
    return await inspect(dir, onHeld)
  } catch (error) {
    if (error instanceof JournalError) throw error
    const hint = 'Check its permissions and its disk. Nothing was changed.'
    throw unusable(dir, 'cannot be read', hint, error)
  }
}

async function inspect(dir: string, onHeld: () => void): Promise<Preflight> {
  const names = await namesIn(dir)
  if (!names.includes('CURRENT')) return { created: creatable(dir, names) }
  const manifest = await readManifest(dir)
  for (const table of manifest.tables) await checkTable(dir, names, table)
  const { blank, tornTail } = await checkLogs(dir, names, manifest, onHeld)
  const created = blank && manifest.tables.length === 0 && !names.some(isAnchor)
  return tornTail === undefined ? { created } : { created, tornTail }
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    // A file system's own directory at the root of a volume.
    return (await readdir(dir)).filter(name => name !== 'lost+found')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}

/**
 * Without CURRENT, LevelDB would create a new store and delete the tables of the old one. Only what
 * its own creation leaves behind when killed before it wrote CURRENT may be created over.
 */
function creatable(dir: string, names: readonly string[]): boolean {
  const begun = new Set(['LOCK', 'LOG', 'LOG.old', 'MANIFEST-000001', '000001.dbtmp'])
  const inTheWay = names.filter(name => !begun.has(name))
  if (inTheWay.length === 0) return true
  if (names.includes(LOADING)) throw cutLoad(dir)
  if (names.some(name => isAnchor(name) || parseFileName(name) !== undefined)) {
    throw corrupt(dir, { file: 'CURRENT', offset: 0, why: 'is missing' })
  }
  throw unusable(
    dir,
    `is not empty and holds no journal: ${inTheWay.slice(0, 3).join(', ')}`,
    'Name an empty directory, or one that does not exist yet.',
  )
}

const isAnchor = (name: string): boolean => name === 'ANCHOR.a' || name === 'ANCHOR.b'

async function checkTable(dir: string, names: readonly string[], table: LiveTable): Promise<void> {
  const candidates = tableNames(table.number)
  const file = candidates.find(name => names.includes(name))
  const damaged = (offset: number, why: string): Error =>
    corrupt(dir, { file: file ?? candidates[0] ?? '', offset, why })
  if (file === undefined) throw damaged(0, 'is missing')
  const handle = await open(join(dir, file), 'r')
  try {
    const { size } = await handle.stat()
    if (size !== table.bytes) throw damaged(size, `has ${size} bytes instead of ${table.bytes}`)
    const footer = size - FOOTER_BYTES
    if (footer < 0 || !hasTableFooter(await readSlice(handle, footer, FOOTER_BYTES))) {
      throw damaged(Math.max(0, footer), 'does not end as a table does')
    }
  } finally {
    await handle.close()
  }
}

interface LogsFound {
  readonly blank: boolean
  readonly tornTail: Preflight['tornTail']
}

/**
 * LevelDB creates a log before the edit that names it, replays what it finds from that number on,
 * and begins another only when that one is full: so the named log must exist, and hold something if
 * a later one does. A torn one may be followed by nothing but empty ones (an opening that was itself
 * killed leaves those).
 */
async function checkLogs(
  dir: string,
  names: readonly string[],
  manifest: Manifest,
  onHeld: () => void,
): Promise<LogsFound> {
  const named = logName(manifest.logNumber)
  if (manifest.logNumber !== 0 && !names.includes(named)) {
    throw corrupt(dir, { file: named, offset: 0, why: 'is missing' })
  }
  const logs: { readonly file: string; readonly handle: FileHandle }[] = []
  try {
    for (const file of replayed(names, manifest.logNumber)) {
      await mustBeFile(dir, file)
      logs.push({ file, handle: await open(join(dir, file), 'r') })
    }
    onHeld()
    return await scanLogs(dir, logs, manifest)
  } finally {
    await Promise.all(logs.map(({ handle }) => handle.close()))
  }
}

async function scanLogs(
  dir: string,
  logs: readonly { readonly file: string; readonly handle: FileHandle }[],
  { logNumber, loggedAfter, lastSequence }: Manifest,
): Promise<LogsFound> {
  const sequence = new LogSequence(loggedAfter)
  let tornTail: Preflight['tornTail']
  let emptied: string | undefined
  for (const { file, handle } of logs) {
    const { end, records } = await scanLog(handle, record => sequence.follow(record))
    if (tornTail !== undefined && (records > 0 || end.kind !== 'clean')) {
      throw corrupt(dir, placeIn(tornTail.file, { ...tornTail, why: `cut short before ${file}` }))
    }
    if (end.kind === 'damaged') throw corrupt(dir, placeIn(file, end))
    if (records > 0 && emptied !== undefined) {
      throw corrupt(dir, { file: emptied, offset: 0, why: `is empty, but ${file} continues it` })
    }
    if (records === 0 && file === logName(logNumber)) emptied = file
    if (end.kind === 'torn') tornTail = { file, offset: end.offset, bytes: end.bytes }
  }
  return { blank: !sequence.begun && lastSequence === 0, tornTail }
}

function replayed(names: readonly string[], from: number): readonly string[] {
  const numberOf = (name: string): number => {
    const file = parseFileName(name)
    return file?.kind === 'log' ? file.number : -1
  }
  return names.filter(name => numberOf(name) >= from).sort((a, b) => numberOf(a) - numberOf(b))
}

/** LevelDB ignores a log it cannot open, under the name it would have given it, and goes on. */
async function mustBeFile(dir: string, file: string): Promise<void> {
  const parsed = parseFileName(file)
  const proper = parsed?.kind === 'log' && logName(parsed.number) === file
  if (proper && (await stat(join(dir, file))).isFile()) return
  throw corrupt(dir, { file, offset: 0, why: 'is not a log under a name LevelDB gives' })
}

const placeIn = (file: string, at: { readonly offset: number; readonly why: string }): Place => ({
  file,
  offset: at.offset,
  why: at.why,
})
