import { rmSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { beforeAll, describe, expect, test } from 'vitest'
import { writeAnchor } from '../../../journal/leveldb/anchor.ts'
import { readManifest } from '../../../journal/leveldb/manifest.ts'
import { preflight } from '../../../journal/leveldb/preflight.ts'
import { FULL, fragment } from './fragment.ts'
import {
  digestOf,
  filesOf,
  openStore,
  readStore,
  refusal,
  scratch,
  snapshot,
  write,
} from './store.ts'

const dirs = scratch()

/** Some tables, and one log that is yet to be replayed: closing leaves it as a kill would. */
let original: string
let digests: readonly string[]

beforeAll(async () => {
  original = await dirs('original')
  const content = new Map<string, Buffer>()
  const after = [digestOf(content)]
  for (const [from, to] of [
    [1, 120],
    [120, 200],
    [200, 235],
  ] as const) {
    const db = await openStore(original)
    after.push(...(await write(db, content, { from, to, valueBytes: 900 })))
    await db.close()
  }
  digests = after
  expect(await filesOf(original, /\.log$/)).toHaveLength(1)
})

const copy = async (): Promise<string> => snapshot(original, await dirs('copy'))
const logOf = async (dir: string): Promise<string> =>
  join(dir, (await filesOf(dir, /\.log$/)).at(-1)!)

describe('what may be created over', () => {
  test('nothing, an empty directory, and a volume with nothing on it', async () => {
    const dir = await dirs()
    expect(await preflight(join(dir, 'absent'))).toEqual({ created: true })
    expect(await preflight(dir)).toEqual({ created: true })
    await mkdir(join(dir, 'lost+found'))
    expect(await preflight(dir)).toEqual({ created: true })
  })

  test('what a creation killed before CURRENT leaves behind', async () => {
    const dir = await dirs()
    for (const name of ['LOCK', 'LOG', 'MANIFEST-000001', '000001.dbtmp']) {
      await writeFile(join(dir, name), '')
    }
    expect(await preflight(dir)).toEqual({ created: true })
    await (await openStore(dir)).close()
  })

  test('a store that was opened and never written', async () => {
    const dir = await dirs()
    await (await openStore(dir)).close()
    expect(await preflight(dir)).toEqual({ created: true })
  })

  test('but not one that an anchor knows to have been written', async () => {
    const dir = await dirs()
    await (await openStore(dir)).close()
    await writeAnchor(dir, { epoch: 1, commit: 7, chain: 'ab', clean: false })
    expect(await preflight(dir)).toEqual({ created: false })
  })

  test('and not somebody else’s directory', async () => {
    const dir = await dirs()
    await writeFile(join(dir, 'holiday.jpg'), 'beach')
    const error = await refusal(preflight(dir))
    expect(error.code).toBe('JOURNAL_UNUSABLE')
    expect(error.message).toContain('holiday.jpg')
  })
})

test('what cannot be read is not called damaged', async () => {
  const dir = await dirs()
  await mkdir(join(dir, 'CURRENT'))
  const error = await refusal(preflight(dir))
  expect(error.code).toBe('JOURNAL_UNUSABLE')
  expect(error.cause).toMatchObject({ code: 'EISDIR' })
  expect((await refusal(preflight(join(await logOf(original))))).code).toBe('JOURNAL_UNUSABLE')
})

describe('a journal without CURRENT', () => {
  test('is destroyed by LevelDB alone', async () => {
    const dir = await copy()
    await rm(join(dir, 'CURRENT'))
    const db = new Level(dir)
    await db.open()
    await db.close()
    expect((await readStore(dir)).size).toBeLessThan((await readStore(await copy())).size)
  })

  test('is refused, and every file stays', async () => {
    const dir = await copy()
    await rm(join(dir, 'CURRENT'))
    const before = await filesOf(dir, /./)
    const error = await refusal(preflight(dir))
    expect(error.code).toBe('JOURNAL_CORRUPT')
    expect(error.facts.place).toEqual({ file: 'CURRENT', offset: 0, why: 'is missing' })
    expect(error.hint).toContain('Nothing was changed')
    expect(await filesOf(dir, /./)).toEqual(before)
  })

  test('is refused even when only its anchor is left', async () => {
    const dir = await dirs()
    await writeAnchor(dir, { epoch: 1, commit: 7, chain: 'ab', clean: false })
    expect((await refusal(preflight(dir))).code).toBe('JOURNAL_CORRUPT')
  })
})

describe('a flipped bit in a log', () => {
  test('is found wherever it is, and LevelDB alone loses writes without a word', async () => {
    const bytes = await readFile(await logOf(original))
    let silent = 0
    for (let round = 0; round < 60; round++) {
      const dir = await copy()
      const flipped = Buffer.from(bytes)
      const at = Math.floor((bytes.length * (round + 0.5)) / 60)
      flipped[at]! ^= 1 << (round % 8)
      await writeFile(await logOf(dir), flipped)
      const error = await refusal(preflight(dir))
      expect(error.code).toBe('JOURNAL_CORRUPT')
      const place = error.facts.place as { file: string; offset: number }
      expect(place.file).toMatch(/^\d{6}\.log$/)
      expect(place.offset).toBeLessThanOrEqual(at)
      if (round % 10 === 0 && digestOf(await readStore(dir)) !== digests.at(-1)) silent++
    }
    expect(silent).toBe(6)
  })
})

describe('a torn tail', () => {
  test('of the newest log is reported and costs only the writes that were cut', async () => {
    const { size } = await stat(await logOf(original))
    const cuts = [0, 1, 6, 7, 8, 4096, 32_767, 32_768, 32_769, size - 1, size - 7, size - 8]
    for (const cut of [...cuts, ...Array.from({ length: 12 }, (_, at) => (at * size) / 12 + at)]) {
      const dir = await copy()
      const log = await logOf(dir)
      await truncate(log, Math.floor(cut))
      const { created, tornTail } = await preflight(dir)
      expect(created).toBe(false)
      if (tornTail !== undefined) {
        expect(join(dir, tornTail.file)).toBe(log)
        expect(tornTail.offset + tornTail.bytes).toBe(Math.floor(cut))
      }
      expect(digests).toContain(digestOf(await readStore(dir)))
    }
  })

  test('is still one when the opening that would cut it was killed', async () => {
    const dir = await copy()
    const { size } = await stat(await logOf(dir))
    await truncate(await logOf(dir), size - 1)
    const { tornTail } = await preflight(dir)
    await writeFile(join(dir, '000900.log'), '')
    expect(tornTail).toBeDefined()
    expect(await preflight(dir)).toEqual({ created: false, tornTail })
  })

  test.skipIf(process.platform === 'win32')(
    'shows when its file is gone, once it is held',
    async () => {
      const dir = await copy()
      const { size } = await stat(await logOf(dir))
      await truncate(await logOf(dir), size - 1)
      const expected = await preflight(dir)
      expect(expected.tornTail).toBeDefined()
      expect(await preflight(dir, () => rmSync(dir, { recursive: true }))).toEqual(expected)
    },
  )

  test('of a log that another one continues is damage', async () => {
    const dir = await copy()
    const bytes = await readFile(await logOf(dir))
    await truncate(await logOf(dir), bytes.length - 1)
    const [first] = await filesOf(dir, /\.log$/)
    await writeFile(join(dir, '000900.log'), bytes)
    const error = await refusal(preflight(dir))
    expect(error.message).toContain(`${first}, byte`)
  })
})

describe('logs that are whole and not the ones that were written', () => {
  test('the one the MANIFEST names is missing: LevelDB alone says nothing', async () => {
    const dir = await copy()
    await rm(await logOf(dir))
    const error = await refusal(preflight(dir))
    expect(error.facts.place).toMatchObject({ why: 'is missing' })
    expect(digestOf(await readStore(dir))).not.toBe(digests.at(-1))
  })

  test('under a name that LevelDB counts and then does not find', async () => {
    const dir = await copy()
    const log = await logOf(dir)
    await copyFile(log, join(dir, '900.log'))
    expect((await refusal(preflight(dir))).code).toBe('JOURNAL_CORRUPT')
    await rm(join(dir, '900.log'))
    await rename(log, `${log}.dir`)
    await mkdir(log)
    expect((await refusal(preflight(dir))).code).toBe('JOURNAL_CORRUPT')
  })

  test('repeated as a newer log', async () => {
    const dir = await copy()
    await copyFile(await logOf(dir), join(dir, '000900.log'))
    const error = await refusal(preflight(dir))
    expect(error.message).toContain('out of place')
  })

  test('cut at the border of a record and continued by another log', async () => {
    const dir = await copy()
    const log = await logOf(dir)
    const bytes = await readFile(log)
    const border = bordersOf(bytes)
    await writeFile(log, bytes.subarray(0, border[4]))
    await writeFile(join(dir, '000900.log'), bytes.subarray(border[5]!, 32_768))
    expect((await refusal(preflight(dir))).message).toContain('are missing')
  })

  test('continued by another log without a gap: that is how logs are', async () => {
    const dir = await copy()
    const log = await logOf(dir)
    const bytes = await readFile(log)
    const border = bordersOf(bytes)
    const tail = bytes.subarray(border[5]!, border.at(-1))
    await writeFile(log, bytes.subarray(0, border[5]))
    await writeFile(join(dir, '000900.log'), tail)
    expect(await preflight(dir)).toEqual({ created: false })
    expect(digests).toContain(digestOf(await readStore(dir)))
  })

  test('without their first records', async () => {
    const dir = await copy()
    const log = await logOf(dir)
    const bytes = await readFile(log)
    const { loggedAfter } = await readManifest(dir)
    const borders = bordersOf(bytes).slice(0, -1)
    // A flush names a log that was begun a few writes before.
    const late = borders.find(at => Number(bytes.readBigUInt64LE(at + 7)) > loggedAfter + 1)
    await writeFile(log, bytes.subarray(late, borders.at(-1)))
    expect((await refusal(preflight(dir))).message).toContain('are missing')
  })

  test('emptied, though another log continues it', async () => {
    const dir = await copy()
    const log = await logOf(dir)
    await rename(log, join(dir, '000900.log'))
    await writeFile(log, '')
    expect((await refusal(preflight(dir))).message).toContain('is empty, but 000900.log')
  })

  test('holding a block of another record', async () => {
    const dir = await copy()
    const batch = Buffer.alloc(12)
    const { loggedAfter } = await readManifest(dir)
    batch.writeBigUInt64LE(BigInt(loggedAfter))
    const log = await logOf(dir)
    for (const [count, operations] of [
      [1, ''],
      [1, '\u0001\u0001a\u0005bc'],
      [1, '\u0007\u0001a'],
      [2, '\u0000\u0001a'],
    ] as const) {
      batch.writeUInt32LE(count, 8)
      const record = fragment(FULL, Buffer.concat([batch, Buffer.from(operations)]))
      await writeFile(log, record)
      expect((await refusal(preflight(dir))).message).toContain('holds no whole write batch')
    }
  })
})

describe('tables', () => {
  test.each([
    ['missing', (path: string) => rm(path), 'is missing'],
    ['short', async (path: string) => truncate(path, (await stat(path)).size - 1), 'instead of'],
    ['empty', (path: string) => truncate(path, 0), 'instead of'],
    [
      'without a footer',
      async (path: string) => {
        const bytes = await readFile(path)
        await writeFile(path, bytes.fill(0, bytes.length - 8))
      },
      'does not end as a table does',
    ],
  ])('a live table that is %s is damage', async (_, damage, why) => {
    const dir = await copy()
    const { tables } = await readManifest(dir)
    expect(tables.length).toBeGreaterThan(1)
    await damage(join(dir, `${String(tables[0]!.number).padStart(6, '0')}.ldb`))
    const error = await refusal(preflight(dir))
    expect(error.code).toBe('JOURNAL_CORRUPT')
    expect(error.message).toContain(why)
  })

  test('one that no edit names is not looked at: an interrupted compaction leaves those', async () => {
    const dir = await copy()
    await writeFile(join(dir, '000901.ldb'), 'half')
    expect(await preflight(dir)).toEqual({ created: false })
  })
})

describe('CURRENT and MANIFEST', () => {
  test.each(['', 'MANIFEST-000002', 'MANIFEST-999999\n', '../MANIFEST-000002\n', 'nonsense\n'])(
    'CURRENT holding %j is damage',
    async content => {
      const dir = await copy()
      await writeFile(join(dir, 'CURRENT'), content)
      const error = await refusal(preflight(dir))
      expect(error.facts.place).toMatchObject({ file: 'CURRENT' })
    },
  )

  test('every flipped bit of a MANIFEST is found', async () => {
    const dir = await copy()
    const { file } = await readManifest(dir)
    const bytes = await readFile(join(dir, file))
    for (let bit = 0; bit < bytes.length * 8; bit += 13) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      await writeFile(join(dir, file), flipped)
      expect((await refusal(preflight(dir))).message, `bit ${bit}`).toContain('MANIFEST')
    }
  })

  test('cut short, a MANIFEST whose files were deleted since is refused', async () => {
    const { file } = await readManifest(original)
    const bytes = await readFile(join(original, file))
    for (let cut = 0; cut < bytes.length; cut += 1 + Math.floor(bytes.length / 40)) {
      const dir = await copy()
      await truncate(join(dir, file), cut)
      expect((await refusal(preflight(dir))).code, `cut at ${cut}`).toBe('JOURNAL_CORRUPT')
    }
  })

  test('cut short before anything was deleted, a MANIFEST still leads to the whole store', async () => {
    const [live, archive] = [await dirs('live'), await dirs('archive')]
    const db = await openStore(live)
    const content = new Map<string, Buffer>()
    for (let batch = 1; batch < 130; batch++) {
      await write(db, content, { from: batch, to: batch + 1, valueBytes: 900 })
      await snapshot(live, archive)
    }
    await db.close()
    const { file } = await readManifest(archive)
    const { size } = await stat(join(archive, file))
    let whole = 0
    for (let cut = 0; cut <= size; cut += 1 + Math.floor(size / 40)) {
      const dir = await snapshot(archive, await dirs('cut'))
      await truncate(join(dir, file), cut)
      if (
        await preflight(dir).then(
          () => false,
          () => true,
        )
      )
        continue
      expect(digestOf(await readStore(dir)), `cut at ${cut}`).toBe(digestOf(content))
      whole++
    }
    expect(whole).toBeGreaterThan(10)
  })
})

/** Offsets in the first block at which a record that lies wholly in it starts. */
function bordersOf(log: Buffer): number[] {
  const borders = [0]
  for (let at = 0; at + 7 <= 32_768 && log[at + 6] === 1; borders.push(at)) {
    at += 7 + log.readUInt16LE(at + 4)
  }
  return borders
}
