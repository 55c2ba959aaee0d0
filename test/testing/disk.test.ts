import { expect, test } from 'vitest'
import { Disk, type DiskCall } from '../../src/testing/disk.ts'
import { EVERYTHING, keysOf, numbered, read, write } from '../conformance/rows.ts'

const ANSWERED = 'answered'

/** Whether something is answered at all, given time. */
async function outcomeOf(asked: Promise<unknown>): Promise<unknown> {
  const none = (async () => {
    for (let n = 0; n < 20; n++) await new Promise(resolve => setImmediate(resolve))
    return 'nothing'
  })()
  return Promise.race([
    asked.then(
      () => ANSWERED,
      (error: { code?: string; message: string }) => error.code ?? error.message,
    ),
    none,
  ])
}

const filled = async (disk: Disk): Promise<Disk> => {
  const store = disk.open()
  await write(
    store,
    ['a', 'b', 'c', 'd', 'e'].map(key => [key, key] as const),
  )
  await store.close()
  return disk
}

test('decides the fate of every call, and counts them', async () => {
  const disk = await filled(new Disk({ chunk: 2 }))
  const before = disk.calls
  const seen: DiskCall[] = []
  disk.callFault = call => void seen.push(call)
  const store = await disk.acquire()
  await store.get('a')
  expect(await keysOf(store)).toEqual(['a', 'b', 'c', 'd', 'e'])
  await write(store, [['f', 'f']])
  await store.close()
  await store.close()
  const scan = { kind: 'scan', key: EVERYTHING.gte }
  const kinds = [{ kind: 'open' }, { kind: 'get', key: 'a' }, scan, scan, scan, scan]
  expect(seen).toEqual([...kinds, { kind: 'close' }])
  expect(disk.calls - before).toBe(seen.length + 1)
})

for (const kind of ['open', 'get', 'scan', 'close'] as const) {
  test(`one ${kind} fails, the next may be well`, async () => {
    const disk = await filled(new Disk())
    let failures = 1
    disk.callFault = call => (call.kind === kind && failures-- > 0 ? 'fails' : undefined)
    const all = async (): Promise<string[]> => {
      const store = await disk.acquire()
      await store.get('a')
      const keys = await keysOf(store)
      await store.close()
      return keys
    }
    const expected = {
      open: 'JOURNAL_UNUSABLE',
      get: 'JOURNAL_CORRUPT',
      scan: 'JOURNAL_CORRUPT',
      close: 'simulated: closing failed',
    }
    expect(await outcomeOf(all())).toBe(expected[kind])
    disk.crash()
    expect(await all()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test(`the process dies of one ${kind}`, async () => {
    const disk = await filled(new Disk())
    let [deaths, crashes] = [1, 0]
    disk.callFault = call => (call.kind === kind && deaths-- > 0 ? 'crash' : undefined)
    disk.onCrash = () => void crashes++
    const all = async (): Promise<string[]> => {
      const store = await disk.acquire()
      await store.get('a')
      const keys = await keysOf(store)
      await store.close()
      return keys
    }
    expect(await outcomeOf(all())).toBe('nothing')
    expect(crashes).toBe(1)
    expect(await all()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
}

test('a store that dies while it opens never answers', async () => {
  const disk = new Disk()
  const opening = disk.acquire()
  disk.crash()
  expect(await outcomeOf(opening)).toBe('nothing')
  expect(await outcomeOf(disk.acquire())).toBe(ANSWERED)
})

test('what was synced outlives a cut of the power, a ghost does not', async () => {
  const disk = new Disk()
  const store = disk.open()
  await write(store, [['a', '1']])
  disk.fault = () => 'fails-but-written'
  await expect(
    write(store, [
      ['a', '2'],
      ['b', '2'],
    ]),
  ).rejects.toThrow('sync')
  expect(disk.unsynced).toBe(1)
  expect([...disk.rows.keys()]).toEqual(['a', 'b'])
  disk.cutPower()
  expect(await read(disk.open())).toEqual([['a', '1']])
})

test('a ghost that was opened is there to stay', async () => {
  const disk = new Disk()
  disk.fault = () => 'fails-but-written'
  await expect(write(disk.open(), [['a', '1']])).rejects.toThrow('sync')
  disk.crash()
  disk.open()
  disk.cutPower()
  expect(await read(disk.open())).toEqual([['a', '1']])
})

test('a write that is under way when the disk is seized may be there, and is not acknowledged', async () => {
  for (const before of [true, false]) {
    const disk = new Disk()
    const store = disk.open()
    if (before) disk.fault = () => void disk.seize()
    else disk.onWrite = () => void disk.seize()
    await expect(write(store, [['a', '1']])).rejects.toMatchObject({ code: 'JOURNAL_FENCED' })
    expect(disk.rows.has('a')).toBe(true)
  }
})

test('writes to a failed store are counted', async () => {
  for (const fault of ['fails', 'fails-but-written'] as const) {
    const disk = new Disk()
    const store = disk.open()
    disk.fault = () => fault
    await expect(write(store, [['a', '1']])).rejects.toThrow('simulated')
    await outcomeOf(write(store, [['b', '1']]))
    expect(disk.lateWrites).toBe(1)
  }
})

test('a damaged row is well again once it is written anew', async () => {
  const disk = await filled(new Disk())
  const store = disk.open()
  disk.rot('a', 'unreadable')
  disk.rot('b', { at: 0, bits: 3 })
  expect(await outcomeOf(store.get('a'))).toBe('JOURNAL_CORRUPT')
  expect(await outcomeOf(keysOf(store))).toBe('JOURNAL_CORRUPT')
  expect(await keysOf(store, { gte: 'b', lt: 'c' })).toEqual(['b'])
  expect(Buffer.from((await store.get('b')) ?? []).toString()).toBe('a')
  await write(store, [
    ['a', 'x'],
    ['b', 'y'],
  ])
  expect(await read(store, { gte: 'a', lt: 'c' })).toEqual([
    ['a', 'x'],
    ['b', 'y'],
  ])
  expect(() => disk.rot('z')).toThrow('no row')
})

test('an access waits for what it is told to', async () => {
  let waits = 0
  const later = (then: () => void): void => {
    waits++
    queueMicrotask(then)
  }
  const disk = new Disk({ later, chunk: 1_000 })
  const store = disk.open()
  await write(
    store,
    numbered(900).map(key => [key, key] as const),
  )
  expect(await keysOf(store)).toHaveLength(900)
  expect(waits).toBe(disk.accesses)
  expect(waits).toBe(4)
})
