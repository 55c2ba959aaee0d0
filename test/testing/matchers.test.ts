import { type WorkflowContext, workflow } from 'perdure'
import { testEngine } from 'perdure/testing'
import 'perdure/testing/vitest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { excerpt } from '../../src/testing/excerpt.ts'
import { subsequence } from '../../src/testing/subsequence.ts'

class CardDeclined extends Error {}

const order = workflow(
  { id: 'order', retries: 1, backoff: ['10s'] },
  async ({ event, step }: WorkflowContext<{ limit: number }>) => {
    const charge = await step.run('charge', ({ attempt }) => {
      if (attempt >= event.data.limit) return { id: 'ch_1', paid: new Map([['eur', 12n]]) }
      throw new CardDeclined('card declined')
    })
    await step.sleep('wait', '1d')
    return charge.paid
  },
)

const engine = await testEngine({ workflows: [order] })
const done = await engine.start(order, { limit: 1 }, { id: 'done' })
const failed = await engine.start(order, { limit: 9 }, { id: 'failed' })
const live = await engine.start(order, { limit: 0 }, { id: 'live' })

beforeAll(async () => {
  await engine.advance('1d')
  await engine.advanceToNext()
  await engine.start(order, { limit: 0 }, { id: 'fresh' })
  await engine.settle()
})

afterAll(() => engine.close())

/** What a matcher that does not hold says. */
function said(assertion: () => void): string {
  try {
    assertion()
  } catch (error) {
    return `\n${(error as Error).message}\n`
  }
  throw new Error('it holds')
}

const fresh = () => engine.run('fresh')

describe('toHaveCompleted', () => {
  test('is about the end, and what the run came to', () => {
    expect(done).toHaveCompleted()
    expect(done).toHaveCompleted(new Map([['eur', 12n]]))
    expect(done).toHaveCompleted(expect.any(Map))
    expect(done).not.toHaveCompleted(new Map([['eur', 13n]]))
    expect(done).not.toHaveCompleted(undefined)
    expect(failed).not.toHaveCompleted()
  })

  test('says what the run did', async () => {
    const run = await fresh()
    expect(run).not.toHaveCompleted()
    expect(
      said(() => expect(run).toHaveCompleted({ paid: expect.any(Number) })),
    ).toMatchInlineSnapshot(`
        "
        expected run fresh of 'order' to have completed with {"paid": Any<Number>}
          it is running

          run.scheduled order
          run.started
          step.scheduled charge
          step.succeeded charge
          timer.set wait
        "
      `)
    expect(said(() => expect(done).not.toHaveCompleted())).toMatchInlineSnapshot(`
      "
      expected run done of 'order' not to have completed
        it has completed with Map {"eur" => 12n}

        run.scheduled order
        run.started
        step.scheduled charge
        step.failed charge
        timer.fired charge
        step.succeeded charge
        timer.set wait
        timer.fired wait
        run.completed
      "
    `)
    expect(said(() => expect(failed).toHaveCompleted())).toMatchInlineSnapshot(`
      "
      expected run failed of 'order' to have completed
        it has failed with [StepError: card declined]

        run.scheduled order
        run.started
        step.scheduled charge
        step.failed charge
        timer.fired charge
        step.failed charge
        run.failed
      "
    `)
  })

  test('wants a run', () => {
    expect(() => expect(Promise.resolve(done)).toHaveCompleted()).toThrow(
      'what was given is a promise; await it',
    )
    expect(() => expect('done').toHaveCompleted()).toThrow('what was given is of type string')
  })
})

describe('toHaveFailed', () => {
  test('takes errors as toThrow does', () => {
    expect(failed).toHaveFailed()
    expect(failed).toHaveFailed('declined')
    expect(failed).toHaveFailed(/^card/)
    expect(failed).toHaveFailed(Error)
    expect(failed).toHaveFailed(expect.objectContaining({ attempts: 2 }))
    expect(failed).not.toHaveFailed('accepted')
    expect(failed).not.toHaveFailed(TypeError)
    expect(done).not.toHaveFailed()
    expect(said(() => expect(failed).toHaveFailed('no limit'))).toMatchInlineSnapshot(`
      "
      expected run failed of 'order' to have failed with "no limit"
        it has failed with [StepError: card declined]

        run.scheduled order
        run.started
        step.scheduled charge
        step.failed charge
        timer.fired charge
        step.failed charge
        run.failed
      "
    `)
  })
})

describe('toHaveBeenSkipped', () => {
  const lone = workflow({ id: 'lone', singleton: { mode: 'skip' } }, async ({ step }) => {
    await step.sleep('nap', '1h')
  })

  test('is about why the run never began', async () => {
    await using t = await testEngine({ workflows: [lone] })
    const first = await t.start(lone, undefined, { id: 'first' })
    const second = await t.start(lone, undefined, { id: 'second' })
    await t.settle()
    expect(second).toHaveBeenSkipped()
    expect(second).toHaveBeenSkipped('singleton')
    expect(second).not.toHaveBeenSkipped('rate-limit')
    expect(first).not.toHaveBeenSkipped()
    expect(said(() => expect(first).toHaveBeenSkipped('singleton'))).toMatchInlineSnapshot(`
      "
      expected run first of 'lone' to have been skipped for "singleton"
        it is running

        run.scheduled lone
        slot.set
        run.started
        timer.set nap
      "
    `)
    expect(said(() => expect(second).toHaveBeenSkipped('rate-limit'))).toMatchInlineSnapshot(`
      "
      expected run second of 'lone' to have been skipped for "rate-limit"
        it is skipped: singleton
        run first stands in its place

        run.scheduled lone
        run.skipped
      "
    `)
    expect(said(() => expect(second).not.toHaveBeenSkipped())).toMatchInlineSnapshot(`
      "
      expected run second of 'lone' not to have been skipped
        it is skipped: singleton
        run first stands in its place

        run.scheduled lone
        run.skipped
      "
    `)
  })
})

describe('toHaveStep', () => {
  test('is about facts of the step', () => {
    expect(done).toHaveStep('charge')
    expect(done).toHaveStep('charge', { attempts: 2, status: 'succeeded' })
    expect(done).toHaveStep('charge', { value: { id: expect.any(String), paid: expect.any(Map) } })
    expect(done).not.toHaveStep('charge', { value: { id: 'ch_1', paid: new Map() } })
    expect(done).not.toHaveStep('charge', { attempts: 2, status: 'failed' })
    expect(done).not.toHaveStep('refund')
    expect(failed).toHaveStep('charge', { status: 'failed', error: CardDeclined })
    expect(failed).not.toHaveStep('charge', { error: RangeError })
  })

  test('says what is wrong', () => {
    expect(
      said(() => expect(done).toHaveStep('charge', { attempts: 1, value: expect.any(Set) })),
    ).toMatchInlineSnapshot(`
      "
      expected run done of 'order' to have step 'charge' with attempts 1, value Any<Set>
        attempts: 2
        value: {"id": "ch_1", "paid": Map {"eur" => 12n}}

        run.scheduled order
        run.started
        step.scheduled charge
        step.failed charge
        timer.fired charge
        step.succeeded charge
        timer.set wait
        timer.fired wait
        run.completed
      "
    `)
    expect(said(() => expect(done).toHaveStep('refund'))).toMatchInlineSnapshot(`
      "
      expected run done of 'order' to have step 'refund'
        its steps: charge

        run.scheduled order
        run.started
        step.scheduled charge
        step.failed charge
        timer.fired charge
        step.succeeded charge
        timer.set wait
        timer.fired wait
        run.completed
      "
    `)
    expect(said(() => expect(done).not.toHaveStep('charge'))).toMatch(/not to have step 'charge'\n/)
  })
})

describe('toMatchTimeline', () => {
  test('finds lines in their order', () => {
    expect(done).toMatchTimeline(['step.failed charge', /^step\.succeeded/g, 'run.completed'])
    expect(done).toMatchTimeline([])
    const global = /step/g
    expect(done).toMatchTimeline([global, global, global])
    expect(done).not.toMatchTimeline(['run.completed', 'step.failed charge'])
    expect(done).not.toMatchTimeline(['step.failed charge', 'step.failed charge'])
    expect(done).not.toMatchTimeline(['step.failed'])
    expect(live).toMatchTimeline(live.timeline, { exact: true })
    expect(live).not.toMatchTimeline(live.timeline.slice(0, -1), { exact: true })
    expect(live).not.toMatchTimeline(live.timeline.slice(1), { exact: true })
  })

  test('says where it ends', () => {
    const wanted = ['step.failed charge', /^step\.failed/, 'run.completed']
    expect(said(() => expect(done).toMatchTimeline(wanted))).toMatchInlineSnapshot(`
      "
      expected the timeline of run done of 'order' to contain these lines
        missing after 'step.failed charge': /^step\\.failed/

          run.scheduled order
          run.started
          step.scheduled charge
        ✓ step.failed charge
          timer.fired charge
          step.succeeded charge
          timer.set wait
          timer.fired wait
          run.completed
      "
    `)
    const lines = [...live.timeline.slice(0, 3), 'run.completed']
    expect(said(() => expect(live).toMatchTimeline(lines, { exact: true }))).toMatchInlineSnapshot(`
      "
      expected the timeline of run live of 'order' to be these lines
        missing after 'step.scheduled charge': 'run.completed'

        ✓ run.scheduled order
        ✓ run.started
        ✓ step.scheduled charge
          step.succeeded charge
          timer.set wait
          timer.fired wait
          run.completed
      "
    `)
    expect(
      said(() => expect(live).toMatchTimeline(live.timeline.slice(0, 5), { exact: true })),
    ).toMatchInlineSnapshot(`
        "
        expected the timeline of run live of 'order' to be these lines
          not expected after 'timer.set wait': 'timer.fired wait'

          ✓ run.scheduled order
          ✓ run.started
          ✓ step.scheduled charge
          ✓ step.succeeded charge
          ✓ timer.set wait
            timer.fired wait
            run.completed
        "
      `)
  })
})

describe('an excerpt', () => {
  const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`)

  test('has a few lines, and says how many it leaves out', () => {
    expect(excerpt(lines.slice(0, 12))).toHaveLength(12)
    expect(excerpt(lines).at(0)).toBe('  … 28 before')
    expect(excerpt(lines).at(-1)).toBe('  line 39')
    expect(excerpt(lines, 0).at(-1)).toBe('  … 28 more')
    const middle = excerpt(lines, 20, [19])
    expect(middle).toContain('  ✓ line 19')
    expect(middle).toHaveLength(14)
  })
})

test('the first line that fits leaves the most for the others', () => {
  const lines = ['a 1', 'a 2', 'b']
  expect(subsequence(lines, [/^a/, /^a/, 'b'], false)).toEqual({
    found: [0, 1, 2],
    missing: undefined,
  })
  expect(subsequence(lines, [/^a/, /^c/], false)).toEqual({ found: [0], missing: 1 })
})

test('what is asked of a step is typed', () => {
  // @ts-expect-error: no step has this status
  expect(done).not.toHaveStep('charge', { status: 'done' })
  // @ts-expect-error: it counts attempts
  expect(done).not.toHaveStep('charge', { attempts: '2' })
})
