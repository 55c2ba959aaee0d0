import { event, runFailed, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { refusedBy } from './refused.ts'

const deleted = event('app/user.deleted')

const define = (cancelOn: unknown) =>
  workflow({ id: 'w', triggers: 'app/x', cancelOn: cancelOn as never }, async () => {})

describe('cancelOn', () => {
  test('is kept as data: a name, one expression, milliseconds', () => {
    expect(define(undefined).cancelOn).toEqual([])
    expect(
      define([
        { event: 'app/a' },
        { event: deleted, match: 'data.user.first-name', timeout: '1h' },
        { event: deleted, if: 'event.data.a == async.data.a', timeout: 0 },
        { event: deleted.where({ n: 1, s: 'x' }), if: 'async.a || async.b' },
        { event: runFailed.where({ workflow: 'billing' }) },
      ]).cancelOn,
    ).toEqual([
      { event: 'app/a' },
      {
        event: 'app/user.deleted',
        if: 'event.data.user["first-name"] == async.data.user["first-name"]',
        timeout: 3_600_000,
      },
      { event: 'app/user.deleted', if: 'event.data.a == async.data.a', timeout: 0 },
      {
        event: 'app/user.deleted',
        if: '((async.data.n == 1) && (async.data.s == "x")) && (async.a || async.b)',
      },
      { event: 'perdure/run.failed', if: 'async.data.workflow == "billing"' },
    ])
  })

  test('writes what is to be equal as an expression does', () => {
    const [rule] = define([
      { event: deleted.where({ a: 1e20, b: -0.5, c: null, d: true, e: '"\n' }) },
    ]).cancelOn
    expect(rule?.if).toBe(
      '(async.data.a == 1e+20) && (async.data.b == -0.5) && (async.data.c == null) && ' +
        '(async.data.d == true) && (async.data.e == "\\"\\n")',
    )
  })

  test('keeps the schemas of the events', () => {
    const schema = z.object({ id: z.string() })
    const gone = event('app/gone', schema)
    const options = [{ event: gone }, { event: gone.where({ id: '1' }) }, { event: 'app/gone' }]
    expect(define(options).cancelOn.map(rule => rule.schema)).toEqual([schema, schema, undefined])
  })

  test.each([
    [{ event: 'app/a' }, 'cancelOn'],
    [Array.from({ length: 6 }, () => ({ event: 'app/a' })), 'cancelOn'],
    [['app/a'], 'cancelOn.0'],
    [[{}], 'cancelOn.0.event'],
    [[{ event: 'app/a' }, { event: 'app/*' }], 'cancelOn.1.event'],
    [[{ event: '' }], 'cancelOn.0.event'],
    [[{ event: 'perdure/run.done' }], 'cancelOn.0.event'],
    [[{ event: 'a', match: 'data.x', if: 'true' }], 'cancelOn.0.match'],
    [[{ event: 'a', match: 'userId' }], 'cancelOn.0.match'],
    [[{ event: 'a', match: 'data' }], 'cancelOn.0.match'],
    [[{ event: 'a', match: 'data..x' }], 'cancelOn.0.match'],
    [[{ event: 'a', match: 'data.' }], 'cancelOn.0.match'],
    [[{ event: 'a', match: `data.${'x'.repeat(300)}` }], 'cancelOn.0.match'],
    [[{ event: 'a', match: ['data', 'x'] }], 'cancelOn.0.match'],
    [[{ event: 'a', if: '' }], 'cancelOn.0.if'],
    [[{ event: 'a', if: () => true }], 'cancelOn.0.if'],
    [[{ event: 'a', timeout: '1 month' }], 'cancelOn.0.timeout'],
    [[{ event: 'a', timeout: -1 }], 'cancelOn.0.timeout'],
    [[{ event: 'a', timeout: null }], 'cancelOn.0.timeout'],
    [[{ event: 'a', key: 'x' }], 'cancelOn.0.key'],
  ])('refuses %j', (cancelOn, path) => {
    const { path: said, message, hint } = refusedBy(() => define(cancelOn))
    expect(said).toBe(path)
    expect(message).toContain(`The workflow "w" is not valid. ${path}: `)
    expect(hint).not.toBe('')
  })
})
