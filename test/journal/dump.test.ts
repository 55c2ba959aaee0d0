import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SECTIONS } from '../../journal/dump/sections.ts'
import { type Dumpable, dump } from '../../journal/dump.ts'
import { load, loadInMemory } from '../../journal/load.ts'
import { openReader } from '../../journal/open-reader.ts'
import { readTip } from '../../journal/read-tip.ts'
import { JournalReader } from '../../journal/reader.ts'
import type { Store } from '../../journal/store.ts'
import { verify } from '../../journal/verify.ts'
import { verifyDirectory } from '../../journal/verify-directory.ts'
import type { Finding } from '../../journal/verify-report.ts'
import { replayJournals } from '../../src/testing/replay-journals.ts'
import { RowsStore } from '../../src/testing/rows-store.ts'
import { plans } from '../laws/plan.ts'
import { watchScopes } from '../laws/scopes.ts'
import { statesOf } from '../testing/stored-states.ts'
import { writeJournal } from './format-journal.ts'
import { LISTENING } from './format-listeners.ts'
import { changing, failing, LIVELY } from './format-workflows.ts'

let root: string
let journal: string
let text: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-dump-'))
  journal = join(root, 'journal')
  await writeJournal(journal)
  text = await dumpOf(journal)
}, 60_000)

afterAll(() => rm(root, { recursive: true, force: true }))
const scopes = watchScopes()
afterEach(() => scopes.disable())

let count = 0
const fresh = (): string => join(root, `new-${++count}`)

async function textOf(opened: Dumpable, run?: string): Promise<string> {
  let text = ''
  for await (const piece of dump(opened, run === undefined ? {} : { run })) text += piece
  return text
}

async function dumpOf(dir: string, run?: string): Promise<string> {
  const opened = await openReader(dir)
  try {
    return await textOf(opened, run)
  } finally {
    await opened.close()
  }
}

async function findings(found: AsyncIterable<Finding>): Promise<Finding[]> {
  const all: Finding[] = []
  for await (const finding of found) all.push(finding)
  return all
}

/** All but what the header says, and the hash, which covers that. */
const body = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map(line => line.replace(/,"sha256":.*/, ''))

const goldenUrl = (format: number): URL =>
  new URL(`../golden/dump-format-${format}.ndjson`, import.meta.url)
const golden = (format: number): Promise<string> => readFile(goldenUrl(format), 'utf8')

async function dumpable(store: Store): Promise<Dumpable | undefined> {
  const meta = await new JournalReader(store).meta()
  return meta && { store, meta, tip: await readTip(store) }
}

describe('a dump that is loaded', () => {
  test('is a sound journal that says the same', async () => {
    const into = fresh()
    const loaded = await load([text], { into, now: 1 })
    expect(loaded).toMatchObject({ journal: 'J', runs: 63, entries: 308 })
    expect(await findings(verifyDirectory(into))).toEqual([])
    expect(body(await dumpOf(into))).toEqual(body(text))
    expect(await readdir(into)).not.toContain('loading')
  })

  test('in memory as well, however it is cut to pieces, packed or not', async () => {
    const bytes = Buffer.from(text)
    const pieces = [
      bytes.subarray(0, 1),
      bytes.subarray(1, 700),
      bytes.subarray(700, 701),
      bytes.subarray(701),
    ]
    for (const given of [
      [text],
      pieces,
      [gzipSync(bytes)],
      [text.replaceAll('\n', '\r\n')],
      [text.trimEnd()],
    ]) {
      const opened = await loadInMemory(given)
      expect(opened.header).toMatchObject({ format: 2, journal: 'J' })
      expect(await findings(verify(opened.store))).toEqual([])
      expect(body(await textOf(opened))).toEqual(body(text))
      await opened.close()
    }
  })

  test.each([1, 2])('of format %i, too', async format => {
    const given = await golden(format)
    const into = fresh()
    await load([given], { into, now: 1 })
    expect(await findings(verifyDirectory(into))).toEqual([])
    const workflows = [...(LIVELY ?? []), ...Object.values(LISTENING), changing('old'), failing()]
    const options = { ended: true, unknown: 'ignore' } as const
    const ofFile = await replayJournals(workflows, fileURLToPath(goldenUrl(format)), options)
    const ofDirectory = await replayJournals(workflows, into, options)
    expect(ofDirectory.list).toEqual(ofFile.list)
    expect(ofDirectory).toMatchObject({ live: ofFile.live, ended: ofFile.ended })
    expect(ofDirectory.live.same + ofDirectory.ended.same).toBeGreaterThan(30)
    expect(ofDirectory.live.damaged).toBe(0)
    const again = await dumpOf(into)
    if (format === 2) return expect(body(again)).toEqual(body(given))
    const entries = body(again).filter(line => line.startsWith('{"kind":"entry"'))
    expect(entries.map(line => line.replace(/"record":\d+,/, ''))).toEqual(body(given).slice(0, -1))
  })
})

test('the page on dumps names the properties of each line, in their order', async () => {
  const page = await readFile(new URL('../../docs/dump-format.md', import.meta.url), 'utf8')
  const [, block = ''] = /```lines\n(.*?)```/s.exec(page) ?? []
  const stated = block
    .trimEnd()
    .split('\n')
    .map(line => line.split(/ +/))
  expect(stated.map(([kind]) => kind)).toEqual([
    'header',
    ...SECTIONS.map(([kind]) => kind),
    'trailer',
  ])
  const lines = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)
  for (const [kind, ...names] of stated) {
    const own = lines.filter(line => line.kind === kind)
    expect(own.length, kind).toBeGreaterThan(0)
    for (const line of own) {
      const isOpen = names.at(-1) === '...'
      const known = names.filter(
        name => name !== '...' && (!name.endsWith('?') || name.slice(0, -1) in line),
      )
      const found = Object.keys(line).slice(0, isOpen ? known.length : undefined)
      expect(found).toEqual(known.map(name => name.replace('?', '')))
    }
  }
})

test('whatever a journal holds, its dump makes the same of it', { timeout: 120_000 }, async () => {
  let loads = 0
  const property = fc.asyncProperty(
    plans,
    fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
    async (plan, picks) => {
      const states = await statesOf(plan)
      for (const pick of picks) {
        const rows = states[pick % states.length]
        const source = rows && (await dumpable(new RowsStore(rows)))
        if (source === undefined) continue
        const text = await textOf(source)
        const opened = await loadInMemory([text])
        expect(await findings(verify(opened.store))).toEqual([])
        expect(body(await textOf(opened))).toEqual(body(text))
        await opened.close()
        let fake = ''
        for await (const piece of dump(source, { anonymize: 'secret' })) fake += piece
        const anonymous = await loadInMemory([fake])
        expect(await findings(verify(anonymous.store))).toEqual([])
        await anonymous.close()
        loads++
      }
      scopes.disable()
    },
  )
  await fc.assert(property, { numRuns: 15, seed: 1 })
  expect(loads).toBeGreaterThan(15)
})

interface Line {
  readonly kind: string
  readonly data?: { readonly userId?: string }
  readonly on?: readonly { readonly literals?: readonly string[] }[]
}

describe('an anonymized dump', () => {
  const anonymous = async (anonymize: string, from = journal): Promise<string> => {
    const opened = await openReader(from)
    let text = ''
    for await (const piece of dump(opened, { anonymize })) text += piece
    await opened.close()
    return text
  }

  test('loads, verifies, and has the structure of what it stands for', async () => {
    const fake = await anonymous('secret')
    const opened = await loadInMemory([fake])
    expect(opened.header.anonymized).toBe(true)
    expect(await findings(verify(opened.store))).toEqual([])
    await opened.close()
    const kinds = (text: string) =>
      text
        .split('\n')
        .map(line => /"kind":"(\w+)".*?(?:"type":"([\w.]+)"|$)/.exec(line)?.slice(1, 3))
    expect(kinds(fake)).toEqual(kinds(text))
    expect(await anonymous('secret')).toBe(fake)
    expect(await anonymous('other')).not.toBe(fake)
  })

  test('holds no text, no bytes and no id that a user gave', async () => {
    const fake = await anonymous('secret')
    const bare = fake.replace(/"(key|id|workflow|name)":"[^"]*"/g, '')
    for (const given of [
      '"u1"',
      '"u8"',
      'hold on',
      'no use',
      'a slip',
      'far!',
      'often@',
      'taken-back',
      'deep',
      'example.org',
    ]) {
      expect(text.includes(given), given).toBe(true)
      expect(bare.includes(given), given).toBe(false)
    }
  })

  test('names what was equal by equal names', async () => {
    const fake = await anonymous('secret')
    const linesOf = (text: string): Line[] =>
      text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as Line)
    const [lines, before] = [linesOf(fake), linesOf(text)]
    const users = new Map<string, string>()
    for (const [at, { kind, data }] of before.entries()) {
      if (kind !== 'event' || data?.userId === undefined) continue
      const now = lines[at]?.data?.userId ?? ''
      expect(users.get(data.userId) ?? now).toBe(now)
      users.set(data.userId, now)
    }
    expect(new Set(users.values()).size).toBe(users.size)
    const literals = (from: Line[]) =>
      from.flatMap(({ on = [] }) => on.flatMap(({ literals = [] }) => literals))
    expect(literals(lines)).toEqual(
      literals(before).map(literal => users.get(literal) ?? expect.anything()),
    )
  })
})
