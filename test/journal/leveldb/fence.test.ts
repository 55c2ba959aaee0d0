import { copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Fence } from '../../../journal/leveldb/fence.ts'
import { openStore, scratch, write } from './store.ts'

const dirs = scratch()

test('writes, flushes and compactions of our own are no reason', async () => {
  const dir = await dirs()
  const db = await openStore(dir)
  const fence = new Fence(dir)
  await write(db, new Map(), { from: 1, to: 200, valueBytes: 900 })
  expect(fence.check()).toBeUndefined()
  await db.close()
  expect(fence.check()).toBeUndefined()
})

test('every other opening is, even one right after the other', async () => {
  const dir = await dirs()
  await (await openStore(dir)).close()
  for (let round = 0; round < 20; round++) {
    const fence = new Fence(dir)
    await (await openStore(dir)).close()
    expect(fence.check()).toMatchObject({ ours: expect.any(String), found: expect.any(String) })
  }
})

test('an opening by another spelling, which LevelDB lets pass, is', async () => {
  const dir = await dirs()
  const db = await openStore(dir)
  const fence = new Fence(dir)
  const intruder = await openStore(`${dir}/.`)
  // The first engine is told that all is well: nothing but the fence knows better.
  await db.put('lost', Buffer.from('acknowledged'), { sync: true })
  expect(fence.check()).toBeDefined()
  await intruder.close()
  await db.close()
})

test('a missing or restored CURRENT is', async () => {
  const dir = await dirs()
  const db = await openStore(dir)
  const fence = new Fence(dir)
  const current = join(dir, 'CURRENT')
  await copyFile(current, `${current}.saved`)
  await rm(current)
  expect(fence.check()).toMatchObject({ found: 'none' })
  await rename(`${current}.saved`, current)
  expect(fence.check()).toBeDefined()
  await db.close()
})
