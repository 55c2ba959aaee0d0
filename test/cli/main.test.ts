import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Level } from 'level'
import { openEngine, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { speakerFor } from '../journal/leveldb/second-process.ts'
import { sampleEngine } from '../journal/sample.ts'
import { perdure as inProcess, type Said } from './perdure.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

let root: string
let journal: string
let damaged: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-main-'))
  journal = join(root, 'journal')
  damaged = join(root, 'damaged')
  const { engine } = await sampleEngine({ path: journal })
  await engine.close()
  await mkdir(damaged)
  for (const file of await readdir(journal)) {
    await copyFile(join(journal, file), join(damaged, file))
  }
  const db = new Level<string, string>(damaged)
  await db.del('z!e-broken')
  await db.del('f!0001893456010000!e-broken')
  await db.close()
})

afterAll(() => rm(root, { recursive: true, force: true }))

const perdure = (...args: readonly string[]): Promise<Said> => inProcess(args, { scratch: root })

function inChild(
  ...args: readonly string[]
): Promise<{ status: number; out: string; err: string }> {
  return new Promise(resolve => {
    const node = ['--import', 'tsx', main, ...args]
    execFile(process.execPath, node, (error, out, err) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, out, err })
    })
  })
}

describe('verify', () => {
  test('of a sound journal says how much it read', async () => {
    const { status, out, err } = await perdure('verify', journal)
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out).toMatch(/^sound: 8 runs, 37 entries, 16 commits, \d+ bytes\n$/)
  })

  test('of a damaged one has a line for each finding', async () => {
    const { status, out, err } = await perdure('verify', damaged)
    expect(status).toBe(5)
    expect(out).toBe(
      'z!e-broken: it is missing: there are records of its run\n' +
        'f!0001893456010000!e-broken: it is missing: its run has ended\n',
    )
    expect(err).toMatch(/^perdure: damaged: 2 findings; in 8 runs/)
  })

  test('of no journal fails, with what to do', async () => {
    const { status, out, err } = await perdure('verify', join(root, 'nowhere'))
    expect({ status, out }).toEqual({ status: 3, out: '' })
    expect(err).toMatch(/^perdure: There is no journal .*nowhere\.\n {2}Name the directory of one/)
    const salvaged = await perdure('salvage', join(root, 'nowhere'), '--into', join(root, 'saved'))
    expect(salvaged.status).toBe(3)
  })

  test('what is no directory cannot be salvaged', async () => {
    const file = join(root, 'file.ndjson')
    await writeFile(file, 'x')
    const { status, err } = await perdure('salvage', file, '--into', join(root, 'saved'))
    expect(status).toBe(2)
    expect(err).toContain('file.ndjson is a file: only directories can be salvaged.')
  })
})

describe('a journal whose end is lost', () => {
  let lost: string
  const MISSING =
    /^perdure: The journal .*lost ends at commit (\d+); commit (\d+) was acknowledged\. /

  beforeAll(async () => {
    lost = join(root, 'lost')
    const order = workflow({ id: 'order' }, async () => 'done')
    const engine = await openEngine({ path: lost, workflows: [order] })
    await (await engine.start(order, undefined, { id: 'kept' })).result()
    const log = join(lost, (await readdir(lost)).find(name => name.endsWith('.log')) ?? '')
    await copyFile(log, join(root, 'older.log'))
    await (await engine.start(order, undefined, { id: 'gone' })).result()
    await engine.close()
    await copyFile(join(root, 'older.log'), log)
  })

  test.each([
    'list',
    'stats',
    'show kept',
    'events kept -q',
    'why kept',
    'tail --no-follow --json',
  ])('is read by %s, which says so', async line => {
    const { status, out, err } = await perdure(...line.split(' '), '-d', lost)
    expect(status).toBe(0)
    expect(out).not.toBe('')
    const [, end, acknowledged] = MISSING.exec(err) ?? []
    const missing = Number(acknowledged) - Number(end)
    expect(missing).toBeGreaterThan(0)
    const counted = missing === 1 ? '1 commit is' : `${missing} commits are`
    expect(err).toContain(`At least ${counted} missing.\n`)
  })

  test('is dumped without a trailer, with the status of damage', async () => {
    const { status, out, err } = await perdure('dump', '-d', lost, '--json')
    expect(status).toBe(5)
    expect(out).toContain('"run":"kept"')
    expect(out).not.toContain('"trailer"')
    const told = JSON.parse(err.trimEnd().split('\n').at(-1) ?? '')
    expect(told).toMatchObject({ code: 'JOURNAL_TAIL_LOST', exit: 5 })
    const input = Readable.from([out])
    const loading = await inProcess(['load', '-', '--into', join(root, 'loaded')], {
      ...{ scratch: root, input },
    })
    expect(loading).toMatchObject({ status: 5, out: '' })
    const stories = await perdure('dump', '-d', lost)
    expect(stories.status).toBe(5)
    expect(stories.out).toContain('run.completed')
  })

  test('is no sound one to doctor', async () => {
    const { status, out } = await perdure('doctor', '-d', lost, '--json')
    expect(status).toBe(1)
    const { checks } = JSON.parse(out)
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'journal', status: 'failed', what: expect.any(String) }),
    )
    const sound = JSON.parse((await perdure('doctor', '-d', journal, '--json')).out)
    expect(sound.checks).toContainEqual({
      ...{ name: 'journal', status: 'ok', what: 'opens, and ends at commit 16' },
    })
  })

  test('a log that was cut there was not cut in what nobody was told', async () => {
    const cut = join(root, 'cut')
    await mkdir(cut)
    for (const file of await readdir(lost)) await copyFile(join(lost, file), join(cut, file))
    const log = join(cut, (await readdir(cut)).find(name => name.endsWith('.log')) ?? '')
    await truncate(log, (await stat(log)).size - 20)
    const { err } = await perdure('list', '-d', cut)
    expect(err).toMatch(/commits? (is|are) missing/)
    expect(err).toContain('perdure: the log was cut: ')
    expect(err).not.toContain('not acknowledged')
  })

  test('nor can be told of one whose anchors are damaged', async () => {
    const adrift = join(root, 'adrift')
    await mkdir(adrift)
    for (const file of await readdir(journal))
      await copyFile(join(journal, file), join(adrift, file))
    for (const anchor of ['ANCHOR.a', 'ANCHOR.b']) await writeFile(join(adrift, anchor), 'x')
    const { status, err } = await perdure('list', '-d', adrift)
    expect(status).toBe(0)
    expect(err).toContain('Whether its end is missing cannot be told.')
    expect(await perdure('dump', '-d', adrift)).toMatchObject({ status: 5 })
  })
})

describe('what is not a command', () => {
  test.each([
    [['dmp'], "unknown command 'dmp'\n(Did you mean dump?)"],
    [['dump', 'x', '--jsn'], "unknown option '--jsn'\n(Did you mean --json?)"],
    [['verify', 'a', 'b'], 'too many arguments'],
  ])('%j is refused with a suggestion', async (args, says) => {
    const { status, out, err } = await perdure(...args)
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain(says)
  })

  test.each([
    [['help', 'nope', '--json'], 2, 'USAGE_INVALID', "unknown command 'nope'"],
    [['--json', 'help', 'nope'], 2, 'USAGE_INVALID', "unknown command 'nope'"],
    [['nope', '-o', 'ndjson'], 2, 'USAGE_INVALID', "unknown command 'nope'"],
    [['dump', '--run', 'nope', '--json'], 3, 'RUN_NOT_FOUND', 'There is no run "nope" in '],
    [['dump', '--as', 'vitest', '--json'], 2, 'USAGE_INVALID', ''],
  ])('%j is refused in JSON', async (args, exit, code, says) => {
    const { status, out, err } = await perdure(...args, '-d', journal)
    expect({ status, out }).toEqual({ status: exit, out: '' })
    const told = JSON.parse(err)
    expect(told).toMatchObject({ kind: 'error', code, exit })
    expect(told.message).toContain(says)
    expect(told.hint).not.toBe('')
  })

  test('nor is a journal that is not named', async () => {
    const { status, out, err } = await perdure('dump')
    expect({ status, out }).toEqual({ status: 3, out: '' })
    expect(err).toMatch(/^perdure: No journal is named.*\n {2}Name its directory: -d/)
  })

  test('nothing at all is answered with help', async () => {
    const { status, out, err } = await perdure()
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toMatch(/^Looks into .*\n\nExamples:\n/)
  })
})

test.each([[[]], [['dump']], [['verify']]])('help of %j leads with examples', async args => {
  const { status, out, err } = await perdure(...args, '--help')
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(out).toMatch(/^(Looks into .*\n\n)?Examples:\n {2}perdure /)
})

describe('the process', () => {
  test('prints its version', async () => {
    expect(await inChild('--version')).toEqual({
      status: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: '',
    })
  })

  test('exits with the status of the command', async () => {
    expect(await inChild('verify', damaged)).toMatchObject({ status: 5 })
    const { status, out } = await inChild('dump', journal, '--run', 'a-greeting')
    expect(status).toBe(0)
    expect(out).toMatch(/^a-greeting {2}greeting {2}completed {2}5 entries\n/)
  })

  test('removes its copy when it is told to stop', async () => {
    const child = speakerFor(
      `const url = process.argv[2]
      const { withScratch } = await import(url)
      setInterval(() => {}, 1_000)
      await withScratch(process.argv[1], scratch => {
        console.log(scratch)
        return new Promise(() => {})
      })`,
      root,
      new URL('../../src/cli/scratch.ts', import.meta.url).href,
    )
    const scratch = await child.line()
    expect(existsSync(scratch)).toBe(true)
    child.stop('SIGINT')
    expect(await child.ended).toEqual([null, 'SIGINT'])
    expect(existsSync(scratch)).toBe(false)
  })
})
