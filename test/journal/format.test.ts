import { deepStrictEqual } from 'node:assert'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { RunEntry } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lifecycle } from '../../journal/lifecycle.ts'
import { escaped } from './format-admission.ts'
import { hash, keyOf, uuidOf } from './format-chance.ts'
import type { Sum } from './format-fold.ts'
import { type Written, writeJournal } from './format-journal.ts'
import type { Item, ItemMap } from './format-msgpack.ts'
import {
  digestOf,
  document,
  field,
  plainEntry,
  type Reading,
  readJournal,
  runOf,
} from './format-reading.ts'
import { listOf, mapOf, type Row } from './format-rows.ts'
import { decodeBytes } from './format-value.ts'
import { everyKind } from './format-workflows.ts'
import { RATE } from './lanes.ts'

/*
 * A second reader, which knows nothing of the journal but what docs/journal-format.md says, reads a
 * journal that an engine wrote. What it finds must be what the engine finds.
 */

let dir: string
let written: Written
let sums: ReadonlyMap<string, Sum>
let of: Reading['of']

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'perdure-format-'))
  written = await writeJournal(dir)
  ;({ sums, of } = await readJournal(dir))
}, 60_000)

afterAll(() => rm(dir, { recursive: true, force: true }))

const recordsOf = (run: string): Row[] => of('record').filter(row => runOf(row) === run)

describe('what the entries say', () => {
  test('is what the engine says', () => {
    deepStrictEqual([...sums.keys()].sort(), [...written.entries.keys()].sort())
    for (const [run, entries] of written.entries) {
      const read = (sums.get(run)?.entries ?? []).map(plainEntry)
      deepStrictEqual(read, entries.map(own))
    }
  })

  test('and values are what was stored', () => {
    const entries = (sums.get('plain')?.entries ?? []).map(plainEntry)
    deepStrictEqual(
      entries.map(entry => 'value' in entry && entry.value).find(value => value),
      everyKind(),
    )
  })

  test('and they are of every type, with every field, and values of every kind', () => {
    const names = new Map<string, Set<string>>()
    for (const entry of [...sums.values()].flatMap(({ entries }) => entries)) {
      const type = String(entry.get('type'))
      names.set(type, new Set([...(names.get(type) ?? []), ...entry.keys()]))
      for (const part of partsOf(entry))
        names.set('part', new Set([...(names.get('part') ?? []), ...part.keys()]))
    }
    expect([...(names.get('part') ?? [])].sort()).toEqual(PARTS)
    for (const [type, fields = []] of document.entries) {
      expect(names.get(type)).toEqual(new Set(['type', ...fields.map(({ name }) => name)]))
    }
    const tags = new Set<string>()
    for (const bytes of valuesIn([...sums.values()])) decodeBytes(bytes, kind => tags.add(kind))
    expect([...tags]).toEqual(expect.arrayContaining([...document.tags]))
  })

  test('leads from status to status as the document says', () => {
    const table = [...document.statuses].map(([status, to]) => [status, Object.fromEntries(to)])
    expect(Object.fromEntries(table)).toEqual(lifecycle)
  })
})

describe('what holds the rows together', () => {
  test('commits are dense and chained, and list every record that was not removed', () => {
    const listed = new Map<string, number>()
    const removed: Item[] = []
    // The journal was collected once: the chain goes on from what was trimmed.
    const trimmed = mapOf(mapOf(of('meta')[0]?.body ?? null).get('trimmed') ?? null)
    const base = Number(trimmed.get('commit'))
    expect(base).toBeGreaterThan(1)
    let chain: Uint8Array = bytesOf(trimmed.get('chain') ?? null)
    let times = [0, 0, 0]
    for (const [index, row] of of('commit').entries()) {
      expect([field(row, 'commit'), Number(row.names.commit)]).toEqual([
        base + index + 1,
        base + index + 1,
      ])
      expect(Buffer.from(bytesOf(field(row, 'prev')))).toEqual(Buffer.from(chain))
      chain = hash16(row.value)
      const now = [row.epoch, Number(field(row, 'at')), Number(field(row, 'elapsed'))]
      expect(now.every((time, at) => time >= (times[at] ?? 0))).toBe(true)
      times = now
      for (const run of listOf(mapOf(row.body).get('removed') ?? [])) {
        removed.push(run)
        for (const key of listed.keys()) if (key.startsWith(`e!${String(run)}!`)) listed.delete(key)
      }
      for (const [run, seq, check] of listOf(field(row, 'records')).map(listOf)) {
        listed.set(`e!${String(run)}!${String(seq).padStart(10, '0')}`, Number(check))
      }
    }
    expect(removed).toEqual(written.removed)
    const found = of('record').map(({ key, check }) => [key, check] as const)
    expect(new Map(found)).toEqual(new Map([...listed].sort()))
  })

  test('each opening begins with a commit without records, in an epoch of its own', () => {
    // The commit that the first opening began with was trimmed.
    const firsts = of('commit').filter(
      (row, at, all) => (all[at - 1]?.epoch ?? row.epoch) < row.epoch,
    )
    expect(firsts.map(row => row.epoch)).toEqual([2, 3, 4])
    expect(written.openings).toBe(4)
    for (const row of firsts) expect(field(row, 'records')).toEqual([])
    expect(of('meta').map(row => [row.epoch, field(row, 'id')])).toEqual([[1, 'J']])
  })

  test('the anchor names the newest commit', async () => {
    const anchors = await Promise.all(['ANCHOR.a', 'ANCHOR.b'].map(readAnchor))
    const [newest] = anchors.sort((a, b) => Number(b.turn) - Number(a.turn))
    const row = of('commit').at(-1)
    const chain = Buffer.from(hash16(row?.value ?? new Uint8Array())).toString('hex')
    const commit = field(row, 'commit')
    expect(newest).toEqual({ turn: expect.any(Number), epoch: 4, commit, chain, clean: true })
  })
})

describe('what is derived', () => {
  test('heads say what the records add up to', () => {
    for (const [run, { head, hasEnded }] of sums) {
      const own = of('head').filter(row => runOf(row) === run)
      expect(own.map(row => row.key)).toEqual([`${hasEnded ? 'z' : 'a'}!${run}`])
      expect(own[0]?.body).toEqual(head)
    }
    expect(of('head')).toHaveLength(sums.size)
  })

  test('so do the rows of ended runs, of timers, and the digests of the newest commit', () => {
    const all = [...sums]
    const ended = all.flatMap(([run, { endedAt }]) =>
      endedAt === undefined ? [] : [`f!${String(endedAt).padStart(16, '0')}!${run}`],
    )
    const timers = all.flatMap(([run, sum]) => sum.timers.map(key => key.replace('<run>', run)))
    expect(new Set(timers.map(key => key.slice(0, 4)))).toEqual(new Set(['t!e!', 't!w!']))
    expect(of('empty').map(({ key }) => key)).toEqual([...ended, ...timers].sort())
    const active = all.flatMap(([run, { hasEnded }]) => (hasEnded ? [] : [`a!${run}`]))
    const newest = of('commit').at(-1)
    expect(field(newest, 'active')).toEqual(digestOf(active))
    expect(field(newest, 'timers')).toEqual(digestOf(timers))
    const schedules = of('schedule').map(({ key, check }) => `${key}/${check}`)
    expect(schedules).toHaveLength(1)
    expect(field(newest, 'schedules')).toEqual(digestOf(schedules))
  })

  test('so do the rows of lanes, slots and gatherings; states of limits are as the newest commit says', () => {
    const rows = [...sums].flatMap(([run, { admission }]) =>
      [...admission].map(([key, body]) => [key.replace('<run>', run), body] as const),
    )
    const found = [...of('queued'), ...of('held')].map(({ key, body }) => [key, body] as const)
    expect(new Map(found)).toEqual(new Map(rows))
    expect(new Set(found.map(([key]) => key.slice(0, 2)))).toEqual(new Set(['q!', 'h!']))
    const newest = of('commit').at(-1)
    expect(field(newest, 'admission')).toEqual(digestOf(rows.map(([key]) => key)))
    const limits = of('limit')
    expect(limits.map(({ names }) => names.id)).toEqual([escaped(RATE)])
    expect(limits.map(({ body }) => body)).toEqual([new Map([['at', 2]])])
    expect(field(newest, 'limits')).toEqual(digestOf(limits.map(row => `${row.key}/${row.check}`)))
    const places = [...sums.values()].flatMap(({ entries }) =>
      entries.flatMap(entry => (entry.has('place') ? [entry.get('place')] : [])),
    )
    expect(places.sort()).toEqual([...places.keys()])
    expect(mapOf(field(newest, 'counts')).get('queued')).toBe(places.length)
  })
})

describe('what is never stored', () => {
  test('is derived from the seed and the records', () => {
    const entries = (sums.get('drawn')?.entries ?? []).map(plainEntry)
    const [{ seed }] = entries as [{ seed: string }]
    const last = recordsOf('drawn').at(-1)
    expect(seed).toMatch(/^J\/\d+\/drawn$/)
    expect(entries.at(-1)).toEqual({
      type: 'run.completed',
      output: {
        key: keyOf(hash(seed, 'step', 'key')),
        random: hash(seed, 'draw', 0).readUIntBE(0, 6) / 2 ** 48,
        uuid: uuidOf(hash(seed, 'draw', 1)),
        now: field(last, 'at'),
      },
    })
  })
})

const PARTS = [
  'after',
  'data',
  'due',
  'event',
  'id',
  'key',
  'literals',
  'name',
  'parent',
  'program',
  'run',
  'seq',
  'ts',
  'until',
  'v',
]

/** The maps in an entry. */
const partsOf = (entry: ItemMap): ItemMap[] =>
  [...entry.values()].flat().filter(item => item instanceof Map)

const OF_RECORD = ['run', 'seq', 'at', 'elapsed']

/** An entry without what its record says. */
const own = (entry: RunEntry): object =>
  Object.fromEntries(Object.entries(entry).filter(([name]) => !OF_RECORD.includes(name)))

const valuesIn = (all: readonly Sum[]): Uint8Array[] =>
  all.flatMap(({ entries }) =>
    entries.flatMap(entry => [...entry.values()].filter(item => item instanceof Uint8Array)),
  )

const hash16 = (bytes: Uint8Array): Uint8Array =>
  createHash('sha256').update(bytes).digest().subarray(0, 16)

function bytesOf(item: Item): Uint8Array {
  if (item instanceof Uint8Array) return item
  throw new Error('bytes are missing')
}

async function readAnchor(name: string): Promise<Record<string, unknown>> {
  const text = await readFile(join(dir, name), 'latin1')
  const [, crc, content = ''] = /^([0-9a-f]{8}) (\{.*\}) *\n$/.exec(text) ?? []
  expect([text.length, Number.parseInt(crc ?? '', 16)]).toEqual([512, crc32(content)])
  return JSON.parse(content)
}
