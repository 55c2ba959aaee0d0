import {
  type EngineOptions,
  openEngine,
  PerdureError,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/ports/clock.ts'
import { systemIds } from '../../src/ports/ids.ts'
import { World } from '../simulation/world.ts'

/** What nobody would write on purpose, as messages call it. */
const wrong: { readonly [called: string]: unknown } = {
  null: null,
  NaN: Number.NaN,
  '-1': -1,
  Infinity: Number.POSITIVE_INFINITY,
  '""': '',
  '[]': [],
  '{}': {},
  'a function': () => {},
  true: true,
  '5n': 5n,
  'a symbol': Symbol('s'),
}

/** An option by its path: what the refusal says fits there, and what of the above does fit. */
type Fits = readonly [fits: RegExp, ...allowed: string[]]
type Table = { readonly [path: string]: Fits }

const named: Fits = [/event\(\) made|'app\/user.signup'/]
const whole: Fits = [/whole number/]
const duration: Fits = [/duration|milliseconds as a number/]
const key: Fits = [/expression .*function|Write a text such as/, 'a function']
const retries: Table = {
  retries: [/a whole number from 0 to 1,000/],
  backoff: [/an array of durations, or \{ initial, factor, max, jitter \}/, '{}'],
  'backoff.0': duration,
  'backoff.initial': duration,
  'backoff.factor': [/a number from 1 to 100/],
  'backoff.max': duration,
  'backoff.jitter': [/a number from 0 to 1/],
}

const ofEngines: Table = {
  '': [/\{ path: '.\/data', workflows: \[\] \}/, '{}'],
  path: [/a directory, or ':memory:'/],
  workflows: [/an array of workflows/, '[]'],
  'workflows.0': [/a workflow, as workflow\(\) makes it/],
  durability: [/'fsync' or 'os'/],
  retention: [/a duration such as '30d', or 'forever'/],
  concurrency: whole,
  limits: [/\{ valueBytes, entriesPerRun \}/, '{}'],
  ...Object.fromEntries(
    ['entriesPerRun', 'residentRuns', 'waitingInputs', 'subscriberEntries', 'valueBytes']
      .concat(['waitingRuns', 'waitingBytes', 'deathsPerRun'])
      .map(limit => [`limits.${limit}`, whole]),
  ),
  onDamage: [/'refuse' or 'park'/],
  preflight: [/'off' or 'park'/],
  secrets: [/an array of names of keys/, '[]'],
  'secrets.0': [/the name of a key/],
  control: [/true or false/, 'true'],
  logger: [/a logger: its method debug\(\) is missing/],
  closeOn: [/an array such as \['SIGTERM'\]/, '[]'],
  'closeOn.0': [/a signal that can be caught/],
  clock: [/a clock: its method wall\(\) is missing/],
  ids: [/a source of ids: its method run\(\) is missing/],
  store: [/a store: its method batch\(\) is missing/],
  bodies: [/a function/, 'a function'],
}

const ofWorkflows: Table = {
  '': [/\{ id, triggers, retries \}/, '{}'],
  id: [/1 to 128 letters/],
  schema: [/a Standard Schema/],
  ...retries,
  triggers: [named[0], '[]'],
  'triggers.0': named,
  'triggers.event': named,
  cancelOn: [/an array/, '[]'],
  'cancelOn.0': [/\{ event: deleted|event\(\) made/],
  'cancelOn.0.event': named,
  onFailure: [/a function/, 'a function'],
  onCancel: [/a function/, 'a function'],
  concurrency: [/whole number|number, or \{ limit: 1|one limit or 2/],
  'concurrency.limit': whole,
  throttle: [/\{ limit: 10, period: '1m' \}|Write a duration/],
  'throttle.limit': whole,
  rateLimit: [/\{ limit: 3, period: '1h' \}|whole number/],
  'rateLimit.limit': whole,
  idempotency: key,
  debounce: [/\{ period: '5s' \}|Write a duration/],
  'debounce.period': duration,
  batchEvents: [/\{ maxSize: 100, timeout: '10s' \}|whole number/],
  'batchEvents.maxSize': whole,
  priority: key,
  'priority.run': key,
  singleton: [/\{ mode: 'skip' \}|'skip' or 'cancel'/],
  'singleton.mode': [/'skip' or 'cancel'/],
  timeouts: [/\{ start: '10m', finish: '2h' \}/],
  'timeouts.start': duration,
  'timeouts.finish': duration,
  backlog: [/\{ runs: 10_000 \}/],
  'backlog.runs': whole,
  'backlog.bytes': whole,
}
/** Those that need others beside them. */
const beside: { readonly [path: string]: object } = {
  'throttle.limit': { throttle: { period: '1s' } },
  'throttle.period': { throttle: { limit: 1 } },
  'throttle.burst': { throttle: { limit: 1, period: '1s' } },
  'throttle.key': { throttle: { limit: 1, period: '1s' } },
  'rateLimit.period': { rateLimit: { limit: 1 } },
  'rateLimit.algorithm': { rateLimit: { limit: 1, period: '1s' } },
  'concurrency.scope': { concurrency: { limit: 1 } },
  'concurrency.per': { concurrency: { limit: 1 } },
  'concurrency.key': { concurrency: { limit: 1 } },
  'debounce.timeout': { debounce: { period: '1s' } },
  'debounce.mode': { debounce: { period: '1s' } },
  'debounce.edge': { debounce: { period: '1s' } },
  'debounce.key': { debounce: { period: '1s' } },
  'batchEvents.timeout': { batchEvents: { maxSize: 5 } },
  'batchEvents.key': { batchEvents: { maxSize: 5, timeout: '1s' } },
  'batchEvents.if': { batchEvents: { maxSize: 5, timeout: '1s' } },
  'singleton.key': { singleton: { mode: 'skip' } },
  'backlog.full': { backlog: { runs: 1 } },
  'cancelOn.0.if': { cancelOn: [{ event: 'app/stop' }] },
  'cancelOn.0.match': { cancelOn: [{ event: 'app/stop' }] },
  'cancelOn.0.timeout': { cancelOn: [{ event: 'app/stop' }] },
  'triggers.if': { triggers: { event: 'app/go' } },
}
const further: Table = {
  ...Object.fromEntries(Object.keys(beside).map(path => [path, [/Write|Give|Use/] as const])),
  'throttle.limit': whole,
  'throttle.key': key,
  'concurrency.key': key,
  'debounce.key': key,
  'batchEvents.key': key,
  'batchEvents.if': key,
  'singleton.key': key,
  'triggers.if': [/Write a text/, 'a function'],
  'cancelOn.0.timeout': duration,
}

const ofSteps: Table = {
  '': [/\{ retries, backoff, timeout \}/, '{}'],
  ...retries,
  timeout: duration,
}

/** `base`, with a value at a path. */
function placed(base: unknown, path: string, value: unknown): unknown {
  const [part, ...rest] = path.split('.')
  if (part === undefined || part === '') return value
  if (part === '0') {
    const [first] = Array.isArray(base) ? base : []
    return [placed(first, rest.join('.'), value)]
  }
  const inner = Reflect.get(Object(base), part)
  return { ...Object(base), [part]: placed(inner, rest.join('.'), value) }
}

/** Says for each wrong value of each option what is not as it should be. Nothing, that is. */
async function misses(
  table: Table,
  base: (path: string) => object,
  attempt: (options: unknown) => Promise<unknown>,
): Promise<string[]> {
  const found: string[] = []
  for (const [path, [fits, ...allowed]] of Object.entries(table)) {
    for (const [called, value] of Object.entries(wrong)) {
      if (allowed.includes(called)) continue
      const miss = missed(path, called, fits, await attempt(placed(base(path), path, value)))
      if (miss !== undefined) found.push(`${path} = ${called}: ${miss}`)
    }
  }
  return found
}

// What is wrong may be a part of what was given.
function missed(path: string, called: string, fits: RegExp, error: unknown): string | undefined {
  if (!(error instanceof PerdureError)) return String(error)
  const told = `${error.message} ${error.hint}`
  const names =
    path === '' || error.message.includes(`${path}: `) || error.message.includes(`${path}.`)
  const says = error.message.includes(called) || /it is missing|there is no|there are 0/.test(told)
  const isClear = error.code === 'DEFINITION_INVALID' && names && says
  return isClear && fits.test(told) ? undefined : `${error.code} ${told}`
}

const thrown = async (attempt: () => unknown): Promise<unknown> => {
  try {
    await attempt()
    return 'it was accepted'
  } catch (error) {
    return error
  }
}

const nothing = async (): Promise<void> => {}
const opened = (options: unknown): Promise<unknown> =>
  thrown(async () => await (await openEngine(options as EngineOptions)).close())
const defined = (options: unknown): Promise<unknown> =>
  thrown(() => workflow(options as { id: string }, nothing))

test('a wrong value of an option of openEngine is refused, naming it and what fits', async () => {
  expect(await misses(ofEngines, () => ({ path: ':memory:', workflows: [] }), opened)).toEqual([])
})

test('a wrong value of an option of a workflow is refused, naming it and what fits', async () => {
  const base = (path: string): object => ({ id: 'subject', ...beside[path] })
  expect(await misses({ ...ofWorkflows, ...further }, base, defined)).toEqual([])
})

test('a wrong value of an option of a step is refused, naming it and what fits', async () => {
  const refused: unknown[] = []
  const subject = workflow({ id: 'subject' }, async ({ step }: WorkflowContext<undefined>) => {
    const attempt = (options: unknown): Promise<unknown> =>
      thrown(() => step.run('it', () => 1, options as object))
    refused.push(...(await misses(ofSteps, () => ({}), attempt)))
  })
  const world = new World({ workflows: [subject] })
  await world.open()
  const run = await world.engine.start(subject)
  await world.advance(1)
  await run.result()
  expect(refused).toEqual([])
})

test('an option that there is not is refused, naming those that there are', async () => {
  const engine = { path: ':memory:', workflows: [] }
  const known: readonly (readonly [unknown, RegExp])[] = [
    [await opened({ ...engine, colour: 1 }), /colour: .* are path, workflows, durability/],
    [await opened({ ...engine, limits: { runs: 1 } }), /limits\.runs: .* are entriesPerRun/],
    [await defined({ id: 'w', colour: 1 }), /colour: .* are id, schema, retries/],
    [await defined({ id: 'w', backoff: { min: 1 } }), /backoff\.min: .* are initial, factor/],
    [await defined({ id: 'w', throttle: { max: 1 } }), /throttle\.max: .* are limit, period/],
  ]
  for (const [error, says] of known) {
    expect(error).toBeInstanceOf(PerdureError)
    expect(`${(error as PerdureError).message} ${(error as PerdureError).hint}`).toMatch(says)
  }
})

test('what lacks one method is refused, naming that; what has them in its class is taken', async () => {
  const base = { path: ':memory:', workflows: [] }
  const { alarm: _, ...clock } = systemClock
  expect(await opened({ ...base, clock })).toMatchObject({
    message: expect.stringContaining(
      'clock: an object is not a clock: its method alarm() is missing',
    ),
  })
  const logger = { debug() {}, info() {}, warn() {}, error: 'no' }
  expect(await opened({ ...base, logger })).toMatchObject({
    message: expect.stringContaining('a logger: its method error() is missing'),
  })
  const ids = Object.create(systemIds())
  expect(await opened({ ...base, ids, clock: Object.create(systemClock) })).toBe('it was accepted')
})

test('why a text is no duration is told, and every fault is told at once', async () => {
  const base = { path: ':memory:', workflows: [] }
  expect(await opened({ ...base, retention: 'forever' })).toBe('it was accepted')
  expect(await opened({ ...base, retention: '1 month', concurrency: 0 })).toMatchObject({
    message: expect.stringMatching(/retention: "1 month" is not .*vary in length; concurrency: 0/),
  })
  expect(await defined({ id: 'w', retries: 1.5, backoff: ['1s', -2] })).toMatchObject({
    message: expect.stringMatching(/retries: 1\.5 .*; backoff\.1: -2 .*cannot be negative/),
  })
})
