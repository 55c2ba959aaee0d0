import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { Level } from 'level'
import { openEngine, type WorkflowContext, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromTaggedJson } from '../../journal/codec/json.ts'
import { speakerFor } from '../journal/leveldb/second-process.ts'
import { sampleEngine } from '../journal/sample.ts'
import { type Circumstances, perdure, type Said } from './perdure.ts'

let root: string
let scratch: string
let journal: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-dump-'))
  journal = join(root, 'journal')
  scratch = join(root, 'scratch')
  await mkdir(scratch)
  const { engine } = await sampleEngine({ path: journal })
  await engine.close()
})

afterAll(() => rm(root, { recursive: true, force: true }))

async function dump(args: readonly string[], circumstances: object = {}): Promise<Said> {
  const all: Circumstances = { scratch, ...circumstances }
  const said = await perdure(['dump', ...args], all)
  expect(await readdir(scratch), 'the copy is removed').toEqual([])
  return said
}

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)

test('every run reads like a story', async () => {
  const { status, out, err } = await dump([journal])
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    a-greeting  greeting  completed  5 entries
       0  2030-01-01T00:00:00.000Z  run.scheduled         { name: 'Ada' }
       1  2030-01-01T00:00:00.000Z  run.started
       2  2030-01-01T00:00:00.000Z  step.scheduled        compose
       3  2030-01-01T00:00:00.000Z  step.succeeded        compose  'Hello Ada'
       4  2030-01-01T00:00:00.000Z  run.completed         'Hello Ada'

    b-payment  payment  completed  7 entries
       0  2030-01-01T00:00:00.000Z  run.scheduled         null
       1  2030-01-01T00:00:00.000Z  run.started
       2  2030-01-01T00:00:00.000Z  step.scheduled        charge
       3  2030-01-01T00:00:00.000Z  step.failed           charge  again in 10s  TypeError: card reader …
       4  2030-01-01T00:00:10.000Z  timer.fired           charge, attempt 1
       5  2030-01-01T00:00:10.000Z  step.succeeded        charge, attempt 1  { charged: 12n, at: 2030-0…
       6  2030-01-01T00:00:10.000Z  run.completed         { charged: 12n, at: 2030-01-01T00:00:00.000Z }

    c-nap  nap  running  6 entries
       0  2030-01-01T00:00:10.000Z  run.scheduled         { long: true }
       1  2030-01-01T00:00:10.000Z  run.started
       2  2030-01-01T00:00:10.000Z  timer.set             short  for 30s
       3  2030-01-01T00:00:40.000Z  timer.fired           short
       4  2030-01-01T00:00:40.000Z  timer.set             new year  until 2031-01-01T00:00:00.000Z
       5  2030-01-01T00:00:40.000Z  timer.set             sleep  for 1d

    d-patient  patient  cancelled  7 entries
       0  2030-01-01T00:00:10.000Z  run.scheduled         null
       1  2030-01-01T00:00:10.000Z  run.started
       2  2030-01-01T00:00:10.000Z  timer.set             sleep  for 1h
       3  2030-01-01T00:00:10.000Z  run.cancel_requested  changed my mind
       4  2030-01-01T00:00:10.000Z  step.scheduled        tidy up  (shielded)
       5  2030-01-01T00:00:10.000Z  step.succeeded        tidy up
       6  2030-01-01T00:00:10.000Z  run.cancelled         changed my mind

    e-broken  broken  failed  3 entries
       0  2030-01-01T00:00:10.000Z  run.scheduled         null
       1  2030-01-01T00:00:10.000Z  run.started
       2  2030-01-01T00:00:10.000Z  run.failed            RangeError: out of range

    f-endless  endless  completed  3 entries
       0  2030-01-01T00:00:10.000Z  run.scheduled         0
       1  2030-01-01T00:00:10.000Z  run.started
       2  2030-01-01T00:00:10.000Z  run.continued         as next-1

    next-1  endless  completed  3 entries
       0  2030-01-01T00:00:10.000Z  run.scheduled         continues f-endless  1
       1  2030-01-01T00:00:10.000Z  run.started
       2  2030-01-01T00:00:10.000Z  run.continued         as next-2

    next-2  endless  completed  3 entries
       0  2030-01-01T00:00:10.000Z  run.scheduled         continues next-1  2
       1  2030-01-01T00:00:10.000Z  run.started
       2  2030-01-01T00:00:10.000Z  run.completed         'enough'
    "
  `)
})

describe('a story', () => {
  test('is of one run only, if it is asked for', async () => {
    const { status, out } = await dump([journal, '--run', 'e-broken'])
    expect(status).toBe(0)
    expect(out.split('\n')).toHaveLength(5)
    expect(out).toMatch(/^e-broken {2}broken {2}failed {2}3 entries\n/)
  })

  test('is cut to the width of the terminal, and says so', async () => {
    const { out } = await dump([journal, '--run', 'b-payment'], { columns: 80 })
    const lines = out.trimEnd().split('\n')
    expect(Math.max(...lines.map(line => line.length))).toBe(80)
    expect(lines[4]).toBe(
      '   3  2030-01-01T00:00:00.000Z  step.failed           charge  again in 10s  Typ…',
    )
  })

  test('has colours where they are wanted, and is the same without them', async () => {
    const { out } = await dump([journal])
    const { out: colored } = await dump([journal], { colors: true })
    expect(colored).toContain('\u001b[32mcompleted\u001b[39m')
    expect(stripVTControlCharacters(colored)).toBe(out)
  })
})

describe('with --json', () => {
  test('it is an object a line between header and trailer, in a stable order', async () => {
    const { status, out, err } = await dump([journal, '--json'])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    const [header, ...rest] = linesOf(out)
    const trailer = rest.pop()
    expect(header).toEqual({
      kind: 'header',
      format: 2,
      journal: 'sample',
      createdAt: Date.UTC(2030, 0, 1),
      durability: 'fsync',
      epoch: 1,
      commit: 16,
      chain: expect.stringMatching(/^[0-9a-f]{32}$/),
      at: Date.UTC(2030, 0, 1) + 40_000,
      elapsed: Date.UTC(2030, 0, 1) + 40_000,
      counts: { inputs: 0, events: 0, queued: 0 },
    })
    const sha256 = createHash('sha256')
      .update(out.slice(0, out.lastIndexOf('{"kind":"trailer"')))
      .digest('hex')
    const none = { schedules: 0, limits: 0, events: 0, eventIds: 0, inputs: 0 }
    expect(trailer).toEqual({ kind: 'trailer', runs: 8, entries: rest.length, ...none, sha256 })
    const common = ['kind', 'run', 'seq', 'record', 'at', 'elapsed', 'type']
    for (const entry of rest) expect(Object.keys(entry).slice(0, 7)).toEqual(common)
    const places = rest.map(({ run, seq }) => `${run}/${String(seq).padStart(3, '0')}`)
    expect(places).toEqual([...new Set(places)].sort())
    expect((await dump([journal, '--json'])).out).toBe(out)
  })

  test('entries are as they were recorded', async () => {
    const { out } = await dump([journal, '--json', '--run', 'b-payment'])
    const [header, ...rest] = linesOf(out)
    expect(header).toMatchObject({ kind: 'header', run: 'b-payment' })
    expect(rest.pop()).toMatchObject({ kind: 'trailer', runs: 1, entries: 7 })
    const failed = { ...rest[3] }
    const { error } = failed
    expect(JSON.stringify({ ...failed, error: null })).toBe(
      '{"kind":"entry","run":"b-payment","seq":3,"record":3,"at":1893456000000,"elapsed":1893456000000,' +
        '"type":"step.failed","of":2,"attempt":0,"error":null,"retryAt":1893456010000}',
    )
    expect(fromTaggedJson(error)).toEqual(new TypeError('card\nreader is offline'))
  })

  test('values that JSON does not have are tagged', async () => {
    const { out } = await dump([journal, '--json', '--run', 'b-payment'])
    const { output } = linesOf(out)[7] ?? {}
    expect(output).toEqual({
      charged: { $: ['bigint', 'c'] },
      at: { $: ['date', '2030-01-01T00:00:00.000Z'] },
    })
    expect(fromTaggedJson(output)).toEqual({ charged: 12n, at: new Date(Date.UTC(2030, 0, 1)) })
  })
})

test('a run that is not there is an error of its own', async () => {
  const { status, out, err } = await dump([journal, '--run', 'nobody'])
  expect({ status, out }).toEqual({ status: 3, out: '' })
  expect(err).toContain(`There is no run "nobody" in ${journal}.`)
})

describe('damage', () => {
  let damaged: string

  beforeAll(async () => {
    damaged = join(root, 'damaged')
    await mkdir(damaged)
    for (const file of await readdir(journal)) {
      await copyFile(join(journal, file), join(damaged, file))
    }
    const db = new Level<string, Buffer>(damaged, { valueEncoding: 'buffer' })
    const key = 'e!d-patient!0000000003'
    const value = (await db.get(key))!
    value[80]! ^= 1
    await db.put(key, value)
    await db.close()
  })

  test('ends a dump, which shows all before it and no trailer', async () => {
    const { status, out, err } = await dump([damaged, '--json'])
    expect(status).toBe(5)
    expect(JSON.parse(err).message).toContain(
      '"e!d-patient!0000000003": its checksum does not fit its bytes',
    )
    const lines = linesOf(out)
    expect(lines.at(-1)).toMatchObject({ kind: 'entry', run: 'd-patient', seq: 2 })
    const whole = linesOf((await dump([journal, '--json'])).out)
    expect(lines.slice(1)).toEqual(whole.slice(1, lines.length))
  })

  test('ends a story', async () => {
    const { status, out, err } = await dump([damaged])
    expect(status).toBe(5)
    expect(err).toContain('its checksum does not fit its bytes')
    expect(out).toMatch(/^ {3}2 .* timer\.set {13}sleep {2}for 1h\n$/m)
    expect(out).not.toContain('e-broken')
  })

  test('does not hide the other runs', async () => {
    const { status, out } = await dump([damaged, '--run', 'e-broken'])
    expect(status).toBe(0)
    expect(out).toContain('RangeError: out of range')
  })

  test('shows if a record is gone', async () => {
    const db = new Level<string, Buffer>(damaged, { valueEncoding: 'buffer' })
    await db.del('e!b-payment!0000000004')
    await db.close()
    const { status, err } = await dump([damaged, '--json', '--run', 'b-payment'])
    expect(status).toBe(5)
    expect(err).toContain('it does not follow the record before it, which ends at 4')
  })

  test('shows if it is at the end of a run', async () => {
    const db = new Level<string, Buffer>(damaged, { valueEncoding: 'buffer' })
    await db.del('e!next-2!0000000001')
    await db.close()
    const { status, err } = await dump([damaged, '--json', '--run', 'next-2'])
    expect(status).toBe(5)
    expect(JSON.parse(err).message).toContain(
      '"e!next-2!0000000001": it is missing: the head counts 3 entries',
    )
  })

  test('shows if it is at the end of a run that others follow', async () => {
    const db = new Level<string, Buffer>(damaged, { valueEncoding: 'buffer' })
    await db.del('e!a-greeting!0000000003')
    await db.close()
    const { status, out, err } = await dump([damaged])
    expect(status).toBe(5)
    expect(out).not.toContain('b-payment')
    expect(err).toContain('"e!a-greeting!0000000003": it is missing: the head counts 5 entries')
  })
})

test('beside a running engine it shows what was committed, and says so', async () => {
  const dir = join(root, 'running')
  const { engine } = await sampleEngine({ path: dir })
  const { status, out, err } = await dump([dir, '--json'])
  expect(status).toBe(0)
  expect(err).toContain(`beside process ${process.pid}`)
  expect(linesOf(out).at(-1)).toMatchObject({ kind: 'trailer', runs: 8, entries: 37 })
  await engine.close()
})

test('after a kill it shows what was committed', async () => {
  const dir = join(root, 'killed')
  const child = speakerFor(
    `const url = process.argv[2]
    const { sampleEngine } = await import(url)
    await sampleEngine({ path: process.argv[1] })
    console.log('ready')
    setInterval(() => {}, 1_000)`,
    dir,
    new URL('../journal/sample.ts', import.meta.url).href,
  )
  expect(await child.line()).toBe('ready')
  child.stop('SIGKILL')
  await child.ended
  const { status, out, err } = await dump([dir])
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(out).toBe((await dump([journal])).out)
})

test('it ends in silence when nobody reads on', async () => {
  let pieces = 0
  const out = new Writable({
    highWaterMark: 1,
    write(_piece, _encoding, done) {
      pieces++
      setImmediate(() => done(Object.assign(new Error('broken pipe'), { code: 'EPIPE' })))
    },
  })
  const { status, err } = await dump([journal, '--json'], { out })
  expect({ status, err, pieces }).toEqual({ status: 0, err: '', pieces: 1 })
})

test('a story shows no secrets, unless they are asked for', async () => {
  const dir = join(root, 'secrets')
  const engine = await openEngine({ path: dir, workflows: [tells], secrets: ['card'] })
  await (await engine.start(tells, { card: '4242', name: 'Ada' }, { id: 'tells' })).result()
  await engine.close()
  const { out } = await dump([dir])
  expect(out).not.toContain('4242')
  expect(out).toContain('{card: "‹redacted›", name: "Ada"}')
  expect((await dump([dir, '--show-secrets'])).out).toContain("{ card: '4242', name: 'Ada' }")
  expect((await dump([dir, '--json'])).out).toContain('4242')
})

const tells = workflow(
  { id: 'tells' },
  async ({ event }: WorkflowContext<{ card: string; name: string }>) => ({ ...event.data }),
)
