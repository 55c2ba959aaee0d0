import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { MemoryLevel } from 'memory-level'
import { type LevelDatabase, LevelStore } from '../../journal/level-store.ts'
import { Disk } from '../../src/testing/disk.ts'
import type { OpenStore } from './subject.ts'

const ENCODINGS = { keyEncoding: 'utf8', valueEncoding: 'view' } as const

export const openLevel: OpenStore = async () => {
  const dir = await mkdtemp(join(tmpdir(), 'perdure-conformance-'))
  const open = async (): Promise<LevelStore> => {
    const db = new Level<string, Uint8Array>(dir, ENCODINGS)
    await db.open()
    return storeOn(dir, db)
  }
  let store = await open()
  return {
    store,
    reopen: async () => {
      await store.close()
      store = await open()
      return store
    },
    close: async () => {
      await store.close()
      await rm(dir, { recursive: true })
    },
  }
}

export const openMemory: OpenStore = async () => {
  const db = new MemoryLevel<string, Uint8Array>({ storeEncoding: 'buffer', ...ENCODINGS })
  await db.open()
  const store = storeOn(':memory:', db, true)
  return { store, close: () => store.close() }
}

export const openSimulated: OpenStore = async () => {
  const disk = new Disk()
  return { store: disk.open(), reopen: async () => disk.open(), close: async () => {} }
}

const storeOn = (place: string, db: LevelDatabase, aliases = false): LevelStore =>
  new LevelStore({ place, db, aliases, sync: false, fence: () => {}, release: async () => {} })
