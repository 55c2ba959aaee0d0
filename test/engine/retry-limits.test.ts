import { NonRetriableError, type WorkflowContext, workflow } from 'perdure'
import { testEngine } from 'perdure/testing'
import { expect, test } from 'vitest'

type Amount = WorkflowContext<{ n: number }>

/** A workflow whose step fails until it is mended. */
function breaking(flow: object) {
  const state = { broken: true }
  const of = workflow({ id: 'breaking', ...flow }, async ({ events, step }: Amount) => {
    await step.sleep('10s')
    await step.run('work', () => {
      if (state.broken) throw new NonRetriableError('broken')
    })
    await step.sleep('10s')
    return events.map(({ data }) => data.n)
  })
  return { of, state }
}

test('a run that is retried holds what the failed one held', async () => {
  const { of, state } = breaking({ concurrency: { limit: 1, per: 'run' } })
  await using engine = await testEngine({ workflows: [of] })
  // The one waits for its turn, the other does not.
  const runs = [await engine.start(of, { n: 1 }), await engine.start(of, { n: 2 })]
  await engine.advance('1m')
  expect(runs.map(({ status }) => status)).toEqual(['failed', 'failed'])
  state.broken = false
  for (const { id } of runs) {
    const again = await engine.retry(id)
    const next = await engine.start(of, { n: 3 })
    await engine.settle()
    expect([again.status, next.status]).toEqual(['running', 'scheduled'])
    await engine.crash()
    expect([again.status, next.status]).toEqual(['running', 'scheduled'])
    await engine.advance('1m')
    expect([again.status, next.status]).toEqual(['completed', 'completed'])
  }
})

test('a run is not retried while another holds what it held', async () => {
  const { of, state } = breaking({ singleton: { mode: 'skip' } })
  await using engine = await testEngine({ workflows: [of] })
  const failed = await engine.start(of, { n: 1 })
  await engine.advance('1m')
  state.broken = false
  const other = await engine.start(of, { n: 2 })
  await expect(engine.retry(failed.id)).rejects.toMatchObject({
    code: 'RUN_STATUS',
    facts: { run: failed.id, by: other.id },
  })
  await engine.advance('1m')
  expect(other.status).toBe('completed')
  const again = await engine.retry(failed.id)
  await engine.advance('1m')
  expect(again.output).toEqual([1])
})

test('a run that is retried has gathered the same, and has as long again to finish', async () => {
  const { of, state } = breaking({
    batchEvents: { maxSize: 5, timeout: '5s' },
    timeouts: { start: '1s', finish: '25s' },
    throttle: { limit: 1, period: '1m' },
  })
  await using engine = await testEngine({ workflows: [of] })
  const failed = await engine.start(of, { n: 1 })
  await engine.start(of, { n: 2 })
  await engine.advance('10m')
  expect(failed.status).toBe('failed')
  state.broken = false
  const again = await engine.retry(failed.id)
  await engine.advance('1m')
  expect(again.output).toEqual([1, 2])
})
