import { CancelledError, openEngine, type RunHandle } from 'perdure'
import { expect, test } from 'vitest'
import { type Meter, meter } from '../../examples/endless.ts'
import { story } from './story.ts'

test('each run serves a week, and the next one carries on where it left off', async () => {
  let today = 0
  let reached!: () => void
  const thirdWeek = new Promise<void>(resolve => {
    reached = resolve
  })
  // The meter gets stuck on the first day of the third week, so that there is time to cancel.
  const daily = meter(() => {
    if (++today < 15) return 2
    reached()
    return new Promise(() => {})
  })
  await using engine = await openEngine({ path: ':memory:', workflows: [daily] })
  const first = await engine.start(daily, { reading: 100, days: 0, day: '1ms' })
  await thirdWeek
  const running: string[] = []
  for await (const { id } of engine.runs({ status: 'running' })) running.push(id)
  expect(running).toHaveLength(1)
  await engine.cancel(running[0] ?? '')
  await expect(first.result()).rejects.toBeInstanceOf(CancelledError)

  const data: Meter[] = []
  let next: string | undefined = first.id
  while (next !== undefined) {
    const run: RunHandle = await engine.run(next)
    next = undefined
    for await (const entry of run.entries()) {
      if (entry.type === 'run.scheduled') data.push(entry.data as Meter)
      if (entry.type === 'run.continued') next = String(entry.successor)
    }
  }
  expect(data.map(({ reading, days }) => [reading, days])).toEqual([
    [100, 0],
    [114, 7],
    [128, 14],
  ])
})

test('a week is seven sleeps and seven readings, and ends in one entry that names its successor', async () => {
  const daily = meter(() => 1)
  await using engine = await openEngine({ path: ':memory:', workflows: [daily] })
  const run = await engine.start(daily, { reading: 0, days: 0, day: '1ms' })
  while ((await run.status()) !== 'completed') await new Promise(setImmediate)

  const lines = await story(run)
  expect(lines.filter(line => line.startsWith('timer.fired'))).toHaveLength(7)
  expect(lines.filter(line => line.startsWith('step.succeeded'))).toHaveLength(7)
  expect(lines.at(-1)).toBe('run.continued')
})
