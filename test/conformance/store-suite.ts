import assert from 'node:assert/strict'
import fc from 'fast-check'
import { byBytes, keysOf, read, textOf, write } from './rows.ts'
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

function batches(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  test('has nothing to begin with, and says where it is', async ({ store }) => {
    assert.equal(await store.get('absent'), undefined)
    assert.deepEqual(await read(store), [])
    assert.ok(store.place.length > 0)
  })
  test('shows a batch only once it was written', async ({ store }) => {
    const batch = store.batch()
    batch.put('a', Buffer.from('1'))
    assert.equal(await store.get('a'), undefined)
    await batch.write()
    assert.deepEqual(await read(store), [['a', '1']])
  })
  test('applies a batch in the order it was made', async ({ store }) => {
    await write(store, [['old', '0']])
    await write(store, [
      ['old', null],
      ['put then deleted', '1'],
      ['put then deleted', null],
      ['deleted then put', null],
      ['deleted then put', '2'],
      ['twice', '3'],
      ['twice', '4'],
    ])
    assert.deepEqual(await read(store), [
      ['deleted then put', '2'],
      ['twice', '4'],
    ])
  })
  test('lets the last of two batches win, and writes empty ones', async ({ store }) => {
    await write(store, [
      ['a', '1'],
      ['b', '1'],
    ])
    await write(store, [])
    await write(store, [
      ['a', '2'],
      ['absent', null],
    ])
    assert.deepEqual(await read(store), [
      ['a', '2'],
      ['b', '1'],
    ])
  })
  test('leaves nothing of a batch that was discarded', async ({ store }) => {
    const batch = store.batch()
    batch.put('a', Buffer.from('1'))
    await batch.discard()
    await store.batch().discard()
    await write(store, [['b', '1']])
    assert.deepEqual(await keysOf(store), ['b'])
  })
  test('keeps two batches that are filled by turns apart', async ({ store }) => {
    const [one, two] = [store.batch(), store.batch()]
    one.put('a', Buffer.from('1'))
    two.put('b', Buffer.from('2'))
    one.put('c', Buffer.from('1'))
    await one.write()
    assert.deepEqual(await keysOf(store), ['a', 'c'])
    await two.write()
    assert.deepEqual(await keysOf(store), ['a', 'b', 'c'])
  })
}

function values(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  test('gives back every byte, none at all, and millions of them', async ({ store }) => {
    const bytes = [...Array(256).keys()]
    const large = Buffer.alloc(5_000_000, Uint8Array.from(bytes))
    await write(store, [
      ['bytes', Uint8Array.from(bytes)],
      ['empty', new Uint8Array()],
      ['large', large],
      ['part', large.subarray(3, 6)],
    ])
    assert.deepEqual([...((await store.get('bytes')) ?? [])], bytes)
    assert.equal((await store.get('empty'))?.length, 0)
    assert.ok(large.equals((await store.get('large')) ?? Buffer.alloc(0)))
    assert.deepEqual([...((await store.get('part')) ?? [])], [3, 4, 5])
  })
  test('keeps its own bytes, whatever is done to those it was given or gave', async ({ store }) => {
    const given = Buffer.from('as it was')
    await write(store, [['key', given]])
    given.fill('x')
    assert.equal(textOf((await store.get('key')) ?? Buffer.from('none')), 'as it was')
    ;(await store.get('key'))?.fill(0)
    for await (const [entry] of store.scan({ gte: 'k', lt: 'l' })) entry?.[1].fill(0)
    assert.deepEqual(await read(store), [['key', 'as it was']])
  })
}

// Ordered by UTF-16 units, as JavaScript does, the last two of the planes would change places.
const KEYS = [
  '',
  ' ',
  '!',
  '"',
  '0',
  'A',
  'a',
  'a!',
  'a!b',
  'a"',
  'é',
  'ﬀ',
  '\u{ffff}',
  '\u{1f600}',
]

function scans(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  const some = KEYS.slice(1)
  const full = some.map(key => [key, `of ${key.length}`] as const)
  test('orders keys by their UTF-8 bytes', async ({ store }) => {
    await write(store, [...full].reverse())
    assert.deepEqual(await keysOf(store), [...some].sort(byBytes))
    assert.deepEqual(
      await keysOf(store, undefined, { reverse: true }),
      [...some].sort(byBytes).reverse(),
    )
    for (const [key, value] of full)
      assert.equal(textOf((await store.get(key)) ?? Buffer.alloc(0)), value)
  })
  test('takes ranges as half open, from both ends and up to a limit', async ({ store }) => {
    await write(store, full)
    const sorted = [...some].sort(byBytes)
    for (const gte of KEYS) {
      for (const lt of KEYS) {
        const inside = sorted.filter(key => byBytes(key, gte) >= 0 && byBytes(key, lt) < 0)
        assert.deepEqual(await keysOf(store, { gte, lt }), inside)
        assert.deepEqual(await keysOf(store, { gte, lt }, { limit: 2 }), inside.slice(0, 2))
        const backwards = { reverse: true, limit: 2 }
        assert.deepEqual(await keysOf(store, { gte, lt }, backwards), inside.reverse().slice(0, 2))
      }
    }
  })
  test('reads thousands of keys, forward, backward and to a limit', async ({ store }) => {
    const keys = numbered(3_001)
    await write(
      store,
      keys.map(key => [key, key] as const),
    )
    assert.deepEqual(await keysOf(store), keys)
    assert.deepEqual(await keysOf(store, undefined, { reverse: true }), keys.toReversed())
    for (const limit of [1, 999, 1_000, 1_001, 3_001, 9_999]) {
      assert.deepEqual(await keysOf(store, undefined, { limit }), keys.slice(0, limit))
    }
    const [one, two, three] = [
      keysOf(store),
      keysOf(store, undefined, { reverse: true }),
      store.get('000007'),
    ]
    assert.deepEqual([(await one).length, (await two).length], [3_001, 3_001])
    assert.equal(textOf((await three) ?? Buffer.alloc(0)), '000007')
  })
}

function views(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  test('scans what was there when it began, whatever is written meanwhile', async ({ store }) => {
    const keys = numbered(4_000)
    await write(
      store,
      keys.map(key => [key, 'before'] as const),
    )
    const found: string[] = []
    for await (const chunk of store.scan({ gte: '0', lt: '1' })) {
      for (const [key, value] of chunk) found.push(`${key} ${textOf(value)}`)
      await write(store, [
        ...keys.map((key, at) => [key, at % 2 === 0 ? 'after' : null] as const),
        [`000000 ${found.length}`, 'new'],
        [`003999 ${found.length}`, 'new'],
      ])
    }
    assert.deepEqual(
      found,
      keys.map(key => `${key} before`),
    )
    assert.equal(textOf((await store.get('003998')) ?? Buffer.alloc(0)), 'after')
  })
  test('shows each batch whole or not at all, to whoever reads meanwhile', async ({ store }) => {
    const keys = numbered(50)
    const turns = 40
    let writing = true
    const written = (async () => {
      for (let turn = 0; turn < turns; turn++) {
        await write(
          store,
          keys.map(key => [key, String(turn)] as const),
        )
      }
    })().finally(() => {
      writing = false
    })
    const seen: number[] = []
    while (writing) {
      const rows = await read(store)
      const turn = Number(rows[0]?.[1] ?? -1)
      assert.deepEqual(rows, turn < 0 ? [] : keys.map(key => [key, String(turn)]))
      seen.push(turn)
      await new Promise(resolve => setImmediate(resolve))
    }
    await written
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    )
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

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => String(at).padStart(6, '0'))
