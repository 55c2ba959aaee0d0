import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { event, openEngine, type WorkflowContext, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ZodType } from 'zod'
import { encodeValue } from '../../journal/codec/encode.ts'
import { conditionText } from '../../src/cli/condition-text.ts'
import { entryRecord } from '../../src/cli/records/entry.ts'
import { scheduleRecord } from '../../src/cli/records/schedule.ts'
import { statsRecord } from '../../src/cli/records/stats.ts'
import { timerRecord } from '../../src/cli/records/timer.ts'
import { waitRecord } from '../../src/cli/records/wait.ts'
import { whyRecord } from '../../src/cli/records/why.ts'
import { differenceText } from '../../src/cli/why.ts'
import { widthOf } from '../../src/cli/width.ts'
import { heardText } from '../../src/inspect/heard.ts'
import { Secrets } from '../../src/inspect/secrets.ts'
import { handClock } from '../journal/hand-clock.ts'
import { perdure, type Said } from './perdure.ts'

const START = Date.UTC(2030, 0, 1)
const SITUATIONS = ['attached', 'beside the engine', 'after its end', 'in a dump'] as const
type Situation = (typeof SITUATIONS)[number]

const paid = event('shop/paid')

const nap = workflow({ id: 'nap' }, async ({ step }: WorkflowContext) => {
  await Promise.all([
    step.sleep('short', '10m'),
    step.sleepUntil('new year', new Date(Date.UTC(2031, 0, 1))),
  ])
})
const flaky = workflow({ id: 'flaky', backoff: ['1h'] }, async ({ step }: WorkflowContext) =>
  step.run('charge', () => {
    throw new TypeError('card reader is offline')
  }),
)
const order = workflow(
  { id: 'order', cancelOn: [{ event: 'shop/closed' }] },
  async ({ event, step }: WorkflowContext<{ id: number; token: string }>) => {
    await step.waitForEvent('payment', {
      event: paid,
      if: `async.data.order == ${event.data.id} && async.data.token == '${event.data.token}'`,
      timeout: '1d',
    })
  },
)
const one = workflow(
  { id: 'one', concurrency: { limit: 1, per: 'run' } },
  async ({ step }: WorkflowContext) => {
    await step.sleep('hold', '1d')
  },
)

let root: string
let journal: string
let dumped: string
let close: () => Promise<void>

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-lists-'))
  journal = join(root, 'journal')
  const clock = handClock(START)
  let count = 0
  const engine = await openEngine({
    ...{ path: journal, clock, workflows: [nap, flaky, order, one] },
    ids: { run: () => `r-${++count}`, event: () => `evt-${++count}`, journal: () => 'lists' },
  })
  await engine.start(nap, null, { id: 'a-nap' })
  await engine.start(flaky, null, { id: 'b-flaky' })
  await engine.start(order, { id: 7, token: 's3cret' }, { id: 'c-order' })
  await engine.start(one, null, { id: 'd-one' })
  await engine.start(one, null, { id: 'e-one' })
  await engine.schedules.create({ id: 'nightly', cron: '0 3 * * *', workflow: nap })
  for (let settled = 0; settled < 2_000; settled++) await new Promise(setImmediate)
  await engine.send([paid({ order: 8, token: 'other' }), paid({ order: 7, token: 'wrong' })])
  close = () => engine.close()
  dumped = join(root, 'dump.ndjson')
  const { out } = await perdure(['dump', journal, '--json'], { scratch: root })
  await writeFile(dumped, out)
})

afterAll(async () => {
  await close()
  await rm(root, { recursive: true, force: true })
})

async function told(situation: Situation, ...args: readonly string[]): Promise<Said> {
  if (situation === 'after its end') await close()
  const place = situation === 'in a dump' ? dumped : journal
  const copied = situation === 'beside the engine' ? ['--snapshot'] : []
  return perdure(['-d', place, ...copied, '--time', 'iso', ...args], { scratch: root })
}

/** What it prints for people, and for programs: of the schema. */
async function both(record: ZodType, situation: Situation, ...args: readonly string[]) {
  const { status, out } = await told(situation, ...args)
  expect(status).toBe(0)
  const { out: lines } = await told(situation, ...args, '-o', 'ndjson')
  const records = lines.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line)]))
  for (const each of records) expect(record.parse(each)).toEqual(each)
  return { out, records }
}

describe.sequential.each(SITUATIONS)('%s', situation => {
  test('timers, by when they are due', async () => {
    const { out, records } = await both(timerRecord, situation, 'timers')
    expect(out).toBe(TIMERS)
    expect(records).toHaveLength(5)
    const limited = await told(situation, 'timers', '--limit', '1')
    expect(limited.out).toContain('a-nap')
    expect(limited.out.split('\n')).toHaveLength(3)
    expect(limited.err).toContain('5 timers are set, the first 1 are shown: --limit 5\n')
    expect((await told(situation, 'timers', '--next', '1s', '--plain')).out).toBe(
      (await told(situation, 'timers', '--next', '900000d', '--plain')).out.slice(0, 0),
    )
  })

  test('waits, with their conditions, secrets masked', async () => {
    const { out, records } = await both(waitRecord, situation, 'waits', '--width', '160')
    expect(out).toBe(WAITS)
    expect(JSON.stringify(records)).not.toContain('s3cret')
    const shown = await told(situation, 'waits', '--event', 'shop/p*', '--show-secrets', '--plain')
    expect(shown.out).toMatch(/^c-order\torder\tpayment\t.*token == "s3cret"/)
    expect((await told(situation, 'waits', '--event', 'x', '--plain')).out).toBe('')
  })

  test('schedules', async () => {
    const { records } = await both(scheduleRecord, situation, 'schedules')
    expect(records).toMatchObject([
      {
        ...{ id: 'nightly', workflow: 'nap', source: 'runtime', cron: '0 3 * * *', buffered: 0 },
        status: situation === 'attached' ? 'ticking' : 'stored',
        ...(situation === 'attached' && { next: '2030-01-01T03:00:00.000Z', active: [] }),
      },
    ])
  })

  test('how much there is of everything', async () => {
    const { out, records } = await both(statsRecord, situation, 'stats')
    expect(records[0]).toMatchObject({
      ...{ runs: 5, status: { running: 4, scheduled: 1 }, timers: 5, waits: 2 },
      workflows: [{ workflow: 'flaky' }, { workflow: 'nap' }, { runs: 2 }, { workflow: 'order' }],
    })
    expect('files' in records[0]).toBe(situation !== 'in a dump')
    expect('engine' in records[0]).toBe(situation === 'attached')
    expect(out).toMatch(/^runs {5}5 {3}/)
    expect(out).toMatch(/\none {10}2 {7}2 {7}0 {4}- /)
  })

  test('why a run does not go on', async () => {
    const why = async (run: string) =>
      (await both(whyRecord, situation, 'why', run, '--width', '160')).out
    expect(await why('a-nap')).toContain('  new year sleeps, and wakes 2031-01-01T00:00:00.000Z.\n')
    expect(await why('b-flaky')).toContain(
      '  Step charge failed, and is tried again 2030-01-01T01:00:00.000Z.\n',
    )
    const turn = await why('e-one')
    expect(turn).toContain('  It waits for its turn to begin: it is the next.\n')
    expect(turn).toContain('  Held by d-one.\n')
    expect(turn).toMatch(/ {2}The concurrency of runs of \w+(, 1 at most,)? is in the way\.\n/)
    expect(turn.includes(', 1 at most, is in the way.')).toBe(situation === 'attached')
    const order = await why('c-order')
    expect(order).toBe(`c-order  order  ● running
  payment waits for shop/paid, and gives up 2030-01-02T00:00:00.000Z.
  - shop/paid evt-2 came 2030-01-01T00:00:00.000Z and did not fit: data.token is "‹redacted›", not "‹redacted›"
  - shop/paid evt-1 came 2030-01-01T00:00:00.000Z and did not fit: data.order is 8, not 7; data.token is "‹redacted›", not "‹redacted›"
`)
    const none = await told(situation, 'why', 'nothing-like-it')
    expect(none.status).toBe(3)
  })

  test('what was wrong with an event, as people say it', () => {
    expect(
      [
        { path: 'data.n', wanted: 7, got: 8 },
        { path: 'data.n', is: '>', wanted: 7, got: 3 },
        { path: 'data.tags', is: 'size >', wanted: 7, got: ['a'] },
        { path: 'data.n', is: '!=', wanted: 7, got: 7 },
        { path: 'data.n', is: 'not in', wanted: [7], got: 7 },
        { path: 'data.n', is: 'fits', got: 7 },
      ].map(differenceText),
    ).toEqual([
      'data.n is 8, not 7',
      'data.n is 3, not > 7',
      'data.tags is ["a"], not size > 7',
      'data.n is 7, which was not to be',
      'data.n is 7, which was not to be in [7]',
      'data.n is 7',
    ])
  })

  test('all entries, in the order in which they were committed', async () => {
    const { out, records } = await both(entryRecord, situation, 'tail', '--no-follow')
    expect(out.split('\n')).toHaveLength(records.length + 1)
    expect(out).toContain('00:00:00.000Z  b-flaky               ↻ charge')
    expect(out).not.toContain('s3cret')
    const every = situation === 'attached' ? 3 : 9
    for (const { cursor } of records.filter((_, at) => at % every === 0)) {
      const rest = await told(situation, 'tail', '--no-follow', '--json', '--after', cursor)
      const at = records.findIndex(record => record.cursor === cursor)
      expect(JSON.parse(rest.out).items).toEqual(records.slice(at + 1))
    }
    const failed = await told(situation, 'tail', '--no-follow', '--type', '*.failed', '--plain')
    expect(failed.out).toMatch(
      /^[\d.]+\t2030-01-01T00:00:00.000Z\tb-flaky\tflaky\tstep.failed\tcharge\t/,
    )
    const naps = await told(situation, 'tail', '--no-follow', '--run', 'a-nap', '--ascii')
    expect(naps.out.split('\n').every(line => line === '' || line.includes('a-nap'))).toBe(true)
    expect(naps.out).toMatch(/^[\x20-\x7e\n]*$/)
  })
})

describe('on a terminal', () => {
  const tables = [['timers'], ['waits'], ['schedules'], ['tail', '--no-follow']]

  test.each(tables)('%s is as wide as it is, with and without colours', async (...args) => {
    for (const columns of [40, 80, 120]) {
      const where = { scratch: root, columns }
      const said = await perdure(['-d', journal, ...args], where)
      const lines = said.out.trimEnd().split('\n')
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns)
      const painted = await perdure(['-d', journal, ...args], { ...where, colors: true })
      expect(painted.out).toContain('\u001b[')
      expect(stripVTControlCharacters(painted.out)).toBe(said.out)
      const ascii = await perdure(['-d', journal, '--ascii', ...args], where)
      expect(ascii.out).toMatch(/^[\x20-\x7e\n‹›]*$/)
      expect(ascii.err).toMatch(/^[\x20-\x7e\n]*$/)
      expect(ascii.out.split('\n')).toHaveLength(lines.length + 1)
    }
  })
})

test.each([
  ['shop/paid', ['x'], 'shop/paid'],
  ['perdure/signal', ['contract/42'], 'signal contract/42'],
  ['perdure/signal', [42], 'perdure/signal'],
  ['perdure/signal', null, 'perdure/signal'],
])('what is listened for is told: %s of %j', (event, literals, told) => {
  expect(heardText({ event, literals: encodeValue(literals) })).toBe(told)
})

test.each([
  ['async.data.a == literals[0]', 'async.data.a == "one"'],
  ['async.data.token == literals[0]', 'async.data.token == "‹redacted›"'],
  ['async["data"].card.token in [literals[0], literals[1]]', /\[("‹redacted›"(, )?){2}\]$/],
  ['async.data.a in [literals[0], literals[1]]', 'async.data.a in ["one", 2]'],
  ['async.data.password.startsWith(literals[0])', /\("‹redacted›"\)$/],
  ['literals[0] == async.data.password || async.data.n < literals[1]', /^"‹redacted›" .* < 2$/],
])('of %s no secret is shown', (program, told) => {
  const listener = { key: '', event: 'e', program, literals: encodeValue(['one', 2]) }
  expect(conditionText(listener, new Secrets())).toEqual(
    typeof told === 'string' ? told : expect.stringMatching(told),
  )
})

const TIMERS = `DUE                       RUN      WORKFLOW  OF            STEP
2030-01-01T00:10:00.000Z  a-nap    nap       sleep         short
2030-01-01T01:00:00.000Z  b-flaky  flaky     step-backoff  charge
2030-01-02T00:00:00.000Z  c-order  order     wait          payment
2030-01-02T00:00:00.000Z  d-one    one       sleep         hold
2031-01-01T00:00:00.000Z  a-nap    nap       sleep         new year
`

const WAITS = `RUN      WORKFLOW  STEP     SINCE                     UNTIL                     EVENT
c-order  order     -        2030-01-01T00:00:00.000Z  -                         (cancels) shop/closed
c-order  order     payment  2030-01-01T00:00:00.000Z  2030-01-02T00:00:00.000Z  shop/paid if async.data.order == 7 && async.data.token == "‹redacted›"
`
