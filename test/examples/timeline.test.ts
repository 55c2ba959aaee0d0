import type { RunEntry } from 'perdure'
import { expect, test } from 'vitest'
import { timeline } from '../../examples/billing/timeline.ts'

const START = Date.UTC(2030, 0, 1)

const entry = (seq: number, after: number, type: string, facts: object = {}): RunEntry => ({
  run: 'r',
  seq,
  at: START + after,
  elapsed: START + after,
  type,
  ...facts,
})

test('one line an entry, each answer under the name of its step, notes where they belong', () => {
  const entries = [
    entry(0, 0, 'run.scheduled', { data: { text: 'x'.repeat(80) } }),
    entry(1, 0, 'timer.set', { id: 'date', clock: 'wall', due: START + 1_000 }),
    entry(2, 1_000, 'timer.fired', { of: 1 }),
    entry(3, 1_000, 'step.scheduled', { id: 'charge' }),
    entry(4, 1_250, 'step.failed', { of: 3, error: new Error('no answer') }),
    entry(5, 2_000, 'run.completed', { output: { paid: true } }),
  ]
  const notes = [
    { at: START + 1_000, text: 'killed' },
    { at: START + 1_100, text: 'back' },
  ]
  expect(timeline(entries, notes)).toEqual([
    `+0.000 s  run.scheduled                      { text: '${'x'.repeat(40)}…`,
    '+0.000 s  timer.set        date              until 2030-01-01T00:00:01.000Z',
    '+1.000 s  timer.fired      date',
    '+1.000 s  step.scheduled   charge',
    '+1.000 s  --- killed',
    '+1.100 s  --- back',
    '+1.250 s  step.failed      charge            no answer',
    '+2.000 s  run.completed                      { paid: true }',
  ])
})
