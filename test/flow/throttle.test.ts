import { expect, test } from 'vitest'
import { jobs, Story } from './story.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e']

test('one every five seconds begins, in order, and none is lost', async () => {
  await using t = await Story.of(jobs({ throttle: { limit: 1, period: '5s' } }))
  await t.send(...NAMES)
  await t.pass('30s')
  expect(t.told.filter(line => line.includes('+'))).toEqual([
    ...['0 +a', '5 +b', '10 +c', '15 +d', '20 +e'],
  ])
  expect(t.ends).toEqual(NAMES.map(name => `${name} completed`))
})

test('a limit above one is spread evenly', async () => {
  await using t = await Story.of(jobs({ throttle: { limit: 4, period: '10s' } }))
  await t.send(...NAMES)
  await t.pass('10s')
  expect(t.told.filter(line => line.includes('-'))).toEqual([
    ...['0 -a', '2.5 -b', '5 -c', '7.5 -d', '10 -e'],
  ])
})

test('a burst begins at once, and again after a quiet time', async () => {
  await using t = await Story.of(jobs({ throttle: { limit: 1, period: '5s', burst: 2 } }))
  await t.send(...NAMES)
  await t.pass('1m')
  await t.send('f', 'g', 'h')
  await t.pass('5s')
  expect(t.told.filter(line => line.includes('+'))).toEqual([
    ...['0 +a', '0 +b', '5 +c', '10 +d', '15 +e', '60 +f', '60 +g', '65 +h'],
  ])
})

test('each value of the key is throttled for itself; where it is false nothing is', async () => {
  const key = 'event.data.key'
  await using t = await Story.of(jobs({ throttle: { limit: 1, period: '5s', key } }))
  const sent = ['x', 'x', 'y', 'y', false, false].map((key, at) => ({ name: `${key}${at}`, key }))
  await t.send(...sent)
  await t.pass('5s')
  expect(t.told.filter(line => line.includes('+'))).toEqual([
    ...['0 +x0', '0 +y2', '0 +false4', '0 +false5', '5 +x1', '5 +y3'],
  ])
})

test('later steps are not throttled', async () => {
  await using t = await Story.of(jobs({ throttle: { limit: 1, period: '5s' } }))
  await t.send({ name: 'a', takes: '1s' }, { name: 'b', takes: '1s' })
  await t.pass('6s')
  expect(t.told).toEqual(['0 +a', '1 -a', '5 +b', '6 -b'])
})

test('a crash neither forgets when the last one began nor counts it twice', async () => {
  await using t = await Story.of(jobs({ throttle: { limit: 1, period: '5s' } }))
  await t.send(...NAMES)
  for (let second = 0; second < 20; second++) {
    await t.crash()
    await t.pass('1s')
  }
  expect(t.told.filter(line => line.includes('+'))).toEqual([
    ...['0 +a', '5 +b', '10 +c', '15 +d', '20 +e'],
  ])
})

test('the wall clock may be set: time that passes counts', async () => {
  await using t = await Story.of(jobs({ throttle: { limit: 1, period: '5s' } }))
  await t.send('a', 'b', 'c')
  await t.engine.setClock(Date.UTC(2027, 0, 1))
  expect(t.told).toEqual(['0 +a', '0 -a'])
  await t.engine.setClock(Date.UTC(2025, 0, 1))
  await t.pass('5s')
  await t.pass('5s')
  expect(t.ends).toEqual(['a completed', 'b completed', 'c completed'])
})

test('a run that waits and is cancelled uses up nothing', async () => {
  await using t = await Story.of(jobs({ throttle: { limit: 1, period: '5s' } }))
  await t.send('a', 'b', 'c')
  await t.engine.cancel(t.run('b'))
  await t.pass('5s')
  expect(t.told).toEqual(['0 +a', '0 -a', '5 +c', '5 -c'])
})
