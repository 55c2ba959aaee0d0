import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { corrupt, systemCode, unusable } from './damage.ts'
import { logName, parseFileName, tableNames } from './file-name.ts'
import { type LiveTable, parseManifest } from './manifest.ts'
import { type Preflight, preflight } from './preflight.ts'

/**
 * Copies the store in `dir`, which a live engine may be writing, into `target`, which must be absent
 * or empty. The copy holds everything acknowledged before the call and opens like the original.
 *
 * It is as of its MANIFEST, read first: the logs to be replayed follow at once, then the tables, which
 * never change once written; a table or log that is gone by then means that the store has moved on,
 * and the next attempt only copies what is new. CURRENT comes last: without it nothing opens.
 *
 * Files are never linked (the copy's owner would write into them), and LOCK is never read (that drops
 * the lock if the owner is this process). The copy is not synced to disk. Gives what a check of the copy
 * says, which is what a check of the original would.
 *
 * @throws JournalError JOURNAL_UNUSABLE when `target` is not empty, `dir` is no journal, or the store
 *   changed faster than it could be copied; JOURNAL_CORRUPT when the copy is damaged, as the original then is
 */
export async function copyConsistent(dir: string, target: string): Promise<Preflight> {
  await copyUnchecked(dir, target)
  return preflight(target)
}

/** The same, for those who check the copy themselves. */
export async function copyUnchecked(dir: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 })
  if ((await readdir(target)).length > 0) {
    throw unusable(target, 'is not empty', 'Name a directory that does not exist yet for the copy.')
  }
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const current = await copyOnce(dir, target)
    if (current === undefined) continue
    return writeFile(join(target, 'CURRENT'), current, { mode: 0o600 })
  }
  throw unusable(
    dir,
    `changed faster than it could be copied, ${ATTEMPTS_MAX} times`,
    'Try again when the engine writes less, or to a file system that can clone files.',
  )
}

const ATTEMPTS_MAX = 20

/** The content of CURRENT that makes the files in `target` a store; `undefined` to try again. */
async function copyOnce(dir: string, target: string): Promise<Buffer | undefined> {
  const current = await readCurrent(dir)
  const file = current.toString('latin1').trimEnd()
  if (parseFileName(file)?.kind !== 'manifest') {
    throw corrupt(dir, { file: 'CURRENT', offset: 0, why: 'names no MANIFEST' })
  }
  try {
    // Before the logs: an anchor may name an earlier commit than they hold, never a later one.
    await allOf(['ANCHOR.a', 'ANCHOR.b'].map(anchor => copyIfThere(dir, target, anchor)))
    const bytes = await readFile(join(dir, file))
    const { tables, logNumber } = await parseManifest(dir, file, bytes)
    const logs = await logsFrom(dir, logNumber)
    if (logNumber !== 0 && logs[0] !== logNumber) return undefined
    for (const log of logs) await copyOver(dir, target, logName(log))
    await allOf([
      copyTables(dir, target, tables),
      writeFile(join(target, file), bytes, { mode: 0o600 }),
    ])
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
  if (current.equals(await readCurrent(dir))) return current
  // Reopened meanwhile: table numbers may mean other tables now.
  await removeFiles(target)
  return undefined
}

async function readCurrent(dir: string): Promise<Buffer> {
  try {
    return await readFile(join(dir, 'CURRENT'))
  } catch (error) {
    throw unusable(dir, 'holds no journal', 'Name the directory of a journal.', error)
  }
}

/** Ascending: a log is complete once a later one exists. */
async function logsFrom(dir: string, first: number): Promise<readonly number[]> {
  const numbers = (await readdir(dir)).map(name => {
    const file = parseFileName(name)
    return file?.kind === 'log' ? file.number : -1
  })
  return numbers.filter(number => number >= first && number >= 0).sort((a, b) => a - b)
}

/** A few at once: of a small one most is waiting. */
async function copyTables(
  dir: string,
  target: string,
  tables: readonly LiveTable[],
): Promise<void> {
  for (let at = 0; at < tables.length; at += TOGETHER) {
    const some = tables.slice(at, at + TOGETHER)
    await allOf(some.map(table => copyTable(dir, target, table)))
  }
}

const TOGETHER = 4

/** Fails when all have come to their end: none writes into the copy any more. */
async function allOf(steps: readonly Promise<unknown>[]): Promise<void> {
  for (const step of await Promise.allSettled(steps)) {
    if (step.status === 'rejected') throw step.reason
  }
}

async function copyTable(dir: string, target: string, table: LiveTable): Promise<void> {
  for (const name of tableNames(table.number)) {
    const copied = await stat(join(target, name)).catch(() => undefined)
    if (copied?.size === table.bytes) return
  }
  const names = tableNames(table.number)
  for (const name of names) if (await copyIfThere(dir, target, name)) return
  await copyOver(dir, target, names[0] ?? '')
}

async function copyIfThere(dir: string, target: string, name: string): Promise<boolean> {
  try {
    await copyOver(dir, target, name)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}

const copyOver = (dir: string, target: string, name: string): Promise<void> =>
  copyFile(join(dir, name), join(target, name), constants.COPYFILE_FICLONE)

async function removeFiles(target: string): Promise<void> {
  for (const name of await readdir(target)) await rm(join(target, name))
}
