import { MemoryLevel } from 'memory-level'
import { LevelStore } from '../../journal/level-store.ts'
import { openOn } from '../../journal/open.ts'
import type { Store } from '../../journal/store.ts'
import { fillLanes } from './lanes.ts'
import { type Sample, sampleEngine } from './sample.ts'

export type Rows = Map<string, Uint8Array>

/** What the sample engine leaves in its store, after `more` was done with it. */
export async function sampleRows(more?: (sample: Sample) => Promise<unknown>): Promise<Rows> {
  const store = await memoryStore()
  const sample = await sampleEngine({ path: 'sample', store })
  await more?.(sample)
  await sample.engine.close()
  return rowsOf(store)
}

/** The same with runs in every state of admission. */
export async function laneRows(): Promise<Rows> {
  const store = await storeOf(await sampleRows())
  const { journal } = await openOn(store, { path: 'sample', now: Date.UTC(2030, 0, 2) })
  await fillLanes(journal)
  await journal.close()
  return rowsOf(store)
}

/** A store in memory that outlives being closed. */
export async function memoryStore(): Promise<Store> {
  const db = new MemoryLevel<string, Uint8Array>({
    storeEncoding: 'buffer',
    keyEncoding: 'utf8',
    valueEncoding: 'view',
  })
  await db.open()
  const store = new LevelStore({
    place: 'sample',
    db,
    sync: false,
    fence: () => {},
    release: async () => {},
  })
  return {
    place: store.place,
    batch: () => store.batch(),
    get: key => store.get(key),
    getMany: keys => store.getMany(keys),
    scan: (range, options) => store.scan(range, options),
    close: async () => {},
  }
}

export async function storeOf(rows: Rows): Promise<Store> {
  const store = await memoryStore()
  const batch = store.batch()
  for (const [key, value] of rows) batch.put(key, value)
  await batch.write()
  return store
}

async function rowsOf(store: Store): Promise<Rows> {
  const rows: Rows = new Map()
  for await (const chunk of store.scan({ gte: '', lt: '~' })) {
    for (const [key, value] of chunk) rows.set(key, value)
  }
  return rows
}
