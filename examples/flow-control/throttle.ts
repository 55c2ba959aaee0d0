import { workflow } from 'perdure'
import { asked } from './report.ts'
import type { Scene } from './scene.ts'

const spread = workflow(
  { id: 'report', triggers: asked, throttle: { limit: 2, period: '10s' } },
  async ({ event, step }) => {
    await step.run('make', () => {})
    return event.data.name
  },
)

const inBursts = workflow(
  { id: 'report', triggers: asked, throttle: { limit: 2, period: '10s', burst: 3 } },
  spread.code,
)

export const scenes: readonly Scene[] = [
  {
    title: 'throttle: a start every 5 seconds',
    workflow: spread,
    asks: { ada: 'abcd                   ef' },
    takes: { make: 3 },
  },
  {
    title: 'throttle: the same, and up to three at once after a quiet time',
    workflow: inBursts,
    asks: { ada: 'abcd                   ef' },
    takes: { make: 3 },
  },
]
