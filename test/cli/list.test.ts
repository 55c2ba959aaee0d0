import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runRecord } from '../../src/cli/records/run.ts'
import { runNamed, shownId } from '../../src/cli/run-ref.ts'
import { type Sample, sampleEngine, stuck } from '../journal/sample.ts'
import { perdure, type Said } from './perdure.ts'

const SITUATIONS = ['attached', 'beside the engine', 'after its end'] as const
type Situation = (typeof SITUATIONS)[number]

let root: string
let journal: string
let sample: Sample

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-list-'))
  journal = join(root, 'journal')
  sample = await sampleEngine({ path: journal })
})

afterAll(() => rm(root, { recursive: true, force: true }))

async function list(situation: Situation, ...args: readonly string[]): Promise<Said> {
  if (situation === 'after its end') await sample.engine.close()
  const place = situation === 'beside the engine' ? ['-d', journal, '--snapshot'] : ['-d', journal]
  return perdure([...place, 'list', '--fields', 'run,workflow,status,steps,note', ...args], {
    scratch: root,
  })
}

const TABLE = `RUN         WORKFLOW  STATUS     STEPS  NOTE
next-2      endless   completed      0
next-1      endless   completed      0  goes on as next-2
f-endless   endless   completed      0  goes on as next-1
e-broken    broken    failed         0  RangeError: out of range
d-patient   patient   cancelled      1  changed my mind
c-nap       nap       running        0  sleeps in new year; sleeps in sleep
b-payment   payment   completed      1
a-greeting  greeting  completed      1
`

describe.sequential.each(SITUATIONS)('%s', situation => {
  test('runs are listed, the newest first', async () => {
    const { status, out, err } = await list(situation)
    expect({ status, out }).toEqual({ status: 0, out: TABLE })
    expect(err).toContain('8 runs · 1 failed\n')
    expect(err.includes('beside process')).toBe(situation === 'beside the engine')
  })

  test('those that were asked for', async () => {
    const told = async (...args: string[]): Promise<string[]> =>
      (await list(situation, '--plain', ...args)).out.split('\n').map(line => line.split('\t')[0]!)
    expect(await told('--status', 'failed,cancelled')).toEqual(['e-broken', 'd-patient', ''])
    expect(await told('--workflow', '*e*t*')).toEqual(['d-patient', 'b-payment', 'a-greeting', ''])
    expect(await told('--limit', '2')).toEqual(['next-2', 'next-1', ''])
    expect(await told('--since', '2031-01-01')).toEqual([''])
  })

  test('programs are given records of the schema', async () => {
    const { out } = await list(
      situation,
      '-o',
      'ndjson',
      '--status',
      'failed',
      '--fields',
      'id,note',
    )
    const note = 'RangeError: out of range'
    expect(JSON.parse(out)).toEqual({ v: 1, kind: 'run', id: 'e-broken', note })
    const place = situation === 'beside the engine' ? ['--snapshot'] : []
    const all = await perdure(['list', '-d', journal, '--json', ...place], { scratch: root })
    const { items, ...list_ } = JSON.parse(all.out)
    expect(list_).toEqual({ v: 1, kind: 'list', of: 'run' })
    expect(items).toHaveLength(8)
    for (const item of items) expect(runRecord.parse(item)).toEqual(item)
  })

  test('an empty list says why', async () => {
    const { status, out, err } = await list(situation, '--status', 'parked')
    expect({ status, out }).toEqual({ status: 0, out: '' })
    expect(err).toContain('No runs match. There are 8 runs: perdure list\n')
  })

  test('a cut one says so', async () => {
    const { err } = await list(situation, '--limit', '3')
    expect(err).toContain('3 runs · there are more: --limit 6\n')
  })
})

describe('a run is meant', () => {
  test('by its id, an end of it that no other has, or as the newest of a kind', async () => {
    const { engine } = await sampleEngine({ path: join(root, 'named') })
    await using client = (await connect(join(root, 'named')))!
    const named = async (ref: string): Promise<string> => (await runNamed(ref, client)).run
    expect(await named('c-nap')).toBe('c-nap')
    expect(await named('ting')).toBe('a-greeting')
    expect(await named('…ting')).toBe('a-greeting')
    expect(await named('@last')).toBe('next-2')
    expect(await named('@running')).toBe('c-nap')
    expect(await named('@failed')).toBe('e-broken')
    expect(await named('@last:endless')).toBe('next-2')
    await expect(named('less')).resolves.toBe('f-endless')
    await expect(named('nap')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
    await expect(named('@parked')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
    await expect(named('@newest')).rejects.toMatchObject({ code: 'USAGE_INVALID' })
    await engine.start(stuck, null, { id: 'x-greeting' })
    await expect(named('greeting')).rejects.toMatchObject({
      code: 'ID_AMBIGUOUS',
      facts: { runs: ['x-greeting', 'a-greeting'] },
    })
    await engine.close()
  })

  test('long ids are shown by their ends', () => {
    expect(shownId('billing-2030-01')).toBe('billing-2030-01')
    expect(shownId('run_01m82jkvph0000mnrwc8jpmn')).toBe('…c8jpmn')
    expect(shownId('run_01m82jkvph0000mnrwc8jpmn', true)).toBe('...c8jpmn')
  })
})

test('a flag that is none, or says nothing that makes sense, is refused', async () => {
  for (const args of [
    ['--status', 'done'],
    ['--since', 'soon'],
    ['--limit', '0'],
    ['--fields', 'x'],
    ['--fields', 'id,x', '--json'],
    ['--fields', 'x', '-o', 'ndjson'],
  ]) {
    const { status, out } = await perdure(['list', '-d', journal, ...args], { scratch: root })
    expect({ status, out }).toEqual({ status: 2, out: '' })
  }
})
