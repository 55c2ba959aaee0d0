import { EngineError, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'
import { statusesOf } from './runs.ts'

/** Over `event.data = { n: 7, user: 'u1', none: null, tags: ['a'] }`: what a trigger makes of it. */
const table: [condition: string, starts: boolean][] = [
  ['event.data.n == 7', true],
  ['event.data.n == 7.0', true],
  ["event.data.n == '7'", false],
  ["event.data.n != '7'", true],
  ['event.data.missing == null', true],
  ['event.data.none == null', true],
  ['event.data.missing == 1', false],
  ['event.data.missing != 1', true],
  ['event.data.missing.deeper == null', true],
  ['event.data.n', true],
  ['event.data.missing', false],
  ['event.data.user && event.data.n', true],
  ["event.data.user == 'u1' && !(event.data.n < 7)", true],
  ["event.data.user in ['u1', 'u2']", true],
  ["'a' in event.data.tags", true],
  ["event.data.tags[0] == 'a'", true],
  ["event.data['user'].startsWith('u')", true],
  ['size(event.data.missing) == 0', true],
  ["event.data.user.matches('^u[0-9]+$')", true],
  ["lowercase('ABC') == 'abc'", true],
  ['event.data.tags.exists(tag, tag == "a")', true],
  ["event.data.n > 3 ? event.data.user == 'u1' : false", true],
  ["event.name == 'app/x' && event.ts > 0", true],
]

describe('an expression', () => {
  test.each(table)('%s: %j', async (condition, starts) => {
    const subject = workflow(
      { id: 'subject', triggers: { event: 'app/x', if: condition } },
      async () => {},
    )
    const world = new World({ workflows: [subject] })
    await world.open()
    const data = { n: 7, user: 'u1', none: null, tags: ['a'] }
    await world.engine.send({ name: 'app/x', data })
    await world.settle()
    expect(await statusesOf(world)).toEqual(starts ? ['completed'] : [])
    expect(world.logged.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('that cannot be read is refused where it is written, with the place', () => {
    const define = (condition: string) => () =>
      workflow({ id: 'subject', triggers: [{ event: 'app/x', if: condition }] }, async () => {})
    for (const condition of [
      'event.data.n ==',
      'event.data.(',
      'async.data.n == 1',
      'nothing(1)',
      '',
    ]) {
      expect(define(condition)).toThrow(EngineError)
      expect(define(condition)).toThrow(/triggers/)
    }
  })

  test('waits for both sides as they were: missing in the trigger matches no missing', async () => {
    const subject = workflow(
      { id: 'subject' },
      async ({ step }: WorkflowContext<{ user?: string }>) =>
        step.waitForEvent('x', { event: 'app/x', timeout: '1h', match: 'data.user' as never }),
    )
    const world = new World({ workflows: [subject] })
    await world.open()
    await world.engine.start(subject, {})
    await world.settle()
    await world.engine.send({ name: 'app/x', data: {} })
    await world.settle()
    const [afterMissing] = await statusesOf(world)
    expect(afterMissing).toBe('running')
  })
})
