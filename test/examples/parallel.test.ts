import { openEngine } from 'perdure'
import { expect, test } from 'vitest'
import { type Carrier, carrier, shipping } from '../../examples/parallel.ts'
import { story } from './story.ts'

const LONG_MS = 3_600_000

async function ship(carriers: readonly Carrier[], patience: string) {
  const workflow = shipping(carriers)
  await using engine = await openEngine({ path: ':memory:', workflows: [workflow] })
  const run = await engine.start(workflow, { item: 'teapot', patience })
  return { output: await run.result(), lines: await story(run) }
}

test('the first offer wins, and the one that lost is aborted', async () => {
  let aborted = false
  const turtle: Carrier = {
    name: 'turtle',
    offer: (_item, signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          aborted = true
        })
      }),
  }
  const { output, lines } = await ship([turtle, carrier('hare', 9, 0)], '1h')

  expect(output).toEqual({
    weight: 600,
    address: expect.any(String),
    winner: { carrier: 'hare', price: 9 },
  })
  expect(aborted).toBe(true)
  // Both steps of Promise.all are asked for in one turn, and so is all that takes part in the race.
  expect(lines).toEqual([
    'run.scheduled',
    'run.started',
    'step.scheduled weigh',
    'step.scheduled find-address',
    'step.succeeded weigh',
    'step.succeeded find-address',
    'step.scheduled ask-turtle',
    'step.scheduled ask-hare',
    'timer.set patience',
    'step.succeeded ask-hare',
    'run.completed',
  ])
})

test('nobody wins when no offer comes in time', async () => {
  const { output, lines } = await ship([carrier('turtle', 3, LONG_MS)], '1ms')
  expect(output.winner).toBeUndefined()
  expect(lines).toContain('timer.fired patience')
  expect(lines).not.toContain('step.succeeded ask-turtle')
})

test('of two offers the one that came first wins, whatever it costs', async () => {
  const { output } = await ship([carrier('dear', 90, 0), carrier('cheap', 1, LONG_MS)], '1h')
  expect(output.winner).toEqual({ carrier: 'dear', price: 90 })
})
