import { readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Anchor, readAnchor, writeAnchor } from '../../../journal/leveldb/anchor.ts'
import { refusal, scratch } from './store.ts'

const dirs = scratch()

const anchor = (commit: number): Anchor => ({
  epoch: 3,
  commit,
  chain: commit.toString(16).padStart(64, '0'),
  clean: commit % 2 === 0,
})

test('there is none before the first', async () => {
  expect(await readAnchor(await dirs())).toBeUndefined()
})

test('the last one written is read back, whatever it is', async () => {
  const dir = await dirs()
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        epoch: fc.nat(),
        commit: fc.maxSafeNat(),
        chain: fc.uint8Array({ maxLength: 32 }).map(bytes => Buffer.from(bytes).toString('hex')),
        clean: fc.boolean(),
      }),
      async written => {
        await writeAnchor(dir, written)
        expect(await readAnchor(dir)).toEqual(written)
      },
    ),
    { numRuns: 40 },
  )
})

test('only its owner may read it', async () => {
  const dir = await dirs()
  for (const commit of [1, 2, 3]) await writeAnchor(dir, anchor(commit))
  for (const file of ['ANCHOR.a', 'ANCHOR.b']) {
    const { mode, size } = await stat(join(dir, file))
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600)
    expect(size).toBe(512)
  }
})

test('any damage to the newer copy falls back to the older, and the next write repairs it', async () => {
  const dir = await dirs()
  for (const commit of [1, 2, 3]) await writeAnchor(dir, anchor(commit))
  const newer = join(dir, 'ANCHOR.a')
  const bytes = await readFile(newer)
  expect(bytes.toString()).toContain('"commit":3')
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes)
    damaged[at]! ^= 1 << (at % 8)
    await writeFile(newer, damaged)
    expect(await readAnchor(dir), `byte ${at}`).toEqual(anchor(2))
  }
  for (const length of [0, 1, 100, 511]) {
    await writeFile(newer, bytes)
    await truncate(newer, length)
    expect(await readAnchor(dir)).toEqual(anchor(2))
  }
  await writeAnchor(dir, anchor(4))
  expect(await readAnchor(dir)).toEqual(anchor(4))
  expect((await readFile(newer)).toString()).toContain('"commit":4')
})

test('damage to the older copy costs nothing', async () => {
  const dir = await dirs()
  for (const commit of [1, 2, 3]) await writeAnchor(dir, anchor(commit))
  await writeFile(join(dir, 'ANCHOR.b'), 'junk')
  expect(await readAnchor(dir)).toEqual(anchor(3))
  await writeAnchor(dir, anchor(4))
  expect(await readAnchor(dir)).toEqual(anchor(4))
  expect((await readFile(join(dir, 'ANCHOR.a'))).toString()).toContain('"commit":3')
})

test('a first write cut short is as if it never was', async () => {
  const dir = await dirs()
  await writeFile(join(dir, 'ANCHOR.a'), 'half')
  expect(await readAnchor(dir)).toBeUndefined()
  await writeAnchor(dir, anchor(1))
  expect(await readAnchor(dir)).toEqual(anchor(1))
})

test('two damaged copies are damage', async () => {
  const dir = await dirs()
  await writeFile(join(dir, 'ANCHOR.a'), 'half')
  await writeFile(join(dir, 'ANCHOR.b'), '')
  const error = await refusal(readAnchor(dir))
  expect(error.code).toBe('JOURNAL_CORRUPT')
  expect(error.facts.place).toMatchObject({ file: 'ANCHOR.a' })
})

test('a copy with a good checksum and other content is not an anchor', async () => {
  const dir = await dirs()
  await expect(writeAnchor(dir, { ...anchor(1), chain: 'not hex' })).rejects.toThrow()
  await expect(writeAnchor(dir, { ...anchor(1), commit: -1 })).rejects.toThrow()
})
