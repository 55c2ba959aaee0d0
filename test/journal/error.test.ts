import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import {
  type Engine,
  EngineError,
  type EngineOptions,
  event,
  JournalError,
  openEngine,
  PerdureError,
  StepError,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { decodeValue, encodeValue } from 'perdure/journal'
import { Disk } from 'perdure/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const SOURCE = readFileSync(import.meta.filename, 'utf8').split('\n')

const order = workflow(
  { id: 'order', retries: 0 },
  async ({ event, step }: WorkflowContext<string>) => {
    if (event.data === 'waits') await step.sleep('1h')
    return step.run('charge', () => {
      if (event.data === 'fails') throw new TypeError('declined')
      return 'charged'
    })
  },
)

let disk: Disk
let engine: Engine

beforeEach(async () => {
  disk = new Disk()
  engine = await openEngine({ path: 'disk', store: disk.open(), workflows: [order] })
  await engine.start(order, 'ok', { id: 'o1' })
  await (await engine.run('o1')).result()
})

afterEach(() => engine.close().catch(() => {}))

async function thrownBy(call: () => unknown): Promise<PerdureError> {
  try {
    await call()
  } catch (error) {
    if (error instanceof PerdureError) return error
    throw error
  }
  throw new Error('it did not fail')
}

/** The line of this file that an error points at. */
function lineOf({ site }: PerdureError): string {
  const [, file, line] = /^(.*):(\d+):\d+$/.exec(site ?? '') ?? []
  expect(file).toBe(import.meta.filename)
  return SOURCE[Number(line) - 1]?.trim() ?? ''
}

const invalid = { path: '' } as EngineOptions

describe('the site is the call in the code of the user', () => {
  const refused: Record<string, [call: () => unknown, line: RegExp]> = {
    workflow: [() => workflow({ id: '' }, async () => 1), /=> workflow\(\{ id/],
    event: [() => event(''), /=> event\(/],
    openEngine: [async () => await openEngine(invalid), /await openEngine\(invalid/],
    start: [async () => await engine.start(order, 'other', { id: 'o1' }), /'other'/],
    send: [async () => await engine.send({ name: '', data: 1 }), /engine\.send\(/],
    signal: [async () => await engine.signal(''), /engine\.signal\(/],
    run: [async () => await engine.run('absent'), /engine\.run\('absent/],
    cancel: [async () => await engine.cancel('absent'), /engine\.cancel\(/],
    pause: [async () => await engine.pause('o1'), /engine\.pause\(/],
    retry: [async () => await engine.retry('o1'), /engine\.retry\(/],
    why: [async () => await engine.why('absent'), /engine\.why\(/],
    schedules: [async () => await engine.schedules.delete('absent'), /schedules\.delete/],
    admission: [async () => await engine.admission.drain({ workflow: 'x' }), /admission\.drain/],
    'in a Promise.all': [async () => await Promise.all([engine.resume('o1')]), /all\(\[engine/],
    'behind a catch': [async () => await engine.why('no').catch(again), /engine\.why\('no'\)/],
  }
  test.each(Object.entries(refused))('%s', async (_, [call, line]) => {
    expect(lineOf(await thrownBy(call))).toMatch(line)
  })

  const stopped: Record<string, [call: () => unknown, line: RegExp]> = {
    start: [async () => await engine.start(order, 'late'), /'late'/],
    send: [async () => await engine.send({ name: 'late', data: 1 }), /name: 'late'/],
    cancel: [async () => await engine.cancel('waits'), /cancel\('waits/],
    schedules: [async () => await engine.schedules.create(daily), /create\(daily/],
    admission: [async () => await engine.admission.pause(), /admission\.pause/],
  }
  const daily = { id: 'daily', cron: '0 9 * * *', workflow: order, data: 'ok' }
  test.each(Object.entries(stopped))('%s, when a write fails for many', async (_, [call, line]) => {
    await engine.start(order, 'waits', { id: 'waits' })
    disk.fault = () => 'fails'
    const errors = await Promise.all([thrownBy(call), thrownBy(() => engine.signal('other'))])
    for (const error of errors) expect(['INDETERMINATE', 'NOT_ACCEPTED']).toContain(error.code)
    expect(lineOf(errors[0])).toMatch(line)
    const next = await thrownBy(call)
    expect(next.code).toBe('NOT_ACCEPTED')
    expect(lineOf(next)).toMatch(line)
  })

  test('also of an error that all callers share', async () => {
    await engine.close()
    const first = await thrownBy(async () => await engine.start(order, 'first'))
    expect(lineOf(first)).toContain("'first'")
    const second = await thrownBy(async () => await engine.start(order, 'second'))
    expect(lineOf(second)).toContain("'second'")
  })

  test('of a failed run it is what threw; of one that was cancelled, who asked for its result', async () => {
    const failed = await engine.start(order, 'fails')
    expect(lineOf(await thrownBy(() => failed.result()))).toContain("new TypeError('declined')")
    const waits = await engine.start(order, 'waits')
    await waits.cancel('enough')
    const cancelled = await thrownBy(async () => await waits.result())
    expect(lineOf(cancelled)).toContain('await waits.result()')
  })
})

const again = (error: unknown): never => {
  throw error
}

const made = (cause?: unknown): EngineError =>
  new EngineError('RUN_STATUS', 'Run o1 is paused.', {
    hint: 'Resume it.',
    facts: { run: 'o1', big: 12n, nested: { at: [1] } },
    cause,
  })

describe('an error', () => {
  test('is shown with its code, hint, facts, site and cause', () => {
    const shown = inspect(made(new JournalError('JOURNAL_CLOSED', 'It is closed.', { hint: 'x' })))
    const lines = shown.split('\n')
    expect(lines.slice(0, 4)).toEqual([
      'EngineError: Run o1 is paused.',
      '  code   RUN_STATUS',
      '  hint   Resume it.',
      "  facts  { run: 'o1', big: 12n, nested: { at: [Array] } }",
    ])
    expect(lines[4]).toBe(`  site   ${made().site}`)
    expect(lines[5]).toMatch(/^ {4}at made \(/)
    expect(shown).toMatch(
      /\n {2}cause {2}JournalError: It is closed\.\n {4}code {3}JOURNAL_CLOSED\n/,
    )
    expect(inspect(made(), { colors: true })).toContain('\u001b[36mRUN_STATUS\u001b[39m')
    expect(inspect({ a: { b: { c: made() } } })).toContain('[EngineError: RUN_STATUS]')
  })

  test('is shown although it is its own cause', () => {
    const error = made()
    Object.assign(error, { cause: error, facts: { error }, request: 'r1' })
    for (const depth of [2, null]) {
      expect(inspect(error, { depth }).length).toBeLessThan(100_000)
      expect(inspect(error, { depth })).toContain("\n  request  'r1'")
    }
    expect(typeof error.site).toBe('string')
    expect(JSON.parse(JSON.stringify(error)).facts.error).toEqual({
      ...{ name: 'EngineError', code: 'RUN_STATUS', message: 'Run o1 is paused.' },
    })
  })

  test('is JSON, whatever its facts are', () => {
    const facts = {
      big: 12n,
      error: new TypeError('no'),
      at: new Date(0),
      none: undefined,
      bytes: new Uint8Array(1),
    }
    const error = new EngineError('RUN_STATUS', 'No.', { hint: 'Yes.', facts })
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: {
        code: 'RUN_STATUS',
        message: 'No.',
        hint: 'Yes.',
        facts: {
          big: '12',
          error: { name: 'TypeError', message: 'no' },
          bytes: 'Uint8Array(1) [ 0 ]',
          at: '1970-01-01T00:00:00.000Z',
        },
        site: error.site,
      },
    })
    Object.defineProperty(error, 'stack', { value: 'Error: No.' })
    expect(JSON.parse(JSON.stringify(error))).not.toHaveProperty('site')
  })

  test('is stored without the call that it came out of', async () => {
    const error = await thrownBy(async () => await engine.run('absent'))
    const bare = new JournalError('RUN_NOT_FOUND', error.message, error)
    Object.defineProperty(bare, 'stack', { value: error.stack })
    expect(encodeValue(error)).toEqual(encodeValue(bare))
    expect(decodeValue(encodeValue(error))).not.toHaveProperty('site')
  })

  test('of a step tells where its body threw', () => {
    const error = new StepError('charge', 1, new TypeError('declined'))
    Object.defineProperty(error, 'stack', { value: 'Error: declined\n    at node:internal:1:1' })
    expect(lineOf(error)).toContain("new StepError('charge'")
  })
})
