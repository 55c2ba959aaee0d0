import { event, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { refusedBy } from './refused.ts'

const define = (options: object) => workflow({ id: 'w', ...options }, async () => {})
const flowOf = (options: object) => define(options).flow

const ID = 'event.data.id'
const key = { text: ID, of: ID }
const fn = (): string => 'x'
const LIMIT = { limit: 1, scope: 'workflow', per: 'step' }

describe('flow control', () => {
  test('is nothing where none of its options is given', () => {
    expect(flowOf({})).toBeUndefined()
    expect(flowOf({ triggers: event('app/x'), concurrency: undefined })).toBeUndefined()
    expect(flowOf({ batchEvents: { maxSize: 1, timeout: '1s' } })).toBeUndefined()
  })

  test.each<[object, object]>([
    [{ concurrency: 5 }, { concurrency: [{ ...LIMIT, limit: 5 }] }],
    [{ concurrency: { limit: 1, per: 'run' } }, { concurrency: [{ ...LIMIT, per: 'run' }] }],
    [
      { concurrency: [9, { limit: 2, key: ` ${ID}\n`, scope: 'engine' }] },
      {
        concurrency: [
          { ...LIMIT, limit: 9 },
          { limit: 2, key, scope: 'engine', per: 'step' },
        ],
      },
    ],
    [
      {
        concurrency: [
          { limit: 1, key: fn, per: 'run' },
          { limit: 1, key: fn },
        ],
      },
      {
        concurrency: [
          { ...LIMIT, key: { text: 'fn', of: fn }, per: 'run' },
          { ...LIMIT, key: { text: 'fn', of: fn } },
        ],
      },
    ],
    [
      { throttle: { limit: 10, period: '1m' } },
      { throttle: { limit: 10, period: 60_000, burst: 1 } },
    ],
    [
      { throttle: { limit: 1, period: '7d', burst: 3, key: fn } },
      { throttle: { limit: 1, period: 604_800_000, burst: 3, key: { text: 'fn', of: fn } } },
    ],
    [
      { rateLimit: { limit: 3, period: '1.5ms' } },
      { rateLimit: { limit: 3, period: 2, algorithm: 'sliding' } },
    ],
    [
      { rateLimit: { limit: 3, period: 'PT1H', algorithm: 'gcra', key: ID } },
      { rateLimit: { limit: 3, period: 3_600_000, algorithm: 'gcra', key } },
    ],
    [{ idempotency: ID }, { idempotency: { key, period: 86_400_000 } }],
    [
      { debounce: { period: '5s' } },
      { debounce: { period: 5_000, mode: 'last', edge: 'trailing' } },
    ],
    [
      { debounce: { period: 5, timeout: 5, mode: 'all', key: ID } },
      { debounce: { period: 5, timeout: 5, mode: 'all', edge: 'trailing', key } },
    ],
    [
      { debounce: { period: 5, edge: 'leading', mode: 'last' } },
      { debounce: { period: 5, mode: 'last', edge: 'leading' } },
    ],
    [{ batchEvents: { maxSize: 2, timeout: '1s' } }, { batch: { maxSize: 2, timeout: 1_000 } }],
    [
      { batchEvents: { maxSize: 10_000, timeout: 1, key: ID, if: fn } },
      { batch: { maxSize: 10_000, timeout: 1, key, if: { text: 'fn', of: fn } } },
    ],
    [{ priority: ID }, { priority: key }],
    [{ priority: { run: ID } }, { priority: key }],
    [{ priority: fn }, { priority: { text: 'fn', of: fn } }],
    [{ singleton: { mode: 'skip' } }, { singleton: { mode: 'skip' } }],
    [{ singleton: { mode: 'cancel', key: ID } }, { singleton: { mode: 'cancel', key } }],
    [{ timeouts: { start: '1s' } }, { timeouts: { start: 1_000 } }],
    [{ timeouts: { start: 5, finish: '2h' } }, { timeouts: { start: 5, finish: 7_200_000 } }],
    [{ backlog: { runs: 1 } }, { backlog: { runs: 1, full: 'refuse' } }],
    [{ backlog: { bytes: 9, full: 'skip' } }, { backlog: { bytes: 9, full: 'skip' } }],
    [
      { batchEvents: { maxSize: 1, timeout: 1 }, debounce: { period: 1 } },
      { debounce: { period: 1, mode: 'last', edge: 'trailing' } },
    ],
  ])('of %j is kept as data', (options, flow) => {
    expect(flowOf(options)).toStrictEqual({ concurrency: [], ...flow })
  })

  test('may have all its parts, but for two that gather', () => {
    const all = {
      concurrency: 5,
      throttle: { limit: 1, period: '1s' },
      rateLimit: { limit: 1, period: '1s' },
      idempotency: ID,
      batchEvents: { maxSize: 5, timeout: '1s' },
      priority: ID,
      singleton: { mode: 'skip' },
      timeouts: { start: '1s' },
      backlog: { runs: 5 },
      cancelOn: [{ event: 'app/stop' }],
    }
    expect(Object.keys(flowOf(all) ?? {})).toHaveLength(9)
    const { message, hint } = refusedBy(() => define({ ...all, debounce: { period: '1s' } }))
    expect(message).toContain('gathered once')
    expect(hint).toContain("`debounce` with mode 'all' collects too")
  })

  test.each<[object, object]>([
    [{}, { per: 'run' }],
    [{}, { key: ID }],
    [{ key: ID }, { key: 'event.data.n' }],
    [{ key: ID }, { key: fn }],
    [{ key: ID }, { key: ID, scope: 'engine' }],
    [
      { key: ID, per: 'run', scope: 'engine' },
      { key: ID, scope: 'engine' },
    ],
  ])('may limit concurrency by %j and by %j', (one, other) => {
    const concurrency = [
      { limit: 1, ...one },
      { limit: 1, ...other },
    ]
    expect(flowOf({ concurrency })?.concurrency).toHaveLength(2)
  })

  test.each<[object, string]>([
    [{ concurrency: 0 }, 'concurrency'],
    [{ concurrency: 1.5 }, 'concurrency'],
    [{ concurrency: null }, 'concurrency'],
    [{ concurrency: '5' }, 'concurrency'],
    [{ concurrency: {} }, 'concurrency.limit'],
    [{ concurrency: { limit: Number.POSITIVE_INFINITY } }, 'concurrency.limit'],
    [{ concurrency: { limit: 1, scope: 'fn' } }, 'concurrency.scope'],
    [{ concurrency: { limit: 1, per: 'steps' } }, 'concurrency.per'],
    [{ concurrency: { limit: 1, key: 7 } }, 'concurrency.key'],
    [{ concurrency: { limit: 1, key: 'event.' } }, 'concurrency.key'],
    [{ concurrency: { limit: 1, key: 'async.data.id' } }, 'concurrency.key'],
    [{ concurrency: { limit: 1, scope: 'engine' } }, 'concurrency.key'],
    [{ concurrency: { limit: 1, scope: 'engine', key: fn } }, 'concurrency.key'],
    [{ concurrency: { limit: 1, keys: ID } }, 'concurrency.keys'],
    [{ concurrency: [] }, 'concurrency'],
    [{ concurrency: [1, 2, 3] }, 'concurrency'],
    [{ concurrency: [1, 0] }, 'concurrency.1'],
    [{ concurrency: [1, { limit: 2 }] }, 'concurrency.1'],
    [
      {
        concurrency: [
          { limit: 1, key: ID },
          { limit: 2, key: ` ${ID}` },
        ],
      },
      'concurrency.1',
    ],
    [
      {
        concurrency: [
          { limit: 1, key: fn },
          { limit: 1, key: () => 1 },
        ],
      },
      'concurrency.1',
    ],
    [{ throttle: 5 }, 'throttle'],
    [{ throttle: { limit: 0, period: '1s' } }, 'throttle.limit'],
    [{ throttle: { period: '1s' } }, 'throttle.limit'],
    [{ throttle: { limit: 1 } }, 'throttle.period'],
    [{ throttle: { limit: 1, period: 999 } }, 'throttle.period'],
    [{ throttle: { limit: 1, period: '7d1ms' } }, 'throttle.period'],
    [{ throttle: { limit: 1, period: '1s', burst: 0 } }, 'throttle.burst'],
    [{ rateLimit: { limit: 1, period: 0 } }, 'rateLimit.period'],
    [{ rateLimit: { limit: 1, period: '1 month' } }, 'rateLimit.period'],
    [{ rateLimit: { limit: 1, period: 1, algorithm: 'sliding-window' } }, 'rateLimit.algorithm'],
    [{ rateLimit: { limit: 1, period: 1, burst: 1 } }, 'rateLimit.burst'],
    [{ rateLimit: [] }, 'rateLimit'],
    [{ idempotency: '' }, 'idempotency'],
    [{ idempotency: { key: ID } }, 'idempotency'],
    [{ idempotency: null }, 'idempotency'],
    [{ debounce: {} }, 'debounce.period'],
    [{ debounce: { period: 5, timeout: 4 } }, 'debounce.timeout'],
    [{ debounce: { period: 5, timeout: null } }, 'debounce.timeout'],
    [{ debounce: { period: 5, mode: 'first' } }, 'debounce.mode'],
    [{ debounce: { period: 5, edge: 'both' } }, 'debounce.edge'],
    [{ debounce: { period: 5, edge: 'leading', mode: 'all' } }, 'debounce.mode'],
    [{ debounce: { period: 5, edge: 'leading', timeout: 5 } }, 'debounce.timeout'],
    [{ batchEvents: { timeout: 1 } }, 'batchEvents.maxSize'],
    [{ batchEvents: { maxSize: 0, timeout: 1 } }, 'batchEvents.maxSize'],
    [{ batchEvents: { maxSize: 10_001, timeout: 1 } }, 'batchEvents.maxSize'],
    [{ batchEvents: { maxSize: 5 } }, 'batchEvents.timeout'],
    [{ batchEvents: { maxSize: 1 } }, 'batchEvents.timeout'],
    [{ batchEvents: { maxSize: 5, timeout: 1, if: true } }, 'batchEvents.if'],
    [{ batchEvents: { maxSize: 5, timeout: 1, if: 'nope(' } }, 'batchEvents.if'],
    [{ batchEvents: { maxSize: 5, timeout: 1 }, debounce: { period: 1 } }, 'batchEvents'],
    [{ priority: 100 }, 'priority'],
    [{ priority: {} }, 'priority.run'],
    [{ priority: { run: 7 } }, 'priority.run'],
    [{ priority: { run: ID, step: ID } }, 'priority.step'],
    [{ singleton: {} }, 'singleton.mode'],
    [{ singleton: true }, 'singleton'],
    [{ singleton: { mode: 'wait' } }, 'singleton.mode'],
    [{ timeouts: {} }, 'timeouts'],
    [{ timeouts: { start: 0 } }, 'timeouts.start'],
    [{ timeouts: { end: 1 } }, 'timeouts.end'],
    [{ timeouts: { finish: 'soon' } }, 'timeouts.finish'],
    [{ backlog: { full: 'skip' } }, 'backlog'],
    [{ backlog: { runs: 0 } }, 'backlog.runs'],
    [{ backlog: { bytes: '1MB' } }, 'backlog.bytes'],
    [{ backlog: { runs: 1, full: 'drop' } }, 'backlog.full'],
  ])('%j is refused, naming the place', (options, path) => {
    const { path: said, message, hint } = refusedBy(() => define(options))
    expect(said).toBe(path)
    expect(message).toContain(`The workflow "w" is not valid. ${path}: `)
    expect(hint).not.toBe('')
  })
})
