import { existsSync } from 'node:fs'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { expect, test } from 'vitest'
import { readAnchor, writeAnchor } from '../../../journal/leveldb/anchor.ts'
import { copyConsistent } from '../../../journal/leveldb/copy.ts'
import { readManifest } from '../../../journal/leveldb/manifest.ts'
import { preflight } from '../../../journal/leveldb/preflight.ts'
import { scanTable } from '../../../journal/leveldb/table-scan.ts'
import { bytesOf, digestOf, openStore, readStore, refusal, scratch, write } from './store.ts'

const dirs = scratch()

test('a store at rest is copied whole, its anchor too, and nothing else', async () => {
  const [dir, target] = [await dirs(), join(await dirs('copies'), 'copy')]
  const db = await openStore(dir)
  const content = new Map<string, Buffer>()
  await write(db, content, { from: 1, to: 200, valueBytes: 900 })
  await db.close()
  const anchor = { epoch: 1, commit: 199, chain: 'ab', clean: true }
  await writeAnchor(dir, anchor)
  await writeFile(join(dir, 'notes.txt'), 'not ours')
  await copyConsistent(dir, target)
  expect(await readAnchor(target)).toEqual(anchor)
  const names = await readdir(target)
  expect(names.filter(name => /LOCK|LOG|notes/.test(name))).toEqual([])
  for (const name of names) {
    expect((await stat(join(target, name))).ino).not.toBe((await stat(join(dir, name))).ino)
  }
  if (process.platform !== 'win32') expect((await stat(target)).mode & 0o777).toBe(0o700)
  expect(digestOf(await readStore(target))).toBe(digestOf(content))
  expect(digestOf(await readStore(dir))).toBe(digestOf(content))
})

test('a store that is written all the time is copied as of one moment', async () => {
  const dir = await dirs()
  const db = await openStore(dir)
  const copies = await dirs('copies')
  let written = 0
  let stop = false
  const writing = (async () => {
    while (!stop) {
      const batch = db.batch()
      for (let at = 0; at < 20; at++) {
        batch.put(`n-${String(++written).padStart(9, '0')}`, bytesOf(`n${written}`, 300))
      }
      batch.put('head', Buffer.from(String(written)))
      await batch.write({ sync: false })
    }
  })()
  let moved = 0
  for (let round = 0; round < 8; round++) {
    const [target, before] = [join(copies, `copy-${round}`), written]
    await copyConsistent(dir, target)
    if (written > before) moved++
    await preflight(target)
    for (const table of (await readManifest(target)).tables) {
      const name = `${String(table.number).padStart(6, '0')}.ldb`
      expect(await scanTable(join(target, name), table)).toEqual([])
    }
    const copy = new Level<string, Buffer>(target, { valueEncoding: 'buffer' })
    const keys = await copy.keys({ gt: 'n-', lt: 'n.' }).all()
    const head = Number((await copy.get('head')) ?? 0)
    expect(head).toBeGreaterThanOrEqual(before - 20)
    expect(keys.length).toBe(head)
    expect(keys.at(-1) ?? 'n-000000000').toBe(`n-${String(head).padStart(9, '0')}`)
    await copy.close()
  }
  stop = true
  await writing
  expect(moved).toBeGreaterThan(2)
  await db.close()
})

test('copying in the process that owns the store leaves its lock in place', async () => {
  const dir = await dirs()
  const db = await openStore(dir)
  await db.put('a', Buffer.from('1'))
  await copyConsistent(dir, join(await dirs('copies'), 'copy'))
  expect(await openElsewhere(dir)).toBe('LEVEL_LOCKED')
  await db.close()
})

test('a target that holds anything is refused', async () => {
  const [dir, target] = [await dirs(), await dirs()]
  await (await openStore(dir)).close()
  await writeFile(join(target, 'precious'), '')
  expect((await refusal(copyConsistent(dir, target))).code).toBe('JOURNAL_UNUSABLE')
  expect(await readdir(target)).toEqual(['precious'])
})

test('what is no journal is refused, and what is damaged gets no CURRENT', async () => {
  const dir = await dirs()
  await mkdir(join(dir, 'empty'))
  const target = join(dir, 'copy')
  expect((await refusal(copyConsistent(join(dir, 'empty'), target))).code).toBe('JOURNAL_UNUSABLE')
  await writeFile(join(dir, 'CURRENT'), 'nonsense\n')
  expect((await refusal(copyConsistent(dir, target))).code).toBe('JOURNAL_CORRUPT')
  expect(existsSync(join(target, 'CURRENT'))).toBe(false)
})

/** Opens `dir` in another process; answers the code LevelDB refused with, or `opened`. */
async function openElsewhere(dir: string): Promise<string> {
  const { openInProcess } = await import('./second-process.ts')
  return openInProcess(dir)
}
