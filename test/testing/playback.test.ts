import { StepError, type WorkflowContext, workflow } from 'perdure'
import { type PlaybackOptions, playback } from 'perdure/testing/vitest'
import { describe, expect, test } from 'vitest'

const START = '2030-01-01T00:00:00.000Z'
const options: PlaybackOptions = { id: 'r', seed: 's', data: { n: 1 }, at: START }

const calls: string[] = []
const order = workflow(
  {
    id: 'order',
    // What is recorded has passed the schema: it must not be asked again.
    schema: {
      '~standard': { version: 1, vendor: 'x', validate: () => ({ issues: [{ message: 'no' }] }) },
    },
    onFailure: async () => calls.push('onFailure'),
  },
  async ({ event, step }: WorkflowContext<{ n: number }>) => {
    const charge = await step.run('charge', () => calls.push('charge'), { timeout: '5s' })
    await step.sleep('nap', '1h')
    return [event.name, event.data, charge, step.now(), step.random()]
  },
)

describe('a playback', () => {
  test('comes to what it is told, and calls no body', async () => {
    await using play = await playback(order, options)
    await play.stepFailed('charge', 0, new Error('busy'))
    play.at('2030-01-01T00:01:00.000Z')
    await play.timerFired()
    await play.stepSucceeded('charge', 1, 'told')
    play.at('2030-01-01T01:01:00.007Z')
    await play.timerFired()
    expect(play.run).toHaveCompleted([
      'perdure/run.scheduled',
      { n: 1 },
      'told',
      new Date('2030-01-01T01:01:00.007Z'),
      expect.any(Number),
    ])
    expect(calls).toEqual([])
  })

  test('what is not told does not happen, however much time passes', async () => {
    await using play = await playback(order, options)
    play.at('2031-01-01T00:00:00.000Z')
    await play.timerFired()
    expect(play.run).toHaveStep('charge', { status: 'running', attempts: 0 })
    await play.stepSucceeded('charge', 0)
    play.at('2032-01-01T00:00:00.000Z')
    await play.stepSucceeded('another', 0)
    expect(play.run.timeline.at(-1)).toBe('timer.set nap')
    await play.timerFired()
    expect(play.run.status).toBe('completed')
  })

  test('the same seed draws the same chance', async () => {
    const dice: unknown[] = []
    for (const seed of ['s', 's', 't']) {
      await using play = await playback(order, { ...options, seed })
      await play.stepSucceeded('charge', 0)
      play.at('2030-01-01T01:00:00.000Z')
      await play.timerFired()
      dice.push((play.run.output as unknown[])[4])
    }
    expect(dice[0]).toBe(dice[1])
    expect(dice[0]).not.toBe(dice[2])
  })

  test('a timer that is due a little later than it was recorded fires as well', async () => {
    await using play = await playback(order, options)
    await play.stepSucceeded('charge', 0)
    play.at('2030-01-01T00:59:59.500Z')
    await play.timerFired()
    expect(play.run.status).toBe('completed')
    await using early = await playback(order, options)
    await early.stepSucceeded('charge', 0)
    early.at('2030-01-01T00:59:50.000Z')
    await early.timerFired()
    expect(early.run.status).toBe('running')
  })

  test('time that passes need not be what the wall clock shows', async () => {
    await using play = await playback(order, options)
    await play.stepSucceeded('charge', 0)
    play.at('2031-01-01T00:00:00.000Z', { passed: '30m' })
    await play.timerFired()
    expect(play.run.status).toBe('running')
    play.at('2031-01-01T00:00:01.000Z', { passed: '30m' })
    await play.timerFired()
    expect(play.run.status).toBe('completed')
  })

  test('a failure is the end of it: nothing follows', async () => {
    await using play = await playback(order, options)
    for (let attempt = 0; attempt < 5; attempt++) {
      await play.stepFailed('charge', attempt, new RangeError('busy'))
      play.at(new Date(Date.parse(START) + (attempt + 1) * 3_600_000).toISOString())
      await play.timerFired()
    }
    expect(play.run).toHaveFailed(StepError)
    expect(play.run).toHaveStep('charge', { attempts: 5, error: RangeError })
    expect(calls).toEqual([])
  })

  test('began when it began, by the event that it began by', async () => {
    const started = workflow({ id: 'started', triggers: 'app/go' }, async ({ event, step }) => [
      event,
      step.now(),
    ])
    const event = { name: 'app/go', id: 'e1', ts: 7, v: '2' }
    const begun = '2030-01-01T00:00:09.000Z'
    await using play = await playback(started, { ...options, event, begun })
    expect(play.run).toHaveCompleted([{ ...event, data: { n: 1 } }, new Date(begun)])
  })
})

test('a child of its own workflow is told as well', async () => {
  const tree = workflow({ id: 'tree' }, async ({ event, step }: WorkflowContext<number>) => {
    if (event.data === 0) return ['leaf']
    const again: unknown = await step.invoke('again', { workflow: tree, data: event.data - 1 })
    return ['branch', again]
  }) as ReturnType<typeof workflow<unknown>>
  await using play = await playback(tree, { ...options, data: 1, others: ['tree'] })
  expect(play.run.status).toBe('running')
  await play.childCompleted('again', 'told')
  expect(play.run).toHaveCompleted(['branch', 'told'])
})
