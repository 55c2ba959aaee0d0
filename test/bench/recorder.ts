import { mkdirSync } from 'node:fs'
import { Level } from 'level'
import type { Entry } from '../../journal/entry.ts'
import { LevelStore } from '../../journal/level-store.ts'
import { openRecord } from '../../journal/reader.ts'
import type { Store, StoreBatch } from '../../journal/store.ts'
import { type RunActor, runActor } from '../../src/run/machine.ts'

/** What one commit wrote. */
export interface Written {
  readonly puts: [key: string, value: Uint8Array][]
  readonly dels: string[]
}

export function openLevel(path: string): Level<string, Uint8Array> {
  mkdirSync(path, { recursive: true })
  return new Level<string, Uint8Array>(path, { keyEncoding: 'utf8', valueEncoding: 'view' })
}

/** A store on LevelDB that keeps what was written through it. */
export function recordingStore(path: string, written: Written[]): Store {
  const store = new LevelStore({
    place: path,
    db: openLevel(path),
    sync: true,
    fence: () => {},
    release: async () => {},
  })
  const batch = store.batch.bind(store)
  store.batch = (): StoreBatch => {
    const inner = batch()
    const kept: Written = { puts: [], dels: [] }
    return {
      put(key, value) {
        kept.puts.push([key, Uint8Array.from(value)])
        inner.put(key, value)
      },
      del(key) {
        kept.dels.push(key)
        inner.del(key)
      },
      write() {
        written.push(kept)
        return inner.write()
      },
      discard: () => inner.discard(),
    }
  }
  return store
}

/** The same work with nothing around it: the bytes, the synced batches, an actor's send an entry. */
export interface FloorWork {
  readonly written: Written
  readonly records: { readonly run: string; readonly entries: readonly Entry[] }[]
}

export const floorWork = (written: readonly Written[]): FloorWork[] =>
  written.map(batch => ({
    written: batch,
    records: batch.puts
      .filter(([key]) => key.startsWith('e!'))
      .map(([key, value]) => openRecord(key, value)),
  }))

/** Does the work, and returns the milliseconds it took. */
export async function runFloor(path: string, work: readonly FloorWork[]): Promise<number> {
  const db = openLevel(path)
  await db.open()
  const actors = new Map<string, RunActor>()
  const started = performance.now()
  for (const { written, records } of work) {
    const batch = db.batch()
    for (const { run, entries } of records) send(actors, run, entries)
    for (const [key, value] of written.puts) batch.put(key, value)
    for (const key of written.dels) batch.del(key)
    await batch.write({ sync: true })
  }
  const took = performance.now() - started
  await db.close()
  return took
}

function send(actors: Map<string, RunActor>, run: string, entries: readonly Entry[]): void {
  const actor = actors.get(run) ?? runActor()
  actors.set(run, actor)
  for (const entry of entries) {
    actor.send(entry)
    if (entry.type === 'run.completed') actors.delete(run)
  }
}
