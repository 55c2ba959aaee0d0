import { describe, expect, test } from 'vitest'
import { type Job, jobs, type Make, Story } from './story.ts'

const oneByOne = { concurrency: { limit: 1, per: 'run' } } as const
const bySeconds = { ...oneByOne, priority: { run: 'event.data.seconds' } }

const order = (t: Story) =>
  t.told.filter(line => line.includes('+')).map(line => line.split('+')[1])

const waiting = (seconds: Record<string, unknown>) =>
  Object.entries(seconds).map(([name, seconds]) => ({ name, seconds }))

test.each(['run', 'step'] as const)(
  'of those that wait, the one with more seconds goes first: per %s',
  async per => {
    await using t = await Story.of(jobs({ ...bySeconds, concurrency: { limit: 1, per } }))
    await t.send({ name: 'first', works: true })
    await t.sendEach(...waiting({ late: -100, usual: 0, soon: 100, none: undefined }))
    await t.done('first')
    expect(order(t)).toEqual(['first', 'soon', 'usual', 'none', 'late'])
  },
)

test('seconds are as good as time that was waited', async () => {
  await using t = await Story.of(jobs(bySeconds))
  await t.send({ name: 'first', works: true }, 'old')
  await t.pass('60s')
  await t.sendEach(...waiting({ less: 59, more: 61 }))
  await t.done('first')
  expect(order(t)).toEqual(['first', 'more', 'old', 'less'])
})

test('600 at the most either way, and what is no number counts as none', async () => {
  await using t = await Story.of(jobs(bySeconds))
  await t.send({ name: 'first', works: true })
  const seconds = { little: -10_000, much: 600, more: 10_000, text: 'x', half: 0.4, least: -600 }
  await t.sendEach(...waiting(seconds))
  await t.done('first')
  expect(order(t)).toEqual(['first', 'much', 'more', 'text', 'half', 'little', 'least'])
})

test('a key that throws counts as none', async () => {
  const priority = () => {
    throw new Error('no')
  }
  await using t = await Story.of(jobs({ ...oneByOne, priority }))
  await t.send({ name: 'a', works: true }, 'b')
  await t.done('a')
  expect(order(t)).toEqual(['a', 'b'])
})

test('it is kept over a crash, and what comes later finds its place among the others', async () => {
  await using t = await Story.of(jobs(bySeconds))
  await t.send({ name: 'first', takes: '1s' }, ...waiting({ c: 0, a: 100 }))
  await t.crash()
  await t.sendEach(...waiting({ b: 50, last: -1 }))
  await t.pass('1s')
  expect(order(t)).toEqual(['first', 'a', 'b', 'c', 'last'])
})

test('a throttle lets them begin in the same order', async () => {
  await using t = await Story.of(
    jobs({ throttle: { limit: 1, period: '5s' }, priority: 'event.data.seconds' }),
  )
  await t.send('first', ...waiting({ c: 0, a: 100 }))
  await t.pass('1s')
  await t.send(...waiting({ b: 50 }))
  await t.pass('30s')
  expect(order(t)).toEqual(['first', 'a', 'b', 'c'])
})

type Late = Job & { readonly at?: number }

describe('steps stand in line as their runs do', () => {
  const priority = 'event.data.seconds'
  const batch = (maxSize: number, timeout: '10s' | '1h') =>
    jobs({
      batchEvents: { maxSize, timeout, if: 'event.data.key' },
      concurrency: 1,
      priority,
    })
  const debounce = { period: '10s', key: 'event.data.key' } as const
  const late = { name: 'late', takes: '1s', key: true } as const

  test.each<[string, Make, readonly Late[], Late?]>([
    ['a batch, alone', batch(9, '10s'), [late]],
    ['a batch', batch(9, '10s'), [late, { ...late, name: 'too' }]],
    ['a batch that is full', batch(2, '1h'), [late], { ...late, name: 'too' }],
    ['a debounce', jobs({ debounce, concurrency: 1, priority }), [late]],
    ['a time to come', jobs({ concurrency: 1, priority }), [{ ...late, at: 10 }]],
    ['a debounce, without priority', jobs({ debounce, concurrency: 1 }), [late]],
    ['a time to come, without priority', jobs({ concurrency: 1 }), [{ ...late, at: 10 }]],
    ['a time to come, without limits', jobs(), [{ ...late, at: 10 }]],
  ])('what comes first and is late because of %s', async (_, make, first, last) => {
    for (const crashes of [false, true]) {
      await using t = await Story.of(make, { concurrency: 1 })
      await t.send(...first)
      await t.pass('5s')
      await t.send({ name: 'soon', key: false, takes: '6s' })
      await t.pass('5s')
      if (last) await t.send(last)
      await t.pass('500ms')
      if (crashes) await t.crash()
      await t.send({ name: 'other', key: false, works: true })
      await t.pass('2s')
      await t.done('other')
      const told = t.told.map(line => line.split(/[ ,]/)[1])
      const order = told.filter(what => /soon|late/.test(what ?? ''))
      expect(order).toEqual(['+soon', '+late', '-soon', '-late'])
    }
  })
})

test('how long a run sleeps it does not change', async () => {
  await using t = await Story.of(jobs({ priority: 'event.data.seconds' }))
  await t.send({ name: 'a', seconds: 600, takes: '5s' })
  await t.pass('5s')
  expect(t.told).toEqual(['0 +a', '5 -a'])
})
