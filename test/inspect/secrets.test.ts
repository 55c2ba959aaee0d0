import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type } from 'arktype'
import fc from 'fast-check'
import { event, openEngine, workflow } from 'perdure'
import { openReader, toTaggedJson } from 'perdure/journal'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { secretPaths } from '../../src/define/secret-paths.ts'
import { REDACTED, Secrets } from '../../src/inspect/secrets.ts'
import { perdure } from '../cli/perdure.ts'

const pin = () => z.string().meta({ secret: true })
const hidden = () => v.pipe(v.string(), v.metadata({ secret: true }))
const failing = {
  input(): never {
    throw new TypeError('cannot say')
  },
}

describe('what a schema marks', () => {
  test.each([
    ['a property', z.object({ a: z.string(), b: z.string().meta({ secret: true }) }), ['b']],
    [
      'one inside others',
      z.object({ user: z.object({ mail: z.email().meta({ secret: true }) }) }),
      ['user.mail'],
    ],
    [
      'one in a list',
      z.object({ cards: z.array(z.object({ number: z.string().meta({ secret: true }) })) }),
      ['cards.number'],
    ],
    [
      'one in a variant',
      z.union([z.object({ a: z.string() }), z.object({ pin: z.string().meta({ secret: true }) })]),
      ['pin'],
    ],
    [
      'one beside what JSON does not know',
      z.object({ at: z.date(), n: z.bigint(), pin: z.string().meta({ secret: true }).optional() }),
      ['pin'],
    ],
    ['one that is only written', z.object({ pin: z.string().meta({ writeOnly: true }) }), ['pin']],
    ['nothing', z.object({ pin: z.string() }), []],
    ['all of it', pin(), ['']],
    ['the values of a record', z.record(z.string(), pin()), ['*']],
    [
      'what is in records',
      z.object({
        by: z.record(z.string(), z.object({ pin: pin() })),
        of: z.record(pin(), z.number()),
      }),
      ['of', 'by.*.pin'],
    ],
    [
      'what is in maps and sets',
      z.object({
        map: z.map(z.string(), z.object({ pin: pin() })),
        keys: z.map(pin(), z.number()),
        set: z.set(z.object({ pin: pin() })),
        maps: z.map(z.string(), z.map(z.string(), pin())),
      }),
      ['keys', 'map.*.pin', 'set.pin', 'maps.*.*'],
    ],
    [
      'what is in tuples and intersections',
      z.object({
        row: z.tuple([z.object({ a: pin() })]).rest(z.object({ b: pin() })),
        both: z.intersection(z.object({ c: pin() }), z.object({ d: pin() })),
      }),
      ['both.c', 'both.d', 'row.a', 'row.b'],
    ],
    [
      'what comes out',
      z.object({ a: z.string().pipe(pin()), b: pin().transform(Number) }),
      ['b', 'a'],
    ],
    ['a key that is a pattern', z.object({ 'a.b*': pin() }), ['a\\.b\\*']],
    [
      'in Arktype',
      type({ at: 'Date', user: { pin: type('string').configure({ secret: true } as object) } }),
      ['user.pin'],
    ],
    [
      'in Valibot',
      v.object({
        pin: hidden(),
        user: v.optional(v.object({ a: hidden() })),
        rows: v.array(v.object({ b: hidden() })),
        by: v.record(v.string(), hidden()),
        map: v.map(v.string(), v.object({ c: hidden() })),
        set: v.set(v.object({ d: hidden() })),
        row: v.tupleWithRest([v.object({ e: hidden() })], v.object({ f: hidden() })),
        kind: v.variant('t', [v.object({ t: v.literal('a'), g: hidden() })]),
        rest: v.objectWithRest({ a: v.string() }, hidden()),
        plain: v.pipe(v.string(), v.description('x')),
      }),
      ['pin', 'by.*', 'rest.*', 'user.a', 'rows.b', 'map.*.c', 'set.d', 'row.e', 'row.f', 'kind.g'],
    ],
    ['nothing that a library could say', type({ pin: 'string' }), []],
  ])('%s', (_, schema, paths) => {
    expect([...secretPaths(schema)].sort()).toEqual([...paths].sort())
  })

  const tree: z.ZodType = z.lazy(() => z.record(z.string(), z.union([pin(), tree])))
  const lists: z.ZodType = z.lazy(() => z.union([z.string(), z.array(lists)]))
  const maps: z.ZodType = z.lazy(() => z.map(z.string(), z.union([z.object({ pin: pin() }), maps])))
  const wide: z.ZodType = z.lazy(() =>
    z.object({ pin: pin(), ...Object.fromEntries([...'abcdefgh'].map(key => [key, wide])) }),
  )
  const endless = (): z.ZodType => z.object({ a: z.lazy(endless) })
  const branch: v.GenericSchema = v.object({ pin: hidden(), kids: v.array(v.lazy(() => branch)) })
  test.each([
    ['of JSON', z.object({ meta: z.json() }), []],
    ['of lists', lists, []],
    ['of records', tree, ['*']],
    ['of records, at several places', z.object({ a: tree, b: tree }), ['a.*', 'b.*']],
    ['of maps', maps, ['pin']],
    ['with many such places', wide, ['pin']],
    ['of Valibot', branch, ['pin']],
    ['without an end', endless(), ['']],
    ['that fails', { '~standard': { ...pin()['~standard'], jsonSchema: failing } }, ['']],
  ] as const)('in one that holds itself: %s', (_, schema, paths) => {
    const before = process.cpuUsage()
    expect(secretPaths(schema)).toEqual(paths)
    // It took 20 s to follow every way through eight places.
    expect(process.cpuUsage(before).user).toBeLessThan(5_000_000)
  })

  test('in a schema that holds itself', () => {
    const node = z.object({
      pin: z.string().meta({ secret: true }),
      get next() {
        return node.optional()
      },
    })
    expect(secretPaths(node)).toContain('pin')
  })
})

describe('masking', () => {
  const secrets = new Secrets(['card', 'user.email'])

  test('hides what is named, and what always is', () => {
    const value = { card: '4242', user: { email: 'a@b.c', name: 'Ada' }, email: 'x', api_key: 'k' }
    expect(secrets.mask([value])).toEqual([
      { card: REDACTED, user: { email: REDACTED, name: 'Ada' }, email: 'x', api_key: REDACTED },
    ])
  })

  test('hides all that is inside, however keys are spelt', () => {
    const value = { Card: { number: 1 }, 'Access-Token': ['a', 'b'], token: null }
    expect(secrets.mask(value)).toEqual({ Card: REDACTED, 'Access-Token': REDACTED, token: null })
  })

  test('never shows what stands under a secret key, and leaves all else alone', () => {
    const KEPT = ['a', 'b', 'c']
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom('kept', 1, null, true),
        fc.array(tie('tree')),
        fc.dictionary(fc.constantFrom(...KEPT), tie('tree')),
      ),
    }))
    const path = fc.array(fc.constantFrom(...KEPT), { maxLength: 4 })
    fc.assert(
      fc.property(tree, path, (value, keys) => {
        expect(secrets.mask(value)).toEqual(value)
        const hidden = keys.reduce<unknown>((inner, key) => ({ [key]: [inner] }), {
          card: { deep: 'SECRET', more: value },
        })
        const masked = JSON.stringify(secrets.mask(hidden))
        expect(masked).not.toContain('SECRET')
        expect(masked).toContain(REDACTED)
      }),
    )
  })

  test('looks into what JSON has no word for', () => {
    const error = Object.assign(new Error('no'), { token: 'SECRET', code: 'E1' })
    const bare = Object.assign(Object.create(null), { password: 'SECRET' })
    const map = new Map<unknown, unknown>([
      ['card', 'SECRET'],
      ['kept', { cvc: 'SECRET' }],
      [1, 'kept'],
    ])
    const user = new Map([['email', 'SECRET']])
    const set = new Set([{ pin: 'kept' }])
    const shown = JSON.stringify(secrets.mask(toTaggedJson({ error, bare, map, user, set, $: 1 })))
    expect(shown).not.toContain('SECRET')
    expect(shown.split(REDACTED)).toHaveLength(6)
    expect(shown.match(/"kept"/g)).toHaveLength(3)
    expect(shown).toContain('"E1"')
  })

  test('hides below any key, and in keys with dots', () => {
    const any = new Secrets(['by.*.pin', 'a\\.b', 'of.*'])
    const value = { by: { x: { pin: 1, n: 2 } }, pin: 3, 'a.b': 4, a: { b: 5 }, of: { k: 6 } }
    const shown = { by: { x: { pin: REDACTED, n: 2 } }, pin: 3, 'a.b': REDACTED, a: { b: 5 } }
    expect(any.mask(value)).toEqual({ ...shown, of: { k: REDACTED } })
    const map = toTaggedJson({ of: new Map([[1, 'SECRET']]) })
    expect(JSON.stringify(any.mask(map))).not.toContain('SECRET')
  })

  test('hides data of whom it names, and what is named in that everywhere', () => {
    const own = new Secrets(['@app/all', '@app/each*.*', '@app/some.user.pin'])
    expect(own.mask('x', ['other'])).toBe('x')
    expect(own.mask('x', ['other', 'app/all'])).toBe(REDACTED)
    expect(own.mask('x', ['*'])).toBe(REDACTED)
    expect(own.mask({ a: 1 }, ['app/each.one'])).toEqual({ a: REDACTED })
    expect(own.mask({ in: { a: 1 } })).toEqual({ in: { a: 1 } })
    expect(own.mask({ in: { user: { pin: 1 } } })).toEqual({ in: { user: { pin: REDACTED } } })
  })

  test('does so however deep', () => {
    const deep = Array.from({ length: 200 }).reduce<unknown>(inner => ({ a: inner }), {
      card: 'SECRET',
    })
    expect(JSON.stringify(secrets.mask(deep))).not.toContain('SECRET')
  })

  test('does not mistake a key for a prototype', () => {
    const value = JSON.parse('{"__proto__":{"card":1},"a":2}')
    expect(JSON.stringify(secrets.mask(value))).toBe(`{"__proto__":{"card":"${REDACTED}"},"a":2}`)
  })
})

describe('what an engine says is secret', () => {
  test('is known to whoever reads its journal, as it was last said', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'perdure-secrets-'))
    const paid = event('app/paid', z.object({ iban: z.string().meta({ secret: true }) }))
    const marked = workflow({ id: 'marked', triggers: paid }, async () => 1)
    const said = async (): Promise<readonly string[] | undefined> => {
      const { meta, close } = await openReader(dir)
      await close()
      return meta.secrets
    }
    for (const [secrets, told] of [
      [['card'], ['card', 'iban']],
      [[], ['iban']],
    ] as const) {
      await (await openEngine({ path: dir, workflows: [marked], secrets })).close()
      expect(await said()).toEqual(told)
    }
    await (await openEngine({ path: dir, workflows: [] })).close()
    expect(await said()).toBeUndefined()
    expect((await perdure(['verify', dir], { scratch: tmpdir() })).status).toBe(0)
    await rm(dir, { recursive: true })
  })
})

describe('what is shown of a journal', () => {
  const begun = event('app/begun', z.object({ code: pin() }))
  const gone = event('app/gone', z.object({ why: pin() }))
  const reply = event('app/reply', z.object({ id: z.string(), answer: pin() }))
  const whole = event('app/whole', pin())
  const asking = workflow(
    {
      ...{
        id: 'asking',
        triggers: begun,
        cancelOn: [{ event: gone, match: 'data.code' as never }],
      },
      ...{ retries: 0, concurrency: { limit: 1, key: 'event.data.code', per: 'run' } },
    },
    async ({ event, step }) => {
      const { code } = event.data
      const [got, all] = await Promise.all([
        step.waitForEvent('one', {
          ...{ event: reply, timeout: '1h' },
          if: 'async.data.answer == event.data.code && async.data.id in ["1", "SHOWN"]',
        }),
        step.waitForAny('all', { all: 'app/whole', late: step.timer('1h') }),
        step.waitForAny('own', { own: reply.where({ answer: code }), late: step.timer('1h') }),
        step.sendEvent('send', [
          { name: 'app/reply', data: { id: '1', answer: code } },
          whole('SECRET'),
        ]),
      ])
      return [got?.data, all.key]
    },
  )
  const taking = workflow({ id: 'taking', schema: pin() }, async () => 1)
  const gathering = workflow(
    { id: 'gathering', triggers: begun, debounce: { period: '1h', key: 'event.data' } },
    async () => 1,
  )

  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'perdure-shown-'))
    const workflows = [asking, taking, gathering]
    await using engine = await openEngine({ path: dir, workflows })
    await (await engine.start(asking, { code: 'SECRET' }, { id: 'asking-1' })).result()
    await (await engine.start(taking, 'SECRET', { id: 'taking-1' })).result()
    await engine.start(gathering, { code: 'SECRET' }, { id: 'gathering-1' })
  })
  afterAll(() => rm(dir, { recursive: true }))

  const said = async (args: readonly string[]): Promise<string> => {
    const { out, err } = await perdure([...args, '-d', dir], { scratch: tmpdir(), columns: 400 })
    return out + err
  }
  const ofRuns = ['asking-1', 'taking-1', 'gathering-1'].flatMap(run => [
    ...[[], ['--json']].flatMap(format => [
      ['show', run, ...format],
      ['events', run, ...format],
      ['why', run, ...format],
    ]),
    ...[
      ['events', run, '--plain'],
      ['export', run, '--html'],
      ['export', run, '--chrome-trace'],
    ],
  ])
  const all = [
    ...[['waits'], ['tail', '--no-follow'], ['tail', '--no-follow', '--json'], ['dump']],
    ['step', 'asking-1', 'one'],
    ['step', 'asking-1', 'all', '--json'],
    ['diff', 'asking-1', 'taking-1'],
  ]

  test('has no secret: of literals, keys, data as a whole, nor of events that code names', async () => {
    let shown = ''
    for (const args of [...ofRuns, ...all]) {
      const text = await said(args)
      expect(text, args.join(' ')).not.toContain('SECRET')
      shown += text
    }
    for (const args of [
      ['show', 'taking-1', '--json'],
      ['events', 'asking-1', '--json'],
    ]) {
      expect(await said([...args, '--show-secrets'])).toContain('SECRET')
    }
    expect(shown).toContain('SHOWN')
    expect(shown).toContain(`["run","asking","event.data.code","\\"${REDACTED}\\""]`)
  })

  test('stays so when it is opened without the code that named them', async () => {
    const known = async (): Promise<unknown> => {
      const { meta, close } = await openReader(dir)
      await close()
      return meta.secrets
    }
    expect(await known()).toEqual(['@*.answer', '@app/whole', '@taking', 'code', 'why'])
    await (await openEngine({ path: dir, workflows: [], secrets: ['code'] })).close()
    expect(await known()).toEqual(['@*.answer', '@app/whole', '@taking', 'code'])
    expect(await said(['events', 'asking-1', '--json'])).not.toContain('SECRET')
    expect((await perdure(['verify', dir], { scratch: tmpdir() })).status).toBe(0)
  })
})
