import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { Level } from 'level'
import { openEngine } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { Progress } from '../../src/cli/progress.ts'
import { loadedRecord, salvagedRecord } from '../../src/cli/records/loaded.ts'
import { collectedRecord } from '../../src/cli/records/sent.ts'
import { findingRecord, verificationRecord } from '../../src/cli/records/verification.ts'
import { handClock } from '../journal/hand-clock.ts'
import { sampleWorkflows } from '../journal/sample.ts'
import { terminal } from './hand-terminal.ts'
import { perdure } from './perdure.ts'
import { placesOf, type Situations, situations } from './situations.ts'

let journals: Situations
let damaged: string
let torn: string

beforeAll(async () => {
  journals = await situations()
  damaged = join(journals.root, 'damaged')
  await cp(journals.killed, damaged, { recursive: true })
  const db = new Level<string, Buffer>(damaged, { valueEncoding: 'buffer' })
  const key = 'e!d-patient!0000000003'
  const value = (await db.get(key))!
  value[80]! ^= 1
  await db.put(key, value)
  await db.close()
  torn = join(journals.root, 'torn')
  await cp(journals.killed, torn, { recursive: true })
  await flipIn(torn, 'e!d-patient!0000000003')
})

/** Damages the files of a journal where they hold a row. LevelDB has been opened only once. */
async function flipIn(dir: string, key: string): Promise<void> {
  const [log = ''] = (await readdir(dir)).filter(name => name.endsWith('.log'))
  const bytes = await readFile(join(dir, log))
  const at = bytes.indexOf(key)
  expect(at).toBeGreaterThan(0)
  bytes[at + 40]! ^= 1
  await writeFile(join(dir, log), bytes)
}

afterAll(() => journals.end())

const lines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

test('a dump is read as its directory is, by its name and from stdin', async () => {
  const args = ['list', '--time=epoch', '--plain']
  const { out } = await journals.run(...args, '-d', journals.killed)
  expect(await journals.run(...args, '-d', journals.dump)).toEqual({
    status: 0,
    out,
    err: '10 runs · 1 failed\n',
  })
  const input = Readable.from([gzipSync(await readFile(journals.dump))])
  const piped = await perdure([...args, '-d', '-'], { scratch: journals.scratch, input })
  expect(piped).toMatchObject({ status: 0, out })
  expect((await journals.run('dump', '--json', '-d', journals.dump)).out).toContain('"trailer"')
})

test('what is no dump, or is cut, says so', async () => {
  const file = join(journals.root, 'cut.ndjson')
  const whole = await readFile(journals.dump, 'utf8')
  await writeFile(file, whole.slice(0, whole.trimEnd().lastIndexOf('\n') + 1))
  const cut = await journals.run('list', '-d', file)
  expect(cut).toMatchObject({ status: 5, out: '', err: expect.stringContaining('is cut') })
  await writeFile(file, 'hello\n')
  expect(await journals.run('list', '-d', file)).toMatchObject({
    ...{ status: 2, out: '' },
    err: expect.stringContaining('is no dump of a journal'),
  })
})

test('an anonymized dump has nothing of what users put in, and loads', async () => {
  const { status, out } = await journals.run('dump', journals.killed, '--anonymize')
  expect(status).toBe(0)
  expect(lines(out)[0]).toMatchObject({ kind: 'header', anonymized: true })
  for (const said of ['Ada', 'changed my mind', 'a-greeting']) expect(out).not.toContain(said)
  expect(out).toContain('compose')
  const file = join(journals.root, 'anonymous.ndjson')
  await writeFile(file, out)
  expect(await journals.run('verify', file)).toMatchObject({ status: 0 })
  expect(
    await journals.run('dump', journals.killed, '--anonymize', '--run', '@failed'),
  ).toMatchObject({
    status: 0,
    out: expect.stringContaining('"anonymized":true'),
  })
  const both = await journals.run(
    'dump',
    journals.killed,
    '--anonymize',
    '--as',
    'vitest',
    '--run',
    'x',
  )
  expect(both).toMatchObject({ status: 2, out: '' })
})

describe('load', () => {
  test('makes a journal that is sound and dumps to the same', async () => {
    const into = join(journals.root, 'loaded')
    const dry = await journals.run('load', journals.dump, '--into', into, '--dry-run', '--json')
    const would = loadedRecord.parse(JSON.parse(dry.out))
    expect(would).toMatchObject({ dryRun: true, journal: 'sample', runs: 10, into })
    expect(dry.err).toBe('Nothing was written. Leave out --dry-run to load it.\n')
    await expect(readdir(into)).rejects.toThrow('ENOENT')

    const { status, out } = await journals.run('load', journals.dump, '--into', into)
    expect({ status, out }).toEqual({
      status: 0,
      out: `loaded 10 runs, ${would.entries} entries into ${into}\n`,
    })
    expect((await journals.run('verify', into)).status).toBe(0)
    const stories = await journals.run('dump', journals.killed)
    expect((await journals.run('dump', into)).out).toBe(stories.out)
  })

  test('refuses a directory that is not empty, with or without --dry-run', async () => {
    const before = await readdir(journals.killed)
    for (const more of [[], ['--dry-run']]) {
      const said = await journals.run('load', journals.dump, '--into', journals.killed, ...more)
      expect(said).toMatchObject({
        status: 2,
        out: '',
        err: expect.stringContaining('is not empty'),
      })
    }
    expect(await readdir(journals.killed)).toEqual(before)
  })

  test('of one run says that it is no journal to run', async () => {
    const file = join(journals.root, 'one.ndjson')
    const args = ['dump', journals.killed, '--run', 'a-greeting', '--json']
    await writeFile(file, (await journals.run(...args)).out)
    const said = await journals.run('load', file, '--into', join(journals.root, 'one'), '--json')
    expect(loadedRecord.parse(JSON.parse(said.out))).toMatchObject({ runs: 1, run: 'a-greeting' })
    expect(said.err).toContain('let no engine run it')
  })

  test.each([
    [['nowhere.ndjson', '--into', 'x'], 3, 'There is no file'],
    [['.', '--into', 'x'], 2, 'It is no file'],
    [['x'], 2, "required option '--into <dir>'"],
  ])('%j is refused', async (args, status, says) => {
    const said = await journals.run('load', ...args)
    expect(said).toMatchObject({ status, out: '', err: expect.stringContaining(says) })
  })
})

describe('salvage', () => {
  test('of a damaged journal saves what can be verified, and says what it could not', async () => {
    const into = join(journals.root, 'saved')
    const { status, out, err } = await journals.run('salvage', torn, '--into', into)
    expect(status).toBe(5)
    expect(
      out.replaceAll(journals.root, '<root>').replace(/byte \d+/, 'byte 5197'),
    ).toMatchInlineSnapshot(`
      "saved what there is: 9 runs whole, 1 cut, 0 lost
        10 runs, 44 entries, 2 events
        into <root>/saved

      CUT RUN    ENTRIES  NOW     WHY
      d-patient        3  parked  its record 3 is gone

      damage in 000003.log, byte 5197: bad checksum
      "
    `)
    expect(err).toContain(`${torn} was not changed.`)
    expect((await journals.run('verify', into)).status).toBe(0)
  })

  test('of a sound one loses nothing', async () => {
    const into = join(journals.root, 'whole')
    const { status, out } = await journals.run('salvage', journals.killed, '--into', into, '--json')
    expect(status).toBe(0)
    const record = salvagedRecord.parse(JSON.parse(out))
    expect(record).toMatchObject({ complete: true, whole: 10, cut: [], lost: [], into })
  })

  test('names a damage once', async () => {
    const into = join(journals.root, 'named')
    const { out } = await journals.run('salvage', torn, '--into', into, '--json')
    expect(salvagedRecord.parse(JSON.parse(out)).damage).toEqual([
      { file: '000003.log', offset: expect.any(Number), why: 'bad checksum' },
    ])
  })

  test('on a terminal shows how far it is, and wipes that away', async () => {
    const { io, text } = terminal({ columns: 80 })
    let now = 1_000
    const scratch = journals.scratch
    const args = ['salvage', journals.killed, '--into', join(journals.root, 'drawn')]
    const status = await run(args, { ...io, scratch, now: () => (now += 60) })
    expect(status).toBe(0)
    const drawn = text().split('\r\u001b[2K')
    expect(drawn[1]).toMatch(/^reading {2}[█░]{20} {2}\d+\/\d+ kB {2}\d+ms$/)
    expect(
      drawn.some(line => /^saving {2}█+░* {2}\d+\/47 entries/.test(line)),
      text(),
    ).toBe(true)
    expect(drawn.at(-1)).toContain('nothing was lost')
  })

  test('a run that is cut goes on when it is retried', async () => {
    const into = join(journals.root, 'mended')
    await journals.run('salvage', torn, '--into', into)
    const clock = handClock(Date.UTC(2030, 0, 2))
    const engine = await openEngine({ path: into, workflows: sampleWorkflows, clock })
    const ask = (...args: readonly string[]) => journals.run(...args, '-d', into)
    expect((await ask('why', 'd-patient')).out).toContain(
      'It is parked with JOURNAL_CORRUPT. Once that is mended: perdure retry d-patient\n',
    )
    expect(await ask('retry', '@parked')).toMatchObject({ out: '✓ d-patient tried again\n' })
    // That it was to be cancelled is what was lost.
    const ended = await ask('wait', 'd-patient', '--exit-status', '--timeout', '30s')
    expect(ended).toMatchObject({ status: 0, err: expect.stringContaining('completed') })
    await engine.close()
    expect((await ask('verify')).status).toBe(0)
    expect((await ask('events', 'd-patient', '--plain')).out).toMatch(
      /run\.parked.*\n(.*\n)*.*run\.unparked(.*\n)*.*tidy up.*\n.*run\.completed/,
    )
  })

  test('leaves a journal alone that an engine has', async () => {
    const into = join(journals.root, 'never')
    const said = await journals.run('salvage', journals.running, '--into', into)
    expect(said).toMatchObject({ status: 4, out: '' })
  })
})

describe('verify', () => {
  test.each([0, 1, 2])('of what is sound (situation %i)', async at => {
    const [, place] = placesOf(journals)[at]!
    const { status, out } = await journals.run('verify', place)
    expect(status).toBe(0)
    expect(out).toMatch(/^sound: 10 runs, \d+ entries, \d+ commits, \d+ bytes\n$/)
  })

  test('tells programs what it found', async () => {
    const { status, out, err } = await journals.run('verify', damaged, '--json')
    expect({ status, err }).toEqual({ status: 5, err: '' })
    const record = verificationRecord.parse(JSON.parse(out))
    expect(record).toMatchObject({ sound: false, journal: damaged, read: { runs: 10 } })
    expect(record.findings).toContainEqual(
      expect.objectContaining({ place: 'e!d-patient!0000000003' }),
    )
    const each = await journals.run('verify', damaged, '-o', 'ndjson')
    const last = lines(each.out).at(-1)
    const findings = lines(each.out)
      .slice(0, -1)
      .map(line => findingRecord.parse(line))
    expect(findings).toHaveLength(record.found)
    expect(verificationRecord.parse(last)).toMatchObject({ found: record.found })
  })

  test('tells people what to do', async () => {
    const { err } = await journals.run('verify', damaged)
    expect(err).toContain('\n  Nothing was changed. Keep it as it is,')
    expect(err).toContain(`perdure salvage ${damaged} --into <new>\n`)
  })
})

describe('gc without an engine', () => {
  let old: string
  const gc = (...args: readonly string[]) => journals.run('gc', '-d', old, ...args)
  const left = async () => lines((await journals.run('list', '-d', old, '-o', 'ndjson')).out).length

  beforeAll(async () => {
    old = join(journals.root, 'old')
    await cp(journals.killed, old, { recursive: true })
  })

  test('is told what is old, looks first, and asks', async () => {
    const said = await gc()
    expect(said).toMatchObject({ status: 2, err: expect.stringContaining('--older-than 30d') })
    const would = await gc('--older-than', '25s', '--dry-run')
    expect(would).toMatchObject({ status: 0, out: '7 runs would be removed\n' })
    const asked = await gc('--older-than', '25s')
    expect(asked).toMatchObject({ status: 2, out: '', err: expect.stringContaining('--yes') })
    expect(await left()).toBe(10)
  })

  test('removes what is old, and no more', async () => {
    const { status, out } = await gc('--older-than', '25s', '--status', 'failed,cancelled', '--yes')
    expect({ status, out }).toEqual({ status: 0, out: 'removed 2 runs, 4 records, 0 events\n' })
    const rest = await gc('--older-than', '25s', '--yes', '--json')
    expect(collectedRecord.parse(JSON.parse(rest.out))).toMatchObject({ runs: 5, events: 0 })
    expect(await left()).toBe(3)
    expect((await journals.run('verify', old)).status).toBe(0)
    expect((await gc('--older-than', '25s')).out).toBe('removed 0 runs, 0 records, 0 events\n')
  })

  test('is of a directory only, and not while an engine has it', async () => {
    const args = ['gc', '--older-than', '25s', '--yes', '-d']
    expect(await journals.run(...args, journals.dump)).toMatchObject({ status: 4, out: '' })
  })
})

describe('progress', () => {
  const drawn = (globals: object, isTTY: boolean, env = {}) => {
    const { io, text, advance } = terminal({ isTTY, env, columns: 60 })
    const progress = new Progress({ io, globals }, 'checking')
    progress.at(1, 10)
    advance(150)
    progress.at(1_500, 3_000, 'kB')
    progress.at(1_600, 3_000, 'kB')
    advance(99)
    progress.at(1_700, 3_000, 'kB')
    advance(1)
    progress.at(3_000, 3_000, 'kB')
    progress.clear()
    progress.clear()
    return text()
  }

  test('is one line that is drawn again, ten times a second, and cleared', () => {
    expect(drawn({}, true).split('\r\u001b[2K')).toEqual([
      '',
      'checking  ██████████░░░░░░░░░░  1,500/3,000 kB  150ms',
      'checking  ████████████████████  3,000/3,000 kB  250ms',
      '',
    ])
    expect(drawn({ ascii: true }, true)).toContain('##########..........')
    expect(drawn({ width: 40 }, true)).toContain('checking  ██████████░░░░░░░░░░  1,500/…\r')
  })

  test('is not shown with --quiet, on a dumb terminal, and elsewhere', () => {
    expect(drawn({ quiet: true }, true)).toBe('')
    expect(drawn({}, true, { TERM: 'dumb' })).toBe('')
    expect(drawn({}, false)).toBe('')
  })
})
