import assert from 'node:assert/strict'
import fc from 'fast-check'
import { byBytes, KEYS, numbered, read, write } from './rows.ts'
import { batches, values } from './store-batches.ts'
import { scans, views } from './store-scans.ts'
import { type Framework, type OpenStore, testOn } from './subject.ts'

/**
 * What a journal relies on in a store. Give it your store and your test framework:
 *
 *   storeSuite('my store', openMine, { describe, test })
 */
export function storeSuite(name: string, open: OpenStore, framework: Framework): void {
  framework.describe(`the store ${name}`, () => {
    batches(framework, open)
    values(framework, open)
    scans(framework, open)
    views(framework, open)
    lives(framework, open)
    agrees(framework, open)
  })
}

function lives(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  test('can be closed after a scan that was given up, and then refuses', async ({ store }) => {
    await write(
      store,
      numbered(3_000).map(key => [key, 'value'] as const),
    )
    for await (const _ of store.scan({ gte: '0', lt: '1' })) break
    await store.close()
    await assert.rejects(() => store.get('000001'))
    await assert.rejects(() => store.getMany(['000001', '000002']))
    await assert.rejects(() => read(store))
    await assert.rejects(() => write(store, [['a', '1']]))
  })
  test('has kept what was written when it is opened again, if it can', async ({
    store,
    reopen,
  }) => {
    if (reopen === undefined) return
    await write(store, [
      ['a', '1'],
      ['b', '1'],
      ['c', '1'],
    ])
    const again = await reopen()
    await write(again, [
      ['a', '2'],
      ['b', null],
    ])
    assert.deepEqual(await read(await reopen()), [
      ['a', '2'],
      ['c', '1'],
    ])
  })
}

function agrees(framework: Framework, open: OpenStore): void {
  framework.test('agrees with a sorted map, whatever is done', async () => {
    const key = fc.constantFrom(...KEYS.slice(1))
    const row = fc.tuple(key, fc.option(fc.string({ unit: 'binary-ascii', maxLength: 9 })))
    const step = fc.record({ rows: fc.array(row), again: fc.boolean(), gte: key, lt: key })
    const scan = fc.record({ reverse: fc.boolean(), limit: fc.integer({ min: 1, max: 9 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, scan), { maxLength: 12 }), async steps => {
        const { store: first, reopen, close } = await open()
        const model = new Map<string, string>()
        try {
          let store = first
          for (const [{ rows, again, gte, lt }, options] of steps) {
            await write(store, rows)
            for (const [key, value] of rows) {
              if (value === null) model.delete(key)
              else model.set(key, value)
            }
            if (again && reopen !== undefined) store = await reopen()
            const inside = [...model].filter(
              ([key]) => byBytes(key, gte) >= 0 && byBytes(key, lt) < 0,
            )
            inside.sort(([a], [b]) => byBytes(a, b))
            if (options.reverse) inside.reverse()
            assert.deepEqual(
              await read(store, { gte, lt }, options),
              inside.slice(0, options.limit),
            )
          }
        } finally {
          await close()
        }
      }),
      { numRuns: 40 },
    )
  })
}
