import fc from 'fast-check'
import { cron, event, runCompleted, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { refusedBy } from './refused.ts'

const schema = z.object({ userId: z.string(), plan: z.string() })
const signedUp = event('app/user.signup', schema)

const define = (triggers: unknown) =>
  workflow({ id: 'w', triggers: triggers as never }, async () => {})
const normal = (triggers: unknown) => define(triggers).triggers

describe('triggers', () => {
  test('are a closed union, however they are written', () => {
    const isPro = (): boolean => true
    const daily = cron('0 9 * * *')
    expect(normal(undefined)).toEqual([])
    expect(normal([])).toEqual([])
    expect(normal('app/x')).toEqual([{ kind: 'event', pattern: 'app/x' }])
    expect(normal(daily)).toEqual([daily])
    expect(
      normal([
        signedUp,
        'app/*',
        { event: 'app/user.*', if: 'event.data.n > 1' },
        { event: signedUp, if: isPro },
        { event: 'app/y' },
        daily,
        signedUp.where({ plan: 'p"ro', userId: 'u' }),
        { event: signedUp.where({ plan: 'pro' }), if: 'event.a || event.b' },
        runCompleted,
      ]),
    ).toEqual([
      { kind: 'event', pattern: 'app/user.signup', schema },
      { kind: 'event', pattern: 'app/*' },
      { kind: 'event', pattern: 'app/user.*', if: 'event.data.n > 1' },
      { kind: 'event', pattern: 'app/user.signup', schema, if: isPro },
      { kind: 'event', pattern: 'app/y' },
      daily,
      {
        kind: 'event',
        pattern: 'app/user.signup',
        schema,
        if: '(event.data.plan == "p\\"ro") && (event.data.userId == "u")',
      },
      {
        kind: 'event',
        pattern: 'app/user.signup',
        schema,
        if: '(event.data.plan == "pro") && (event.a || event.b)',
      },
      { kind: 'event', pattern: 'perdure/run.completed' },
    ])
  })

  test.each([
    ['', 'triggers'],
    ['app/*x', 'triggers'],
    ['app/*/x', 'triggers'],
    ['app*', 'triggers'],
    ['*', 'triggers'],
    ['/*', 'triggers'],
    ['a/*/*', 'triggers'],
    ['perdure/run.ended', 'triggers'],
    ['perdure/runs.*', 'triggers'],
    ['x'.repeat(256), 'triggers'],
    [7, 'triggers'],
    [null, 'triggers'],
    [() => true, 'triggers'],
    [['app/x', 'app/y', 'app/*.z'], 'triggers.2'],
    [[{ event: 'app/x' }, { event: 'app/y*' }], 'triggers.1.event'],
    [[{ event: undefined }], 'triggers.0.event'],
    [[{ name: 'app/x' }], 'triggers.0'],
    [['a', 'b', { event: 'app/x', if: ' ' }], 'triggers.2.if'],
    [{ event: 'app/x', if: true }, 'triggers.if'],
    [{ event: 'app/x', iff: 'true' }, 'triggers.iff'],
    [{ event: signedUp.where({ plan: 'x' }), if: () => true }, 'triggers.if'],
    [Array.from({ length: 11 }, (_, n) => `app/${n}`), 'triggers'],
    [['app/x', 'app/y', 'app/x'], 'triggers.2'],
    [[signedUp, 'app/x', { event: 'app/user.signup' }], 'triggers.2'],
    [
      [
        { event: 'a', if: 'event.x' },
        { event: 'a', if: 'event.x' },
      ],
      'triggers.1',
    ],
    [[cron('@daily'), cron('@hourly'), cron('@daily')], 'triggers.2'],
    [signedUp.where({ plan: 'x'.repeat(10_001) }), 'triggers'],
  ])('refuse %j', (triggers, path) => {
    const { path: said, message, hint } = refusedBy(() => define(triggers))
    expect(said).toBe(path)
    expect(message).toContain(`The workflow "w" is not valid. ${path}: `)
    expect(hint).not.toBe('')
  })

  test('that are schedules are checked as cron() does it', () => {
    const daily = cron('0 9 * * *', { id: 'daily' })
    expect(normal({ kind: 'cron', expression: '0 9 * * *', id: 'daily' })).toEqual([daily])
    for (const wrong of [{}, { expression: '0 9 * *' }, { ...daily, often: true }]) {
      expect(() => define({ kind: 'cron', ...wrong })).toThrow(
        expect.objectContaining({ code: 'DEFINITION_INVALID' }),
      )
    }
  })

  test('may be 10, differ in their condition only, and name what the engine sends', () => {
    expect(normal(Array.from({ length: 10 }, (_, n) => `app/${n}`))).toHaveLength(10)
    expect(
      normal(['a', { event: 'a', if: 'event.x' }, { event: 'a', if: 'event.y' }]),
    ).toHaveLength(3)
    expect(normal(['perdure/*', 'perdure/run.*', 'perdure/run.failed'])).toHaveLength(3)
    expect(normal(['a\n/*', 'a/\n.*'])).toHaveLength(2)
  })

  test('that are schedules differ by whatever they give', () => {
    const round: { self?: unknown } = {}
    round.self = round
    const given = [new Map([[1, 2]]), new Map([[1, 3]]), 1n, 2n, round, undefined]
    expect(normal(given.map(data => cron('@daily', { data })))).toHaveLength(given.length)
    const twice = [1, 2].map(() => cron('@daily', { data: { at: 1n } }))
    expect(refusedBy(() => define(twice)).path).toBe('triggers.1')
  })

  test('are patterns exactly where a star ends a name after a separator', () => {
    const part = fc.stringMatching(/^[a-z]{1,3}$/)
    const name = fc
      .tuple(part, fc.array(fc.tuple(fc.constantFrom('/', '.'), part), { maxLength: 3 }))
      .map(([first, rest]) => first + rest.flat().join(''))
    fc.assert(
      fc.property(name, fc.nat(), fc.constantFrom('/', '.'), (text, place, separator) => {
        expect(normal(text)).toEqual([{ kind: 'event', pattern: text }])
        const pattern = `${text}${separator}*`
        expect(normal(pattern)).toEqual([{ kind: 'event', pattern }])
        const at = place % text.length
        const starred = `${text.slice(0, at)}*${text.slice(at)}`
        expect(refusedBy(() => define(starred)).path).toBe('triggers')
        expect(refusedBy(() => define(`${text}*`)).path).toBe('triggers')
      }),
    )
  })
})

describe('handlers of endings', () => {
  test('are kept', () => {
    const onFailure = async (): Promise<void> => {}
    const onCancel = async (): Promise<void> => {}
    const made = workflow({ id: 'w', onFailure, onCancel }, async () => {})
    expect([made.onFailure, made.onCancel]).toEqual([onFailure, onCancel])
    const plain = workflow({ id: 'w' }, async () => {})
    expect([plain.onFailure, plain.onCancel]).toEqual([undefined, undefined])
  })

  test('are functions', () => {
    expect(() => workflow({ id: 'w', onFailure: 7 as never }, async () => {})).toThrow(
      expect.objectContaining({
        code: 'DEFINITION_INVALID',
        message: expect.stringContaining('onFailure: 7 is not a function'),
      }),
    )
    expect(() => workflow({ id: 'w', onCancel: {} as never }, async () => {})).toThrow('onCancel')
  })
})
