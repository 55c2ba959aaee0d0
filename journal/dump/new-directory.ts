import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { LevelStore } from '../level-store.ts'
import { writeAnchor } from '../leveldb/anchor.ts'
import { cutLoad, unusable } from '../leveldb/damage.ts'
import { LOADING } from '../leveldb/file-name.ts'
import { orNoRoom } from '../leveldb/no-room.ts'
import { acquireOwnership } from '../leveldb/owner.ts'
import { self } from '../open-directory.ts'
import type { Store } from '../store.ts'
import type { Tip } from '../tip.ts'

/**
 * Creates a journal in a directory that is empty or absent. It comes into being in a directory inside,
 * and its files move up when all is on disk, CURRENT last: until then there is no journal, and what a
 * crash leaves behind opens nowhere.
 *
 * Throws JOURNAL_UNUSABLE if the directory holds anything, JOURNAL_LOCKED if an engine has it.
 */
export async function createDirectory<Result extends { readonly tip: Tip }>(
  into: string,
  now: number,
  fill: (store: Store) => Promise<Result>,
): Promise<Result> {
  const ownership = await acquireOwnership(into, self(now))
  try {
    const { path } = ownership
    await mustBeEmpty(path)
    const inside = join(path, LOADING)
    await mkdir(inside, { mode: 0o700 })
    try {
      const result = await fillInside(inside, path, fill)
      await moveUp(inside, path)
      return result
    } catch (error) {
      await rm(inside, { recursive: true, force: true })
      throw orNoRoom(path, WRITING, error)
    }
  } finally {
    await ownership.release()
  }
}

const WRITING = { problem: 'cannot be written', elsewhere: 'name a directory on another disk' }

async function mustBeEmpty(path: string): Promise<void> {
  const names = (await readdir(path)).filter(name => name !== 'lost+found')
  if (names.length === 0) return
  if (names.includes(LOADING)) throw cutLoad(path)
  throw unusable(
    path,
    `is not empty: ${names.sort().slice(0, 3).join(', ')}`,
    'Name an empty directory, or one that does not exist yet: nothing is ever loaded over a journal.',
  )
}

async function fillInside<Result extends { readonly tip: Tip }>(
  inside: string,
  place: string,
  fill: (store: Store) => Promise<Result>,
): Promise<Result> {
  const db = new Level<string, Uint8Array>(inside, {
    errorIfExists: true,
    keyEncoding: 'utf8',
    valueEncoding: 'view',
  })
  await db.open()
  const store = new LevelStore({
    place,
    db,
    // Nothing counts before all is there: then it is synced, file by file.
    sync: false,
    fence: () => {},
    release: async () => {},
  })
  let result: Result
  try {
    result = await fill(store)
  } finally {
    await store.close()
  }
  const { epoch, commit, chain } = result.tip
  await writeAnchor(inside, { epoch, commit, chain: chain.toString('hex'), clean: true })
  return result
}

async function moveUp(inside: string, path: string): Promise<void> {
  for (const name of ['LOCK', 'LOG', 'LOG.old']) await rm(join(inside, name), { force: true })
  const names = await readdir(inside)
  for (const name of names) await sync(join(inside, name))
  await syncNames(inside)
  for (const name of names) {
    if (name !== 'CURRENT') await rename(join(inside, name), join(path, name))
  }
  await syncNames(path)
  await rename(join(inside, 'CURRENT'), join(path, 'CURRENT'))
  await rm(inside, { recursive: true })
  await syncNames(path)
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

const syncNames = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
