import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { openEngine } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openReader } from '../../journal/open-reader.ts'
import { verifyDirectory } from '../../journal/verify-directory.ts'
import { sampleEngine } from './sample.ts'

let root: string
let journal: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-verify-'))
  journal = join(root, 'journal')
  const { engine } = await sampleEngine({ path: journal })
  await engine.close()
})

afterAll(() => rm(root, { recursive: true, force: true }))

async function found(dir: string): Promise<{ findings: string[]; read: boolean }> {
  const scratch = await mkdtemp(join(root, 'scratch-'))
  const findings: string[] = []
  const verification = verifyDirectory(dir, { scratch })
  for (;;) {
    const { done, value } = await verification.next()
    if (done) {
      expect(await readdir(scratch), 'the copy is removed').toEqual([])
      return { findings, read: value !== undefined }
    }
    findings.push(`${value.place}: ${value.what}`)
  }
}

/** A copy of the journal as it lies there. */
async function another(name: string): Promise<string> {
  const dir = join(root, name)
  await mkdir(dir)
  for (const file of await readdir(journal)) await copyFile(join(journal, file), join(dir, file))
  return dir
}

/** The same, with everything moved from the log to a table: that is what opening does. */
async function compacted(name: string): Promise<string> {
  const dir = await another(name)
  const db = new Level<string, Buffer>(dir, { createIfMissing: false })
  await db.open()
  await db.close()
  return dir
}

async function fileOf(dir: string, suffix: string): Promise<string> {
  const names = (await readdir(dir)).filter(name => name.endsWith(suffix)).sort()
  return names[0] ?? ''
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[at]! ^= 1
  await writeFile(path, bytes)
}

const portrait = async (dir: string): Promise<readonly string[]> =>
  Promise.all(
    (await readdir(dir)).sort().map(async name => {
      const [{ mtimeMs }, bytes] = await Promise.all([
        stat(join(dir, name)),
        readFile(join(dir, name), 'base64'),
      ])
      return `${name} ${mtimeMs} ${bytes}`
    }),
  )

test('a journal without an anchor may have lost its end', async () => {
  const dir = await another('unanchored')
  for (const name of ['ANCHOR.a', 'ANCHOR.b']) await rm(join(dir, name))
  const what =
    'it is missing, and so is ANCHOR.b: an end of the journal that is missing cannot be told'
  expect(await found(dir)).toEqual({ findings: [`ANCHOR.a: ${what}`], read: true })
  const warnings: string[] = []
  const logger = {
    debug() {},
    info() {},
    error() {},
    warn: (_: object, said: string) => void warnings.push(said),
  }
  for (const expected of [1, 1]) {
    const engine = await openEngine({ path: dir, workflows: [], logger })
    await engine.close()
    expect(warnings).toHaveLength(expected)
  }
  expect(await found(dir)).toEqual({ findings: [], read: true })
})

test('one whose first commit was its last needs no anchor', async () => {
  const dir = join(root, 'young')
  await (await openEngine({ path: dir, workflows: [] })).close()
  for (const name of ['ANCHOR.a', 'ANCHOR.b']) await rm(join(dir, name), { force: true })
  expect(await found(dir)).toEqual({ findings: [], read: true })
})

test('a sound journal gives no findings and is not changed', async () => {
  const before = await portrait(journal)
  expect(await found(journal)).toEqual({ findings: [], read: true })
  expect(await portrait(journal)).toEqual(before)
})

test('a journal in tables gives no findings', async () => {
  const dir = await compacted('tables')
  expect(await fileOf(dir, '.ldb')).not.toBe('')
  expect(await found(dir)).toEqual({ findings: [], read: true })
})

test('a torn tail is no damage', async () => {
  const dir = await another('torn')
  const log = join(dir, await fileOf(dir, '.log'))
  await writeFile(log, (await readFile(log)).subarray(0, -3))
  await rm(join(dir, 'ANCHOR.a'))
  await rm(join(dir, 'ANCHOR.b'))
  const { findings, read } = await found(dir)
  expect([findings, read]).toEqual([[expect.stringMatching('^ANCHOR.a: ')], true])
  const opened = await openReader(dir)
  expect(opened.tornTail).toMatchObject({ file: await fileOf(dir, '.log') })
  await opened.close()
})

describe('damage to a file is found with its place', () => {
  test('in the log, and nothing is read on top of it', async () => {
    const dir = await another('log')
    const log = await fileOf(dir, '.log')
    await flip(join(dir, log), 3_000)
    const before = await portrait(dir)
    const { findings, read } = await found(dir)
    expect(findings).toEqual([expect.stringMatching(new RegExp(`^${log}, byte \\d+: `))])
    expect(read).toBe(false)
    // LevelDB opens a copy meanwhile, and would leave out what it cannot read.
    const scratch = await mkdtemp(join(root, 'scratch-'))
    const facts = { place: expect.objectContaining({ file: log }) }
    await expect(openReader(dir, { scratch })).rejects.toMatchObject({
      ...{ code: 'JOURNAL_CORRUPT', facts },
    })
    expect(await readdir(scratch)).toEqual([])
    expect(await portrait(dir)).toEqual(before)
  })

  test('in a table', async () => {
    const dir = await compacted('table')
    const table = await fileOf(dir, '.ldb')
    await flip(join(dir, table), 100)
    const { findings } = await found(dir)
    expect(findings[0]).toBe(`${table}, byte 0: bad checksum`)
  })

  test('a lost table', async () => {
    const dir = await compacted('lost')
    const table = await fileOf(dir, '.ldb')
    await rm(join(dir, table))
    expect((await found(dir)).findings).toEqual([`${table}, byte 0: is missing`])
  })

  test('a lost tail', async () => {
    const dir = await another('tail')
    const log = join(dir, await fileOf(dir, '.log'))
    await writeFile(log, (await readFile(log)).subarray(0, -3))
    expect((await found(dir)).findings).toEqual([
      expect.stringMatching(/the journal ends here, but commit \d+ was acknowledged/),
    ])
  })

  test('a row that LevelDB vouches for', async () => {
    const dir = await another('row')
    const db = new Level<string, Buffer>(dir, { createIfMissing: false, valueEncoding: 'buffer' })
    await db.del('z!b-payment')
    await db.put('z!e-broken', (await db.get('z!a-greeting'))!)
    await db.close()
    expect((await found(dir)).findings).toEqual([
      'z!e-broken: it belongs to the key "z!a-greeting"',
      'z!b-payment: it is missing: there are records of its run',
    ])
  })
})

test('what is no journal is refused', async () => {
  const empty = join(root, 'empty')
  await mkdir(empty)
  await expect(found(empty)).rejects.toMatchObject({ code: 'JOURNAL_UNUSABLE' })
  expect(await readdir(empty)).toEqual([])
  await expect(found(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'JOURNAL_UNUSABLE' })
  await expect(found(root)).rejects.toMatchObject({
    code: 'JOURNAL_UNUSABLE',
    hint: 'Name the directory of a journal.',
  })
  const other = join(root, 'other')
  const db = new Level<string, string>(other)
  await db.put('key', 'value')
  await db.close()
  await expect(found(other)).rejects.toMatchObject({ code: 'JOURNAL_UNUSABLE' })
  await expect(openReader(other)).rejects.toMatchObject({ code: 'JOURNAL_UNUSABLE' })
})

test('beside a running engine', async () => {
  const dir = join(root, 'running')
  const { engine, clock } = await sampleEngine({ path: dir })
  expect(await found(dir)).toEqual({ findings: [], read: true })
  const opened = await openReader(dir)
  expect(opened.holder).toMatchObject({ pid: process.pid })
  expect(opened.tip?.commit).toBe(engine.stats().commits)
  clock.advance(24 * 3_600_000)
  await opened.close()
  await engine.close()
  expect(await found(dir)).toEqual({ findings: [], read: true })
})
