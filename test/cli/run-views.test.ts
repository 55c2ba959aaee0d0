import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { openEngine, type WorkflowContext, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeFrame, frameLines } from '../../src/cli/code-frame.ts'
import { entryRecord } from '../../src/cli/records/entry.ts'
import { runDetailRecord } from '../../src/cli/records/run-detail.ts'
import { stepDetailRecord } from '../../src/cli/records/step-detail.ts'
import { sampleEngine } from '../journal/sample.ts'
import { type Circumstances, perdure, type Said } from './perdure.ts'

let root: string
let journal: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-views-'))
  journal = join(root, 'journal')
  const { engine } = await sampleEngine({ path: journal })
  await engine.close()
})

afterAll(() => rm(root, { recursive: true, force: true }))

const ask = (args: readonly string[], more: Partial<Circumstances> = {}): Promise<Said> =>
  perdure([...args, '--dir', journal], { scratch: root, columns: 80, ...more })

const RUNS = ['a-greeting', 'b-payment', 'c-nap', 'd-patient', 'e-broken', 'f-endless']

const linesOf = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

describe('show', () => {
  test('a run that was cancelled', async () => {
    const { status, out, err } = await ask(['show', 'd-patient'])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(`\n${out}`).toMatchInlineSnapshot(`
      "
      patient  d-patient  ⊘ cancelled  0ms  1 step · 7 entries · 3 B
      trigger   start null
      at        2030-01-01T00:00:10.000Z
      cancel    changed my mind

                                 0ms
        1  ⊘ sleep 1h, cancelled ─                                                 0ms
        2  ✓ tidy up  shielded   █                                                 0ms
         █ running  ─ sleeping or waiting
      "
    `)
  })

  test('one whose code threw, and what to ask next', async () => {
    const { out, err } = await ask(['show', '@failed'])
    expect(out).toContain('✗ the code failed')
    const [, failure = ''] = out.split('sample.ts:47:9\n')
    expect(`\n${failure}${err}`).toMatchInlineSnapshot(`
      "
        RangeError: out of range
          45 |
          46 | const broken = workflow({ id: 'broken', retries: 0 }, async () => {
        > 47 |   throw new RangeError('out of range')
             |         ^
          48 | })
      Next:  perdure rerun @failed
      "
    `)
  })

  test.each(RUNS)('%s for programs', async run => {
    const { out } = await ask(['show', run, '--json'])
    expect(runDetailRecord.parse(JSON.parse(out)).id).toBe(run)
  })

  test('no such run', async () => {
    const { status, out, err } = await ask(['show', 'nobody'])
    expect({ status, out }).toEqual({ status: 3, out: '' })
    expect(err).toContain('nobody')
  })
})

describe('events', () => {
  test('at 80 columns', async () => {
    const { status, out, err } = await ask(['events', 'b-payment'])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(`\n${out}`).toMatchInlineSnapshot(`
      "
      SEQ  TIME                      TYPE            STEP    DATA                 TOOK
        0  2030-01-01T00:00:00.000Z  run.scheduled           payment null
        1  2030-01-01T00:00:00.000Z  run.started
        2  2030-01-01T00:00:00.000Z  step.scheduled  charge
        3  2030-01-01T00:00:00.000Z  step.failed     charge  TypeError: card re…   0ms
        4  2030-01-01T00:00:10.000Z  timer.fired     charge                        10s
        5  2030-01-01T00:00:10.000Z  step.succeeded  charge  attempt 1 {charged…   0ms
        6  2030-01-01T00:00:10.000Z  run.completed           {charged: 12n, at:…
      "
    `)
  })

  test('at 120 columns, some of them, with their rows', async () => {
    const args = ['events', 'c-nap', '--limit', '4', '--raw']
    const { out, err } = await ask(args, { columns: 120 })
    expect(`\n${out}${err}`).toMatchInlineSnapshot(`
      "
      SEQ  TIME                      TYPE           STEP   DATA              TOOK  KEY                 BYTES  CHECK
        0  2030-01-01T00:00:10.000Z  run.scheduled         nap {long: true}        e!c-nap!0000000000    213  8c68f89d
        1  2030-01-01T00:00:10.000Z  run.started                                   e!c-nap!0000000000    213  8c68f89d
        2  2030-01-01T00:00:10.000Z  timer.set      short  for 30s                 e!c-nap!0000000000    213  8c68f89d
        3  2030-01-01T00:00:40.000Z  timer.fired    short                     30s  e!c-nap!0000000003    204  b05e6808
      2 more: --limit 6
      "
    `)
  })

  test.each(RUNS)('%s for programs', async run => {
    const { out } = await ask(['events', run, '-o', 'ndjson', '--raw'])
    const records = linesOf(out).map(line => entryRecord.parse(line))
    expect(records.map(({ seq }) => seq)).toEqual([...records.keys()])
    expect(records[0]).toMatchObject({ run, type: 'run.scheduled' })
  })
})

describe('step', () => {
  test('one that was tried again', async () => {
    const { out } = await ask(['step', 'b-payment', 'charge'])
    const text = out.replace(/^ +at .*\n/gm, '').replaceAll(process.cwd(), '.')
    expect(`\n${text}`).toMatchInlineSnapshot(`
      "
      charge  ✓ ok  10s
      run       b-payment payment
      began     2030-01-01T00:00:00.000Z
      ended     2030-01-01T00:00:10.000Z
      result    {charged: 12n, at: 2030-01-01T00:00:00.000Z}

      attempt 0  2030-01-01T00:00:00.000Z  failed after 0ms, again 10s later
        TypeError: card reader is offline

      attempt 1  2030-01-01T00:00:10.000Z  ok after 0ms

      ./test/journal/sample.ts:25:32
          23 |   async ({ step }: Context) =>
          24 |     step.run('charge', ({ attempt }) => {
        > 25 |       if (attempt === 0) throw new TypeError('card\\nreader is offline'
             |                                ^
          26 |       return { charged: 12n, at: new Date(START) }
      "
    `)
  })

  test('a sleep', async () => {
    const { out } = await ask(['step', 'c-nap', 'short'])
    expect(`\n${out}`).toMatchInlineSnapshot(`
      "
      short  ✓ ok  30s
      what      sleep 30s
      run       c-nap nap
      began     2030-01-01T00:00:10.000Z
      ended     2030-01-01T00:00:40.000Z
      "
    `)
  })

  test('for programs', async () => {
    const { out } = await ask(['step', 'b-payment', 'charge', '--json'])
    const { step } = stepDetailRecord.parse(JSON.parse(out))
    expect(step).toMatchObject({ id: 'charge', state: 'ok', tookMs: 10_000 })
    expect(step.attempts.map(({ state }) => state)).toEqual(['failed', 'ok'])
  })

  test('no such step: those that there are', async () => {
    const { status, err } = await ask(['step', 'b-payment', 'chrage'])
    expect(status).toBe(3)
    expect(err).toContain('It has charge.')
  })
})

describe('export', () => {
  test.each(['--html', '--chrome-trace', '--mermaid', '--gantt'])(
    'as %s, to stdout or a file',
    async as => {
      const { status, out } = await ask(['export', 'b-payment', as])
      expect(status).toBe(0)
      const told = await ask(['export', 'b-payment', as, '--out', 'report'])
      expect(told).toEqual({ status: 0, out: '', err: 'Written: report\n' })
      expect(await readFile(join(root, 'report'), 'utf8')).toBe(out)
      await rm(join(root, 'report'))
    },
  )

  test.each([[[]], [['--html', '--mermaid']], [['--html', '--out', 'no/such/directory']]])(
    'not as %j',
    async flags => {
      const { status, out } = await ask(['export', 'b-payment', ...flags])
      expect({ status, out }).toEqual({ status: 2, out: '' })
    },
  )
})

describe('watch', () => {
  test('a copy, in which nothing can happen', async () => {
    const { status, out, err } = await ask(['watch', 'c-nap'])
    expect({ status, out }).toEqual({ status: 4, out: '' })
    expect(err).toContain('cannot be watched')
  })

  test.each([
    ['b-payment', 0],
    ['d-patient', 7],
    ['e-broken', 7],
  ])('%s has ended, with status %i', async (run, ended) => {
    const { status, out } = await ask(['watch', run, '--exit-status'])
    expect(status).toBe(ended)
    expect(out).toMatch(/run\.(completed|cancelled|failed)/)
  })

  test('an engine: what there is, then what comes, each once', async () => {
    const path = join(root, 'live')
    const { engine, clock } = await sampleEngine({ path })
    const [lines, records, screen] = [
      perdure(['watch', 'c-nap', '--dir', path], { scratch: root }),
      perdure(['watch', 'c-nap', '--dir', path, '-o', 'ndjson', '--exit-status'], {
        scratch: root,
      }),
      terminal(),
    ]
    const drawn = perdure(['watch', 'c-nap', '--dir', path, '--time', 'iso'], {
      ...{ scratch: root, columns: 60, out: screen.stream },
    })
    await expect.poll(() => screen.text()).toContain('new year')
    await engine.cancel('c-nap', 'enough')
    // Those who follow are told in a while, by the engine's clock.
    const tick = setInterval(() => clock.advance(50), 5)
    const told = await Promise.all([lines, records, drawn])
    clearInterval(tick)
    await engine.close()
    expect(told.map(({ status }) => status)).toEqual([0, 7, 0])
    expect(told[0].out.match(/timer.set/g)).toHaveLength(3)
    expect(told[0].out).toMatch(/ {2}run\.cancelled {2,}enough\n$/)
    const seqs = linesOf(told[1].out).map(line => entryRecord.parse(line).seq)
    expect(seqs).toEqual([...seqs.keys()])
    const last = screen.text().split('\u001b[J').at(-2) ?? ''
    expect(last).toContain(`\u001b[9A\r`)
    expect(stripVTControlCharacters(last).replace(/\r/, '\n')).toMatchInlineSnapshot(`
      "
      nap  c-nap  ⊘ cancelled  30s  0 steps · 8 entries · 8 B
      trigger   start {long: true}
      at        2030-01-01T00:00:10.000Z
      cancel    enough
         (2 lines)
        1  ✓ short  sleep 30s              ──────────────      30s
        2 ┌⊘ new year  sleep 364d 23h, c…                ─     0ms
        3 └⊘ sleep 1d, cancelled                         ─     0ms
         ─ sleeping or waiting  ≈ idle, collapsed
      "
    `)
  })
})

test('what the journal says is secret is shown by none of them', async () => {
  const path = join(root, 'secrets')
  const charge = workflow(
    { id: 'charge' },
    async ({ event, step }: WorkflowContext<{ pin: string }>) =>
      step.run('verify', () => ({ pin: event.data.pin })),
  )
  const engine = await openEngine({ path, workflows: [charge], secrets: ['pin'] })
  await (await engine.start(charge, { pin: '4711' }, { id: 'charge-1' })).result()
  await engine.close()
  for (const args of [
    ['show', '@last'],
    ['show', '@last', '--json'],
    ['events', '@last'],
    ['events', '@last', '-o', 'ndjson'],
    ['step', '@last', 'verify'],
    ['step', '@last', 'verify', '--json'],
    ['watch', '@last'],
    ['export', '@last', '--html'],
    ['export', '@last', '--chrome-trace'],
    ['export', '@last', '--mermaid'],
    ['export', '@last', '--gantt'],
  ]) {
    const { status, out } = await perdure([...args, '--dir', path], { scratch: root, columns: 200 })
    expect([args, status, out.includes('4711')]).toEqual([args, 0, false])
  }
  const { out } = await perdure(['show', '@last', '--show-secrets', '-d', path], { scratch: root })
  expect(out).toContain('4711')
})

describe('the source of an error', () => {
  const looks = {
    columns: 60,
    colors: false,
    ascii: false,
    time: 'iso',
    isTerminal: false,
  } as const
  const at = (path: string, line: number, column = 3): string =>
    `    at body (${path}:${line}:${column})`

  test('is that of the innermost frame that can be read here', async () => {
    const file = join(root, 'src.ts')
    await writeFile(file, `one\n\ttwo\u001b[2J\n${'x'.repeat(200)}!\nfour\n`)
    const gone = at(join(root, 'gone.ts'), 1)
    const dependency = at(join(root, 'node_modules/a/index.js'), 1)
    const frame = codeFrame([[dependency, gone, at(file, 2)].join('\n')], root)
    expect(
      frame && [`${frame.file}:${frame.line}`, ...frameLines(frame, looks)],
    ).toMatchInlineSnapshot(`
      [
        "src.ts:2",
        "    1 | one",
        "  > 2 |  two?[2J",
        "      |   ^",
        "    3 | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      ]
    `)
    const long = codeFrame([`    at file://${file}:3:201`], root)
    expect(long && frameLines(long, looks).slice(2, 4)).toMatchInlineSnapshot(`
      [
        "  > 3 | xxxxxxxxxxxxxxxxxxxxxxxxxxxxx!",
        "      |                              ^",
      ]
    `)
  })

  test.each(['/dev/zero', '/dev/stdin', '/', '/proc/self/mem', '/no/such/file.ts', 'C:\\a\\b.ts'])(
    '%s is not read',
    path => {
      expect(codeFrame([at(path, 1)], root)).toBeUndefined()
    },
  )

  test('nor a line that is not there, nor what is no stack', async () => {
    const file = join(root, 'short.ts')
    await writeFile(file, 'one')
    for (const stack of [at(file, 0), at(file, 2), at(file, 1e21), 'at (', '', '(((((:1:1)']) {
      expect(codeFrame([stack], root)).toBeUndefined()
    }
  })
})

/** A terminal of ten lines, and what was written to it. */
function terminal(): { stream: Writable; text: () => string } {
  const pieces: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(piece, _, done) {
      pieces.push(String(piece))
      done()
    },
  })
  return { stream: Object.assign(stream, { isTTY: true, rows: 10 }), text: () => pieces.join('') }
}
