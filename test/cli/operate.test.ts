import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Engine, event, openEngine, type WorkflowContext, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ZodType } from 'zod'
import { changedRecord } from '../../src/cli/records/changed.ts'
import { resultRecord } from '../../src/cli/records/result.ts'
import {
  collectedRecord,
  sentRecord,
  signalledRecord,
  startedRecord,
} from '../../src/cli/records/sent.ts'
import { handClock } from '../journal/hand-clock.ts'
import { perdure } from './perdure.ts'

const placed = event('shop/placed')

const echo = workflow({ id: 'echo', triggers: placed }, async ({ event, step }) =>
  step.run('say', () => event.data),
)
const patient = workflow({ id: 'patient' }, async ({ step }: WorkflowContext) => {
  const answer = await step.waitForSignal('answer', { signal: 'answered', timeout: '1d' })
  return { answer }
})
let isBroken = true
const fragile = workflow({ id: 'fragile', retries: 0 }, async ({ step }: WorkflowContext) => {
  const first = await step.run('first', () => 1)
  return step.run('second', () => {
    if (isBroken) throw new RangeError('not yet')
    return first + 1
  })
})

let root: string
let journal: string
let engine: Engine
const clock = handClock(Date.UTC(2030, 0, 1))

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-operate-'))
  journal = join(root, 'journal')
  let count = 0
  engine = await openEngine({
    ...{ path: journal, clock, workflows: [echo, patient, fragile], retention: '30d' },
    ids: { run: () => `run-${++count}`, event: () => `evt-${++count}`, journal: () => 'operate' },
  })
})

afterAll(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
})

function told(args: readonly string[], typed?: string) {
  const input = Readable.from(typed === undefined ? [] : [typed])
  // Somebody types what does not begin as JSON does.
  const isTTY = typed !== undefined && !/^[[{"]/.test(typed)
  return perdure(['-d', journal, ...args], {
    scratch: root,
    input: Object.assign(input, { isTTY }),
  })
}

async function record(schema: ZodType, ...args: readonly string[]): Promise<unknown> {
  const { out, err } = await told([...args, '--json', '--quiet'])
  if (out === '') throw new Error(err)
  const given = JSON.parse(out)
  expect(schema.parse(given)).toEqual(given)
  return given
}

describe('start', () => {
  test.each([
    [['{"a": [1, null]}'], { a: [1, null] }],
    [['name=Ada', 'age:=36', 'of=x=y'], { name: 'Ada', age: 36, of: 'x=y' }],
    [['"text"'], 'text'],
    [['@data.json'], { from: 'file' }],
    [
      ['{"at": {"$": ["date", "2030-01-01T00:00:00.000Z"]}}'],
      { at: new Date(Date.UTC(2030, 0, 1)) },
    ],
  ])('gives %j as it is meant', async (args, data) => {
    await writeFile(join(root, 'data.json'), '{"from": "file"}')
    const { status, out } = await told(['start', 'echo', ...args])
    expect(status).toBe(0)
    expect(await (await engine.run(out.trim())).result()).toEqual(data)
  })

  test('reads data from stdin, and prints what the run came to', async () => {
    const { status, out, err } = await told(
      ['start', 'echo', '-', '--id', 'from-stdin', '--wait'],
      '{"token": "abc", "n": 1}',
    )
    expect({ status, out }).toEqual({ status: 0, out: '{"token":"‹redacted›","n":1}\n' })
    expect(err).toBe('started from-stdin\n✓ from-stdin echo completed in 0ms\n')
  })

  test('tells programs', async () => {
    expect(await record(startedRecord, 'start', 'echo', '1', '--id', 's-1')).toEqual({
      ...{ v: 1, kind: 'started', run: 's-1', workflow: 'echo' },
    })
    expect(await record(resultRecord, 'start', 'echo', '1', '--id', 's-1', '--wait')).toMatchObject(
      {
        ...{ run: 's-1', status: 'completed', output: 1 },
      },
    )
  })

  test.each([
    [['start', 'ecko'], 2, 'Did you mean "echo"? The engine knows echo, patient, fragile.'],
    [['start', 'echo', '{a}'], 2, 'the argument is no JSON'],
    [['start', 'echo', '{"$":["nope"]}'], 2, 'the argument is no value: no kind: nope'],
    [
      ['send', 'shop/placed', '{"a":[1,{"b":{"$":["date","x"]}}]}'],
      2,
      'argument, at a[1].b, is no',
    ],
    [
      ['signal', 'answered', 'by=ada', 'at:={"$":["map",{"$":9}]}'],
      2,
      'at is no value: there is no',
    ],
    [['start', 'echo', '['.repeat(9_000) + ']'.repeat(9_000)], 2, 'no value: it nests too deep'],
    [['start', 'echo', '1', '2'], 2, '2 is too much.'],
    [['start', 'echo', 'a=1', 'b'], 2, 'b is no key=value pair.'],
    [['start', 'echo', '@nowhere.json'], 3, 'nowhere.json cannot be read.'],
    [['start', 'echo', '2', '--id', 's-1'], 2, 's-1'],
  ])('%j exits with %i', async (args, status, says) => {
    const said = await told(args)
    expect(said).toMatchObject({ status, out: '' })
    expect(said.err).toContain(says)
  })
})

describe('send', () => {
  test('tells which runs it started and resumed', async () => {
    const given = await record(sentRecord, 'send', 'shop/placed', 'n:=1', '--id', 'order-1')
    const { started } = given as { started: { id: string }[] }
    expect(given).toMatchObject({ id: 'order-1', started: [{ workflow: 'echo' }], resumed: [] })
    expect(await (await engine.run(started[0]!.id)).result()).toEqual({ n: 1 })
    const again = await told(['send', 'shop/placed', 'n:=1', '--id', 'order-1'])
    expect(again.out).toBe('order-1 accepted\n  → it started and resumed no run yet\n')
  })

  test('waits for what they come to', async () => {
    const { status, out, err } = await told(['send', 'shop/placed', 'n:=2', '--wait'])
    expect({ status, out }).toEqual({ status: 0, out: '{"n":2}\n' })
    expect(err).toMatch(/accepted\n {2}→ started run-\d+ echo\n✓ run-\d+ echo completed in 0ms\n$/)
  })

  test('asks back for an event that nothing listens to', async () => {
    const { status, err } = await told(['send', 'shop/plcaed', '1'])
    expect(status).toBe(2)
    expect(err).toContain('Did you mean "shop/placed"? To send it nonetheless: --allow-unknown.')
    expect(await told(['send', 'shop/plcaed', '1', '--allow-unknown'])).toMatchObject({ status: 0 })
  })
})

describe('of runs', () => {
  const open = async (...ids: readonly string[]): Promise<void> => {
    for (const id of ids) await engine.start(patient, null, { id })
    for (const id of ids) await settled(id, 3)
  }

  test('one is paused, resumed and cancelled, and what cannot be is skipped', async () => {
    await open('p-1')
    expect(await told(['pause', 'p-1'])).toMatchObject({ status: 0, out: '✓ p-1 paused\n' })
    const again = await told(['pause', 'p-1', '--ascii'])
    expect(again).toMatchObject({ status: 2, out: '' })
    expect(again.err).toBe('perdure: p-1 is left as it is: Run p-1 is paused, not running.\n')
    expect(await told(['resume', 'p-1'])).toMatchObject({ out: '✓ p-1 resumed\n' })
    expect(await record(changedRecord, 'cancel', 'p-1', '--reason', 'why not')).toEqual({
      ...{ v: 1, kind: 'changed', changed: [{ id: 'p-1', workflow: 'patient' }], skipped: [] },
    })
    const result = await record(resultRecord, 'wait', 'p-1')
    expect(result).toMatchObject({ status: 'cancelled', reason: 'why not' })
    expect(await record(changedRecord, 'cancel', 'p-1')).toMatchObject({
      skipped: [{ id: 'p-1', code: 'RUN_STATUS', message: 'Run p-1 has ended: it is cancelled.' }],
    })
  })

  test('many are cancelled only when somebody says so', async () => {
    await open('many-1', 'many-2', 'many-3', 'many-4')
    const all = ['cancel', '--workflow', 'pat*']
    const refused = await told(all)
    expect(refused.status).toBe(2)
    expect(refused.err).toContain('Nobody is there to ask.')
    const question = '4 runs are asked to end: many-1, many-2, many-3 and 1 more. Go on? [y/N] '
    expect(await told(all, 'no\n')).toEqual({ status: 2, out: '', err: question })
    expect(await record(changedRecord, ...all, '--dry-run')).toMatchObject({
      ...{ dryRun: true, changed: [{ id: 'many-1' }, {}, {}, {}] },
    })
    expect(await (await engine.run('many-4')).status()).toBe('running')
    expect((await told(all, 'y\n')).out.split('\n')).toHaveLength(5)
    await settled('many-4', 5)
    expect(await told([...all, '--yes'])).toMatchObject({ status: 0, out: '' })
  })

  test('a signal resumes those that wait for it', async () => {
    await open('s-2')
    await record(signalledRecord, 'signal', 'answered', 'by=ada')
    expect(await told(['wait', 's-2'])).toMatchObject({ out: '{"answer":{"by":"ada"}}\n' })
  })

  test('a failed one is tried again as a new one, from a step if one is named', async () => {
    isBroken = true
    await engine.start(fragile, null, { id: 'f-1' })
    const failed = await told(['wait', 'f-1', '--exit-status'])
    expect(failed).toMatchObject({ status: 7, out: '' })
    expect(failed.err).toMatch(/^✗ f-1 fragile failed in 0ms: StepError: not yet\n$/)
    isBroken = false
    const { changed } = (await record(changedRecord, 'retry', '@failed')) as {
      changed: { id: string; run: string }[]
    }
    expect(await told(['wait', changed[0]!.run])).toMatchObject({ out: '2\n' })
    const rerun = await told(['rerun', 'f-1', '--from', 'first'])
    expect(rerun.out).toMatch(/^✓ f-1 tried again, as run-\d+\n$/)
    const none = await told(['rerun', 'f-1', '--from', 'third'])
    expect(none.status).toBe(2)
    expect(none.err).toContain("has no step 'third'")
  })

  test.each([
    [['cancel'], 'No run is named.'],
    [['cancel', 'p-1', '--workflow', 'x'], 'Runs are named, and a filter is given.'],
    [['pause', '--status', 'asleep'], 'asleep is no status of a run.'],
  ])('%j is refused', async (args, says) => {
    const said = await told(args)
    expect(said).toMatchObject({ status: 2, out: '' })
    expect(said.err).toContain(says)
  })

  test('one that does not end is waited for only so long', async () => {
    await open('w-1')
    const { status, err } = await told(['wait', 'w-1', '--timeout', '20ms'])
    expect(status).toBe(8)
    expect(err).toContain('Run w-1 has not ended within 20ms.\n')
    const copy = await told(['wait', 'w-1', '--snapshot'])
    expect(copy.status).toBe(4)
    expect(copy.err).toContain('no engine carries it on')
  })
})

test('schedules stand still, and go on', async () => {
  await engine.schedules.create({ id: 'nightly', cron: '0 3 * * *', workflow: patient })
  expect(await told(['schedules', 'pause', 'nightly'])).toMatchObject({ out: '✓ nightly paused\n' })
  expect((await told(['schedules', '--plain'])).out).toContain('\tpaused\t')
  expect(await told(['schedules', 'resume', 'nightly'])).toMatchObject({
    out: '✓ nightly resumed\n',
  })
  expect((await told(['schedules', '--plain'])).out).toContain('\tticking\t')
  expect(await told(['schedules', 'pause', 'daily'])).toMatchObject({ status: 3 })
  expect(await told(['schedules', 'pause'])).toMatchObject({ status: 2 })
})

test('gc removes what ended long ago, when somebody says so', async () => {
  clock.advance(3 * 86_400_000)
  await engine.start(echo, 1, { id: 'young' }).then(run => run.result())
  expect((await told(['gc', '--dry-run'])).out).toBe('0 runs would be removed\n')
  const running = await told(['gc', '--dry-run', '--status', 'completed,running'])
  expect(running).toMatchObject({ status: 2, out: '' })
  expect(running.err).toContain('Runs that are running have not ended, and stay.')
  const old = ['gc', '--older-than', '1d', '--status', 'completed']
  const would = (await record(collectedRecord, ...old, '--dry-run')) as { runs: number }
  expect(would.runs).toBeGreaterThan(3)
  expect(await told(old)).toMatchObject({ status: 2 })
  expect(await record(collectedRecord, ...old, '--yes')).toMatchObject({ runs: would.runs })
  expect(await record(collectedRecord, ...old, '--yes')).toMatchObject({ runs: 0 })
  expect((await told(['list', '--status', 'completed', '--plain'])).out).toMatch(/^.\tyoung\t.*\n$/)
  expect((await told(['list', '--status', 'failed', '--plain'])).out).toContain('f-1')
})

test('without an engine there is nobody to ask', async () => {
  await engine.close()
  for (const args of [
    ['send', 'a', '1'],
    ['start', 'echo'],
    ['cancel', 'p-1'],
    ['signal', 'x'],
  ]) {
    const { status, err } = await told([...args, '--json'])
    expect(status).toBe(4)
    expect(JSON.parse(err)).toMatchObject({ kind: 'error', code: 'ENGINE_ABSENT', exit: 4 })
  }
  expect(await record(resultRecord, 'wait', 'young')).toMatchObject({
    status: 'completed',
    output: 1,
  })
})

/** Waits until the run has so many entries. */
async function settled(run: string, entries: number): Promise<void> {
  for (;;) {
    for await (const summary of engine.runs()) {
      if (summary.id === run && summary.entries >= entries) return
    }
    await new Promise(setImmediate)
  }
}
