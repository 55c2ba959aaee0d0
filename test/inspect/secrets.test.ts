import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type } from 'arktype'
import fc from 'fast-check'
import { event, openEngine, workflow } from 'perdure'
import { openReader, toTaggedJson } from 'perdure/journal'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { secretPaths } from '../../src/define/secret-paths.ts'
import { REDACTED, Secrets } from '../../src/inspect/secrets.ts'
import { perdure } from '../cli/perdure.ts'

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
    ['nothing that a library could say', type({ pin: 'string' }), []],
  ])('%s', (_, schema, paths) => {
    expect(secretPaths(schema)).toEqual(paths)
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
