import { describe, expect, test } from 'vitest'
import { Admission } from '../../src/admission/admission.ts'
import { limitId } from '../../src/admission/limit-id.ts'
import { Census } from '../../src/engine/census.ts'
import { jobs, Story } from './story.ts'

const takes = '1h'
const idempotency = 'event.data.key'
const singleton = { mode: 'skip' } as const
const oneByOne = { concurrency: { limit: 1, per: 'run' } } as const
const leading = { debounce: { period: '5s', edge: 'leading' } } as const
const full = { ...oneByOne, backlog: { runs: 1, full: 'skip' } } as const
const first = { name: 'first', key: 'first', takes } as const

/** Two jobs of keys of their own, and then of the same again. */
const pair = [
  { name: 'a', key: 'x' },
  { name: 'b', key: 'y' },
]
const again = pair.map(({ name, key }) => ({ name: `${name} again`, key }))

describe('a key of idempotency is free again', () => {
  test.each([
    ['a batch that is full, by a singleton', { batchEvents: { maxSize: 2, timeout: '5s' } }],
    ['a batch in time, by a singleton', { batchEvents: { maxSize: 9, timeout: '5s' } }],
    ['a debounce of the last, by a singleton', { debounce: { period: '5s' } }],
    ['a debounce of all, by a singleton', { debounce: { period: '5s', mode: 'all' } }],
  ] as const)('after the run of %s', async (_, gathering) => {
    await using t = await Story.of(jobs({ idempotency, singleton, ...gathering }))
    await t.send(first)
    await t.pass('5s')
    await t.send(...pair)
    await t.crash()
    await t.pass('5s')
    expect(t.ends.at(-1)).toBe('a skipped singleton')
    await t.engine.cancel(t.run('first'))
    await t.send(...again)
    await t.pass('5s')
    expect(t.ends.filter(end => end.includes('idempotency'))).toEqual([])
    expect(t.told.at(-1)).toMatch('b again')
  })

  test('after the run of a batch that the backlog had no room for, and no other key is', async () => {
    const batchEvents = { maxSize: 2, timeout: '5s', key: 'event.data.seconds' } as const
    await using t = await Story.of(jobs({ idempotency, batchEvents, ...full }))
    const of = (seconds: number, ...keys: string[]) =>
      keys.map(key => ({ name: key, key, seconds, takes }) as const)
    await t.send(...of(1, 'a', 'b'), ...of(2, 'c', 'd'), ...of(3, 'e', 'f'))
    await t.crash()
    expect(t.ends).toEqual(['a running', 'c scheduled', 'e skipped backlog'])
    await t.send(...of(4, 'b', 'd', 'e', 'f'))
    expect(t.ends.slice(3)).toEqual([
      ...['b skipped idempotency', 'd skipped idempotency', 'e skipped backlog'],
    ])
  })

  test('after what a leading debounce has left out', async () => {
    await using t = await Story.of(jobs({ idempotency, ...leading }))
    await t.send(first, ...pair)
    await t.pass('5s')
    await t.send(...again, { ...first, name: 'first again' })
    expect(t.ends).toEqual([
      ...['first running', 'a skipped debounce', 'b skipped debounce'],
      ...['a again completed', 'b again skipped debounce', 'first again skipped idempotency'],
    ])
  })

  test('after what lay ahead of time, and found its place taken', async () => {
    await using t = await Story.of(jobs({ idempotency, singleton }))
    await t.send({ name: 'a', key: 'x', at: 10 })
    await t.send(first, { name: 'early', key: 'x' })
    await t.crash()
    await t.pass('10s')
    await t.engine.cancel(t.run('first'))
    await t.send({ name: 'late', key: 'x' })
    expect(t.ends).toEqual([
      ...['a skipped singleton', 'first cancelled', 'early skipped idempotency', 'late completed'],
    ])
  })
})

test('a run that was cancelled before it began has used its key up: it is not to come again', async () => {
  const batchEvents = { maxSize: 9, timeout: '5s' } as const
  await using t = await Story.of(jobs({ idempotency, batchEvents }))
  await t.send(...pair)
  await t.engine.cancel(t.runs()[0]!)
  await t.send(...again)
  expect(t.ends).toEqual([
    ...['a cancelled', 'a again skipped idempotency', 'b again skipped idempotency'],
  ])
})

describe('a leading debounce is not quiet for a run that is not let in', () => {
  test('because of a singleton', async () => {
    await using t = await Story.of(jobs({ ...leading, singleton }))
    await t.send({ name: 'a', takes: '7s' })
    await t.pass('6s')
    await t.send('b')
    await t.crash()
    await t.pass('1s')
    await t.send('c', 'd')
    expect(t.ends).toEqual([
      ...['a completed', 'b skipped singleton', 'c completed', 'd skipped debounce'],
    ])
  })

  test('because of a backlog', async () => {
    await using t = await Story.of(
      jobs({ debounce: { ...leading.debounce, key: 'event.data.key' }, ...full }),
    )
    const sent = ['a', 'b', 'c'].map(key => ({ name: key, key, takes: '1s' as const }))
    await t.send(...sent)
    await t.pass('2s')
    await t.send('again', { name: 'c', key: 'c' }, { name: 'a', key: 'a' })
    expect(t.ends.slice(2)).toEqual([
      ...['c skipped backlog', 'again completed', 'c completed', 'a skipped debounce'],
    ])
  })

  test('that lies ahead, and finds its place taken', async () => {
    const debounce = { period: '1m', edge: 'leading', key: 'event.data.key' } as const
    await using t = await Story.of(jobs({ debounce, singleton }))
    await t.send({ name: 'a', key: 'x', at: 10 }, first)
    await t.crash()
    await t.pass('10s')
    await t.engine.cancel(t.run('first'))
    await t.send({ name: 'b', key: 'x' })
    expect(t.ends).toEqual(['a skipped singleton', 'first cancelled', 'b completed'])
  })
})

test.each([
  ['a leading debounce', { debounce: { ...leading.debounce, key: 'event.data.key' } }],
  ['a singleton', { singleton: { mode: 'skip', key: 'event.data.key' } }],
] as const)('the door knows that a key is free again after %s', async (_, flow) => {
  const backlog = { runs: 1, full: 'refuse' } as const
  await using t = await Story.of(
    jobs({ idempotency: 'event.data.seconds', ...oneByOne, backlog, ...flow }),
  )
  const of = (key: string, seconds: number) => ({ name: `${key}${seconds}`, key, seconds, takes })
  await t.send(of('x', 1), of('y', 2))
  await expect(t.send(of('x', 3), of('z', 3))).rejects.toMatchObject({ code: 'OVERLOADED' })
  await t.send(of('x', 3), of('x', 3))
  const reasons = t.runs().map(({ reason }) => reason ?? 'let in')
  const refused = 'debounce' in flow ? 'debounce' : 'singleton'
  expect(reasons).toEqual(['let in', 'let in', refused, refused])
})

test('a rate counts what comes, whatever becomes of it', async () => {
  const rateLimit = { limit: 2, period: '1h' } as const
  await using t = await Story.of(jobs({ rateLimit, ...leading, singleton }))
  await t.send({ name: 'a', takes }, 'b')
  await t.pass('6s')
  await t.send('c')
  expect(t.ends).toEqual(['a running', 'b skipped debounce', 'c skipped rate-limit'])
})

describe('the newest run of a singleton takes the place in a full backlog', () => {
  const flow = (full: 'skip' | 'refuse', more: object = { runs: 1 }) =>
    jobs({
      singleton: { mode: 'cancel', key: 'event.data.key' },
      ...oneByOne,
      backlog: { ...more, full } as { runs: number; full: 'skip' },
    })
  const of = (key: string, name: string) => ({ name, key, takes: '1s' as const })

  test.each(['skip', 'refuse'] as const)(
    '%s: also of many at once, and over a crash',
    async full => {
      await using t = await Story.of(flow(full))
      await t.send(of('first', 'first'))
      await t.send(of('x', 'a'))
      await t.send(of('x', 'b'))
      await t.crash()
      await t.send(of('x', 'c'), of('x', 'd'))
      expect(t.engine.stats()).toMatchObject({ waitingRuns: 1 })
      await t.pass('2s')
      expect(t.runs().map(({ status }) => status)).toEqual([
        ...['completed', 'cancelled', 'cancelled', 'cancelled', 'completed'],
      ])
      expect(t.engine.stats()).toMatchObject({ waitingRuns: 0, waitingBytes: 0 })
    },
  )

  test('no other does, and none that is larger than what it makes free', async () => {
    await using t = await Story.of(flow('refuse', { bytes: 200 }))
    await t.send(of('first', 'first'))
    await t.send(of('x', 'a'.repeat(50)))
    for (const large of [of('y', 'b'.repeat(110)), of('x', 'c'.repeat(190))]) {
      await expect(t.send(large)).rejects.toMatchObject({ code: 'OVERLOADED' })
    }
    await t.send(of('x', 'd'.repeat(110)))
    await t.pass('3s')
    expect(t.runs().map(({ status }) => status)).toEqual(['completed', 'cancelled', 'completed'])
  })

  test('is skipped if it would be one more, and the one there is goes on', async () => {
    await using t = await Story.of(flow('skip'))
    await t.send(of('first', 'first'), of('x', 'a'), of('first', 'newer'))
    await t.pass('3s')
    expect(t.ends).toEqual(['first completed', 'a completed', 'newer skipped backlog'])
  })
})

test('who is replaced in line counts no longer after a crash, before it is gone', () => {
  const census = new Census()
  const single = limitId({ kind: 'singleton', owner: 'jobs', keyText: '', value: '' })
  const cancelled = { type: 'run.cancel_requested', reason: 'a newer run takes its place' } as const
  census.input({ run: 'old', n: 0, input: cancelled })
  census.held({ run: 'skips', seq: 1, kind: 'slot', holds: [single] })
  for (const [place, run] of ['old', 'new', 'skips', 'other'].entries()) {
    const holds = run === 'old' || run === 'new' ? [single] : []
    const lane = holds.length === 0 ? 'b' : 'a'
    const waits = { lane, rank: 0, place, run, seq: 2, limits: [], holds, bytes: 10 + place }
    census.queued({ ...waits, workflow: 'jobs' })
  }
  const admission = new Admission({
    workflows: [],
    steps: { executing: () => 0, goFirst: () => false },
    backlog: { runs: 9, bytes: 900 },
  })
  census.recall(admission, [])
  const { lobby } = admission
  expect(lobby.crowd('jobs')).toEqual({ runs: 3, bytes: 36 })
  // Another may take the place of these, in mode 'skip' when a deploy has changed that.
  expect(['old', 'new', 'skips', 'other'].map(run => lobby.standing(run).bytes)).toEqual([
    0, 11, 12, 0,
  ])
  lobby.replace('jobs', 'new')
  for (const [key, bytes] of [
    ['old', 10],
    ['new', 11],
  ] as const) {
    lobby.withdraw('a', { key, bytes, rank: 0, place: 0 })
  }
  expect(lobby.crowd('jobs')).toEqual({ runs: 2, bytes: 25 })
})
