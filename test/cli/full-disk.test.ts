import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { JournalError } from '../../journal/error.ts'
import { orNoRoom } from '../../journal/leveldb/no-room.ts'
import { run } from '../../src/cli/program.ts'
import { sampleEngine } from '../journal/sample.ts'
import { perdure, silentIo } from './perdure.ts'

/** What fails, and with which error of the system. */
const failing = vi.hoisted((): { call: string; errno: string } => ({ call: '', errno: '' }))

vi.mock('node:fs/promises', async original => {
  const real = await original<typeof import('node:fs/promises')>()
  const failed = (call: string) => failing.call === call && systemError(failing.errno)
  return {
    ...real,
    copyFile: async (...args: Parameters<typeof real.copyFile>) => {
      const error = failed('copyFile')
      if (error) throw error
      return real.copyFile(...args)
    },
    open: async (...args: Parameters<typeof real.open>) => {
      const error = /ANCHOR/.test(String(args[0])) && failed('open')
      if (error) throw error
      return real.open(...args)
    },
  }
})

function systemError(code: string): Error {
  const what = code === 'ENOSPC' ? 'no space left on device' : 'broken'
  return Object.assign(new Error(`${code}: ${what}, write`), { code })
}

let root: string
let journal: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-full-'))
  journal = join(root, 'journal')
  const { engine } = await sampleEngine({ path: journal })
  await engine.close()
})

afterAll(() => rm(root, { recursive: true, force: true }))

beforeEach(() => {
  failing.call = ''
})

/** Takes some, and then fails, as a stream does that writes to a file. */
function refusing(code: string, room = 0): Writable {
  let left = room
  return new Writable({
    decodeStrings: false,
    highWaterMark: 16,
    write(piece, _, done) {
      left -= String(piece).length
      done(left < 0 ? systemError(code) : null)
    },
  })
}

describe('where stdout takes no more', () => {
  test.each([
    ['list', 0, 1],
    ['list -o ndjson', 100, 1],
    ['stats --plain', 0, 1],
    ['show a-greeting', 0, 1],
    ['events a-greeting', 50, 1],
    ['tail --no-follow', 200, 1],
    ['dump', 0, 1],
    ['dump --json', 500, 1],
    ['verify', 0, 1],
    ['doctor', 0, 1],
    ['explain', 0, 1],
    ['schema', 0, 1],
    ['--help', 0, 1],
    ['list --help', 0, 1],
    ['--version', 0, 1],
    ['show nobody', 0, 3],
  ])('%s says so', async (line, room, status) => {
    const out = refusing('ENOSPC', room)
    const args = [...line.split(' '), ...(line.startsWith('-') ? [] : ['-d', journal])]
    const said = await perdure(args, { scratch: root, out })
    expect(said.status).toBe(status)
    if (status !== 1) return expect(said.err).not.toContain('stdout')
    expect(said.err).toContain('stdout cannot be written: ENOSPC: no space left')
    expect(said.err).toMatch(/( {2}|"hint":")Free some space there\. .*\n$/)
    expect(await readdir(root)).toEqual(['journal'])
  })

  test('programs are told in JSON', async () => {
    const said = await perdure(['list', '-d', journal, '--json', '-q'], {
      ...{ scratch: root, out: refusing('EIO') },
    })
    expect(said.status).toBe(1)
    const facts = { stream: 'stdout', errno: 'EIO' }
    expect(JSON.parse(said.err)).toMatchObject({ code: 'WRITE_FAILED', facts, exit: 1 })
  })

  test('nothing is left behind on a stream that many commands write to', async () => {
    const warned: string[] = []
    const onWarning = ({ message }: Error): void => void warned.push(message)
    process.on('warning', onWarning)
    const io = silentIo(root)
    for (let n = 0; n < 12; n++) expect(await run(['explain', 'poison'], io)).toBe(0)
    await new Promise(resolve => setImmediate(resolve))
    process.off('warning', onWarning)
    expect(warned).toEqual([])
  })

  test('another failure keeps its status', async () => {
    const args = ['diff', 'a-greeting', 'e-broken', '-d', journal]
    expect((await perdure(args, { scratch: root })).status).toBe(6)
    const said = await perdure(args, { scratch: root, out: refusing('ENOSPC') })
    expect(said.status).toBe(6)
    expect(said.err).toContain('stdout cannot be written')
  })

  test.each(['list', 'dump --json', '--help'])('%s ends quietly when nobody reads', async line => {
    const args = [...line.split(' '), '-d', journal]
    const said = await perdure(args, { scratch: root, out: refusing('EPIPE') })
    expect({ status: said.status, err: said.err.replace(/^\d+ runs.*\n/, '') }).toEqual({
      ...{ status: 0, err: '' },
    })
  })
})

describe('where files cannot be written', () => {
  test.each(['list', 'verify', 'dump', 'stats'])(
    'a scratch directory that there is not is named by %s',
    async line => {
      const scratch = join(root, 'nowhere')
      const said = await perdure([...line.split(' '), '-d', journal, '--json'], {
        ...{ scratch, cwd: root },
      })
      expect(said.status).toBe(1)
      expect(JSON.parse(said.err)).toMatchObject({
        code: 'WRITE_FAILED',
        hint: 'There is no such directory: create it. TMPDIR names another place for it.',
        facts: { place: scratch, errno: 'ENOENT' },
      })
    },
  )

  test.each(['list', 'verify', 'dump --json'])('%s needs room for a copy', async line => {
    Object.assign(failing, { call: 'copyFile', errno: 'ENOSPC' })
    const args = [...line.split(' '), '-d', journal, '--json']
    const said = await perdure(args, { scratch: root })
    expect(said).toMatchObject({ status: 1, out: '' })
    const told = JSON.parse(said.err)
    expect(told).toMatchObject({ code: 'JOURNAL_UNUSABLE', facts: { errno: 'ENOSPC' }, exit: 1 })
    expect(told.message).toMatch(/journal cannot be copied .*: no space is left\.$/)
    expect(told.hint).toMatch(/^Free some space there, .*TMPDIR/)
    failing.call = ''
    expect(await readdir(root)).toEqual(['journal'])
  })

  test('load needs room for the journal', async () => {
    const { out } = await perdure(['dump', '-d', journal, '--json'], { scratch: root })
    const { Readable } = await import('node:stream')
    Object.assign(failing, { call: 'open', errno: 'ENOSPC' })
    const into = join(root, 'loaded')
    const input = Readable.from([Buffer.from(out)])
    const said = await perdure(['load', '-', '--into', into, '--json'], { scratch: root, input })
    expect(said).toMatchObject({ status: 1, out: '' })
    expect(JSON.parse(said.err)).toMatchObject({
      ...{ code: 'JOURNAL_UNUSABLE', facts: { dir: into, errno: 'ENOSPC' } },
      hint: expect.stringContaining('Free some space'),
    })
    if (existsSync(into)) expect(await readdir(into)).toEqual([])
  })

  test('what LevelDB says of it is understood, and nothing else is taken for it', () => {
    const writing = { problem: 'cannot be written', elsewhere: 'do without' }
    const told = (error: unknown) => orNoRoom('/data', writing, error)
    const cause = new Error('IO error: /data/000005.ldb: No space left on device')
    const failed = new Error('Database failed to open', { cause })
    expect(told(failed)).toMatchObject({ code: 'JOURNAL_UNUSABLE', facts: { errno: 'ENOSPC' } })
    expect(told(systemError('EDQUOT'))).toMatchObject({ facts: { errno: 'EDQUOT' } })
    const quoted = { hint: '', cause }
    for (const other of [
      systemError('ENOENT'),
      new Error('Database failed to open'),
      new JournalError('JOURNAL_CORRUPT', 'No space left on device', quoted),
    ])
      expect(told(other)).toBe(other)
  })
})
