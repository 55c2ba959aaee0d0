import { describe, expect, test } from 'vitest'
import { jobs, Story } from './story.ts'

const quiet = jobs({ debounce: { period: '5s' } })

test('one run, of the last event, when none has come for a while', async () => {
  await using t = await Story.of(quiet)
  await t.send('a', 'b')
  await t.pass('4s')
  await t.send('c')
  await t.pass('4999ms')
  expect(t.told).toEqual([])
  await t.pass(1)
  expect(t.told).toEqual(['9 +c', '9 -c'])
  expect(t.runs()).toHaveLength(1)
  expect(t.runs()[0]).toMatchObject({ status: 'completed', output: 'c' })
})

test('what comes after it has begun begins another', async () => {
  await using t = await Story.of(quiet)
  await t.send({ name: 'a', takes: '10s' })
  await t.pass('5s')
  await t.send('b')
  await t.pass('5s')
  expect(t.told).toEqual(['5 +a', '10 +b', '10 -b'])
})

test('each value of the key is debounced for itself; where it is false nothing is', async () => {
  await using t = await Story.of(jobs({ debounce: { period: '5s', key: 'event.data.key' } }))
  const sent = ['x', 'y', 'x', false, false].map((key, at) => ({ name: `${key}${at}`, key }))
  await t.send(...sent)
  expect(t.told.filter(line => line.includes('+'))).toEqual(['0 +false3', '0 +false4'])
  await t.pass('5s')
  expect(t.told.filter(line => line.includes('+')).slice(2)).toEqual(['5 +x2', '5 +y1'])
})

test('the event that happened last wins, whichever came last, and an older one puts nothing off', async () => {
  await using t = await Story.of(quiet)
  await t.send({ name: 'a', at: 0 })
  await t.pass('2s')
  await t.send({ name: 'newest', at: 2 })
  await t.pass('2s')
  await t.send({ name: 'late', at: 1 })
  await t.pass('3s')
  expect(t.told).toEqual(['7 +newest', '7 -newest'])
})

test('of two of one time the later arrival wins', async () => {
  await using t = await Story.of(quiet)
  await t.sendEach({ name: 'a', at: 0 }, { name: 'b', at: 0 })
  await t.pass('5s')
  expect(t.told[0]).toBe('5 +b')
})

test('a stream that goes on cannot put it off for longer than the timeout', async () => {
  await using t = await Story.of(jobs({ debounce: { period: '5s', timeout: '10s' } }))
  for (let second = 0; second < 25; second++) {
    await t.send(`${second}`)
    await t.pass('1s')
  }
  await t.pass('10s')
  expect(t.told.filter(line => line.includes('+'))).toEqual(['10 +9', '20 +19', '29 +24'])
})

test("mode 'all' gives the run all of them in the order in which they came, and the newest", async () => {
  await using t = await Story.of(jobs({ debounce: { period: '5s', mode: 'all' } }))
  await t.sendEach({ name: 'a', at: 0 }, { name: 'newest', at: 2, takes: '1s' })
  await t.pass('2s')
  await t.crash()
  await t.sendEach({ name: 'late', at: 1 })
  await t.pass('4s')
  // It takes a second: so says the newest.
  expect(t.told).toEqual(['5 +a,newest,late', '6 -a,newest,late'])
})

describe('leading edge', () => {
  const first = jobs({ debounce: { period: '5s', edge: 'leading' } })

  test('the first begins at once; what follows is skipped until it is quiet', async () => {
    await using t = await Story.of(first)
    await t.send('a', 'b')
    await t.pass('4s')
    await t.crash()
    await t.send('c')
    await t.pass('4999ms')
    await t.send('d')
    await t.pass('5s')
    await t.send('e')
    expect(t.ends).toEqual([
      ...['a completed', 'b skipped debounce', 'c skipped debounce', 'd skipped debounce'],
      'e completed',
    ])
    expect(t.run('d').by).toBe(t.run('a').id)
  })
})

test('what was started and is not the newest has the result of the run that gathers', async () => {
  await using t = await Story.of(quiet)
  const [debounced] = t.workflows(quiet)
  const one = await t.engine.start(debounced!, { name: 'a' }, { id: 'one' })
  const two = await t.engine.start(debounced!, { name: 'b' }, { id: 'two' })
  await t.pass('5s')
  expect(await one.result()).toBe('b')
  expect(await two.result()).toBe('b')
  expect([two.status, two.reason, two.by]).toEqual(['skipped', 'joined', 'one'])
})

test('a run that gathers can be cancelled, and the next event begins another', async () => {
  await using t = await Story.of(quiet)
  await t.send('a')
  const [gathers] = t.runs()
  await t.engine.cancel(gathers!)
  await t.send('b')
  await t.pass('5s')
  expect(t.ends).toEqual(['a cancelled', 'b completed'])
  expect(t.told).toEqual(['5 +b', '5 -b'])
})

test('a crash while it gathers, or while it is due, loses nothing and puts nothing off', async () => {
  await using t = await Story.of(quiet)
  await t.send('a')
  await t.crash()
  await t.pass('3s')
  await t.send('b')
  await t.crash()
  await t.pass('4s')
  await t.crash()
  await t.pass('1s')
  expect(t.told).toEqual(['8 +b', '8 -b'])
})
