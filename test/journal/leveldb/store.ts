import { createHash } from 'node:crypto'
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterAll } from 'vitest'
import { JournalError } from '../../../journal/error.ts'

/** Small enough that a few hundred writes make several tables and compactions. */
const SMALL = { writeBufferSize: 64 * 1024, maxFileSize: 1024 * 1024, blockSize: 1024 }

export interface StoreOptions {
  readonly writeBufferSize?: number
  readonly compression?: boolean
}

/** A directory of its own inside `under`, removed with it. */
export function scratch(): (name?: string) => Promise<string> {
  const made: string[] = []
  afterAll(async () => {
    for (const dir of made) await rm(dir, { recursive: true, force: true })
  })
  return async (name = 'store') => {
    const dir = await mkdtemp(join(tmpdir(), `perdure-${name}-`))
    made.push(dir)
    return dir
  }
}

export async function openStore(
  dir: string,
  options: StoreOptions = {},
): Promise<Level<string, Buffer>> {
  const db = new Level<string, Buffer>(dir, {
    ...SMALL,
    ...options,
    valueEncoding: 'buffer',
  })
  await db.open()
  return db
}

/** One batch of puts and deletes, drawn from `seed`; later batches overwrite earlier keys. */
function batchOf(seed: number, valueBytes: number): readonly (readonly [string, Buffer | null])[] {
  return Array.from({ length: 1 + (seed % 5) }, (_, index) => {
    const bytes = bytesOf(`${seed}/${index}`, 1 + ((seed * 31 + index * 17) % valueBytes))
    const key = `key-${String((seed * 7 + index * 13) % 97).padStart(3, '0')}`
    return [key, (seed + index) % 11 === 0 ? null : bytes] as const
  })
}

/** Bytes that differ everywhere; every other seed compresses by half, so both kinds of block occur. */
export function bytesOf(seed: string, length: number): Buffer {
  const step = seed.length % 2 === 0 ? 64 : 32
  const parts: Buffer[] = []
  for (let at = 0; at < length; at += step) {
    const random = createHash('sha256').update(`${seed}:${at}`).digest()
    parts.push(random, ...(step === 64 ? [random] : []))
  }
  return Buffer.concat(parts).subarray(0, length)
}

/** Writes the batches from `from` up to `to`; answers the digest of the content after each. */
export async function write(
  db: Level<string, Buffer>,
  content: Map<string, Buffer>,
  { from, to, valueBytes }: { from: number; to: number; valueBytes: number },
): Promise<string[]> {
  const digests: string[] = []
  for (let seed = from; seed < to; seed++) {
    const batch = db.batch()
    for (const [key, value] of batchOf(seed, valueBytes)) {
      if (value === null) batch.del(key)
      else batch.put(key, value)
      if (value === null) content.delete(key)
      else content.set(key, value)
    }
    await batch.write({ sync: false })
    digests.push(digestOf(content))
  }
  return digests
}

export function digestOf(content: Iterable<readonly [string, Buffer]>): string {
  const hash = createHash('sha256')
  for (const [key, value] of [...content].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${key}=${value.length}:`).update(value)
  }
  return hash.digest('hex')
}

/** The content as LevelDB alone reads it; it may delete and rewrite files in `dir`. */
export async function readStore(dir: string): Promise<Map<string, Buffer>> {
  const db = new Level<string, Buffer>(dir, {
    ...SMALL,
    createIfMissing: false,
    valueEncoding: 'buffer',
  })
  try {
    await db.open()
    return new Map(await db.iterator().all())
  } finally {
    await db.close()
  }
}

/**
 * Adds the files of `source` to `target`, but LOCK: reading that would cost this process its lock.
 * A file that goes away meanwhile is left out.
 */
export async function snapshot(source: string, target: string): Promise<string> {
  for (const name of await readdir(source)) {
    if (name === 'LOCK') continue
    await copyFile(join(source, name), join(target, name)).catch((error: Error) => {
      if (!error.message.includes('ENOENT')) throw error
    })
  }
  return target
}

export async function filesOf(dir: string, pattern: RegExp): Promise<string[]> {
  return (await readdir(dir)).filter(name => pattern.test(name)).sort()
}

/** The code and the facts of the JournalError that `work` throws. */
export async function refusal(work: Promise<unknown>): Promise<JournalError> {
  try {
    await work
  } catch (error) {
    if (error instanceof JournalError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
