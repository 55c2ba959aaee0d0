import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dump } from '../../journal/dump.ts'
import { openReader } from '../../journal/open-reader.ts'
import { hash } from './format-chance.ts'
import type { Sum } from './format-fold.ts'
import { writeJournal } from './format-journal.ts'
import type { Item } from './format-msgpack.ts'
import { digestOf, field, plainEntry, type Reading, readJournal } from './format-reading.ts'
import { listOf, mapOf, type Row } from './format-rows.ts'

/* What the second reader finds of events, and of those who wait for them. */

let dir: string
let sums: ReadonlyMap<string, Sum>
let of: Reading['of']

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'perdure-format-'))
  await writeJournal(dir)
  ;({ sums, of } = await readJournal(dir))
}, 60_000)

afterAll(() => rm(dir, { recursive: true, force: true }))

describe('events', () => {
  test('lie in inboxes as long as their runs have not taken them', () => {
    const waiting = new Map<string, number>()
    for (const row of of('commit')) {
      for (const [run, n, check] of listIn(row, 'posted'))
        waiting.set(inboxKey(run, n), Number(check))
      for (const [run, n] of listIn(row, 'taken')) waiting.delete(inboxKey(run, n))
    }
    const found = of('input')
    expect(found.map(({ key, check }) => [key, check])).toEqual([...waiting].sort())
    expect(field(of('commit').at(-1), 'inbox')).toEqual(digestOf([...waiting.keys()]))
    const events = new Set(of('event').map(({ key }) => key))
    const types = found.map(row => field(row, 'type'))
    expect(new Set(types)).toEqual(new Set(['event.delivered', 'run.cancel_requested']))
    for (const row of found) {
      const event = field(row, 'row')
      if (event !== null) expect(events).toContain(event)
    }
  })

  test('are those that the commits list, each under its name and time', () => {
    const listed = (name: string): string[] =>
      of('commit')
        .flatMap(row => listIn(row, name))
        .map(([key, check]) => `${String(key)}/${String(check)}`)
    const [stored, forgotten] = [listed('events'), listed('forgotten')]
    const found = of('event').map(({ key, check }) => `${key}/${check}`)
    const kept = stored.filter(mark => !forgotten.includes(mark))
    expect(found).toEqual(expect.arrayContaining(kept))
    // The commit that stored the first one was trimmed; it was removed later.
    const early = [...found, ...forgotten].filter(mark => !stored.includes(mark))
    expect(early).toHaveLength(1)
    const trimmed = mapOf(mapOf(of('meta')[0]?.body ?? null).get('trimmed') ?? null)
    expect(trimmed.get('events')).toEqual(digestOf(early))
    for (const row of of('event')) {
      expect(decodeURIComponent(row.names.name ?? '')).toBe(field(row, 'name'))
      expect(`v!${row.names.name}!${row.names.at}!${row.names.n}`).toBe(row.key)
    }
    const gone = forgotten.map(mark => Number(/!(\d{16})\/\d+$/.exec(mark)?.[1]))
    const numbers = [...of('event').map(({ names }) => Number(names.n)), ...gone]
    expect(numbers.sort((a, b) => a - b)).toEqual([...numbers.keys()])
    const counts = mapOf(field(of('commit').at(-1), 'counts'))
    expect(counts.get('events')).toBe(numbers.length)
    const posted = of('commit').flatMap(row => listIn(row, 'posted'))
    expect(counts.get('inputs')).toBe(posted.length)
  })

  test('are known by the ids that their senders gave them', () => {
    const known = of('known').map(row => [decodeURIComponent(row.names.id ?? ''), field(row, 'at')])
    const at = (id: string): number =>
      Number(of('event').find(row => field(row, 'id') === id)?.names.at)
    expect(known).toEqual(['far!', 'given'].map(id => [id, at(id)]))
  })
})

test('rows say what open waits and cancellations listen for', () => {
  const waits = [...sums].flatMap(([run, sum]) =>
    [...sum.waits].map(([key, body]) => [key.replace('<run>', run), body] as const),
  )
  expect(new Set(waits.map(([, body]) => body.get('kind')))).toEqual(new Set(['wait', 'cancel']))
  expect(new Map(of('wait').map(({ key, body }) => [key, body]))).toEqual(new Map(waits))
  expect(field(of('commit').at(-1), 'waits')).toEqual(digestOf(waits.map(([key]) => key)))
})

test('ids of events that steps send are derived from the seed', () => {
  const entries = (sums.get('sending')?.entries ?? []).map(plainEntry)
  const sent = entries.flatMap(entry => ('events' in entry ? [entry.events] : []))
  const [{ seed }] = entries as [{ seed: string }]
  const id = (step: string, n: number): string =>
    `evt_${hash(seed, 'event', step, n).toString('hex', 0, 16)}`
  expect(sent).toEqual([
    [
      { name: 'app/signed-up', id: id('both', 0) },
      { name: 'app/paid', id: id('both', 1) },
    ],
    [{ name: 'app/profile.completed', id: id('one', 0) }],
  ])
})

const listIn = (row: Row, name: string): (readonly Item[])[] =>
  listOf(mapOf(row.body).get(name) ?? []).map(listOf)

const inboxKey = (run: Item | undefined, n: Item | undefined): string =>
  `b!${String(run)}!${String(n).padStart(16, '0')}`

test('a dump says of each entry what its record does', async () => {
  const opened = await openReader(dir)
  const lines: Record<string, unknown>[] = []
  try {
    const pieces: string[] = []
    for await (const piece of dump(opened)) pieces.push(piece)
    for (const line of pieces.join('').trimEnd().split('\n')) lines.push(JSON.parse(line))
  } finally {
    await opened.close()
  }
  const entries = lines.filter(({ kind }) => kind === 'entry')
  const expected = [...sums].flatMap(([run, sum]) =>
    sum.entries.map((entry, seq) => ({ run, seq, entry })),
  )
  expect(entries).toHaveLength(expected.length)
  for (const { run, seq, entry } of expected) {
    const line = entries.find(line => line.run === run && line.seq === seq) ?? {}
    const common = ['kind', 'run', 'seq', 'record', 'at', 'elapsed']
    const own = Object.entries(line).filter(([name]) => !common.includes(name))
    const facts = Object.fromEntries(own)
    expect(new Set(namesIn(facts))).toEqual(new Set(namesIn(entry)))
  }
})

const VALUES = ['data', 'error', 'output', 'value', 'report', 'literals']

/** All names of facts, with those inside of others, but not what is in values. */
function namesIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(namesIn)
  if (typeof part !== 'object' || part === null) return []
  const facts: [string, unknown][] = part instanceof Map ? [...part] : Object.entries(part)
  return facts.flatMap(([name, fact]) =>
    VALUES.includes(name) ? [name] : [name, ...namesIn(fact)],
  )
}
