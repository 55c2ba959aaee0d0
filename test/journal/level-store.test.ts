import { MemoryLevel } from 'memory-level'
import { expect, test } from 'vitest'
import { LevelStore } from '../../journal/level-store.ts'

/** A database that takes down how its batches were written. */
function watched(): { db: MemoryLevel<string, Uint8Array>; written: unknown[] } {
  const db = new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' })
  const written: unknown[] = []
  const open = db.batch.bind(db) as () => ReturnType<typeof db.batch>
  Object.assign(db, {
    batch: () => {
      const batch = open()
      const write = batch.write.bind(batch)
      return Object.assign(batch, {
        write: (options?: { sync?: boolean }) => {
          written.push(options)
          return write()
        },
      })
    },
  })
  return { db, written }
}

test('a write waits for the disk if the store was opened to, and is fenced on both sides', async () => {
  for (const sync of [true, false]) {
    const { db, written } = watched()
    await db.open()
    let fenced = 0
    const fence = (): void => void fenced++
    const store = new LevelStore({ place: 'x', db, sync, fence, release: async () => {} })
    const batch = store.batch()
    batch.put('a', new Uint8Array(1))
    await batch.write()
    expect(written).toEqual([{ sync }])
    expect(fenced).toBe(2)
    await store.close()
  }
})
