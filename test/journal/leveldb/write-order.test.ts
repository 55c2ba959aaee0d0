import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scanLog } from '../../../journal/leveldb/log-scan.ts'
import { filesOf, openStore, scratch } from './store.ts'

const dirs = scratch()

/** The keys in the order in which they reached the log. */
async function logged(dir: string): Promise<string[]> {
  const keys: string[] = []
  for (const file of await filesOf(dir, /\.log$/)) {
    await scanLog(await readFile(join(dir, file)), record => {
      for (const [, key] of Buffer.from(record)
        .toString('latin1')
        .matchAll(/(n\d{6})/g)) {
        keys.push(key!)
      }
      return undefined
    })
  }
  return keys
}

test('the order of concurrent writes is not ours: a journal keeps one batch in flight', async () => {
  let disordered = 0
  for (let round = 0; round < 20 && disordered === 0; round++) {
    const dir = await dirs()
    const db = await openStore(dir, { writeBufferSize: 4 * 2 ** 20 })
    await Promise.all(
      Array.from({ length: 400 }, (_, n) =>
        db.put(`n${String(n).padStart(6, '0')}`, Buffer.alloc(10), { sync: n % 7 === 0 }),
      ),
    )
    await db.close()
    const keys = await logged(dir)
    expect(keys).toHaveLength(400)
    if (keys.some((key, at) => at > 0 && key < keys[at - 1]!)) disordered++
  }
  expect(disordered).toBe(1)
})

test('one batch in flight keeps the order, inside a batch and between them', async () => {
  const dir = await dirs()
  const db = await openStore(dir, { writeBufferSize: 4 * 2 ** 20 })
  for (let n = 0; n < 400; n += 8) {
    const batch = db.batch()
    for (let at = n; at < n + 8; at++)
      batch.put(`n${String(at).padStart(6, '0')}`, Buffer.alloc(10))
    await batch.write({ sync: true })
  }
  await db.close()
  const keys = await logged(dir)
  expect(keys).toEqual([...keys].sort())
  expect(keys).toHaveLength(400)
})
