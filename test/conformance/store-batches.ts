import assert from 'node:assert/strict'
import { keysOf, read, textOf, write } from './rows.ts'
import { type Framework, type OpenStore, testOn } from './subject.ts'

export function batches(framework: Framework, open: OpenStore): void {
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

export function values(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  test('gives the values of many keys in the order they are asked for', async ({ store }) => {
    await write(store, [
      ['a', '1'],
      ['b', '2'],
      ['é', ''],
    ])
    const asked = ['é', 'none', 'b', 'a', 'b', '']
    const given = (await store.getMany(asked)).map(value => value && textOf(value))
    assert.deepEqual(given, ['', undefined, '2', '1', '2', undefined])
    assert.deepEqual(await store.getMany([]), [])
  })
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
    ;(await store.getMany(['key']))[0]?.fill(0)
    for await (const [entry] of store.scan({ gte: 'k', lt: 'l' })) entry?.[1].fill(0)
    assert.deepEqual(await read(store), [['key', 'as it was']])
  })
}
