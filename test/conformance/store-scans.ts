import assert from 'node:assert/strict'
import { byBytes, KEYS, keysOf, numbered, read, textOf, write } from './rows.ts'
import { type Framework, type OpenStore, testOn } from './subject.ts'

export function scans(framework: Framework, open: OpenStore): void {
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

export function views(framework: Framework, open: OpenStore): void {
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
      const together = (await store.getMany(keys)).map(value => value && textOf(value))
      const now = Number(together[0] ?? -1)
      assert.deepEqual(together, Array(50).fill(now < 0 ? undefined : String(now)))
      seen.push(now)
      await new Promise(resolve => setImmediate(resolve))
    }
    await written
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    )
  })
}
