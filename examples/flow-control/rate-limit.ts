import { workflow } from 'perdure'
import { asked } from './report.ts'
import type { Scene } from './scene.ts'

const limited = workflow(
  { id: 'report', triggers: asked, rateLimit: { limit: 2, period: '10s' } },
  async ({ event, step }) => {
    await step.run('make', () => {})
    return event.data.name
  },
)

const inPeriods = workflow(
  {
    id: 'report',
    triggers: asked,
    rateLimit: { limit: 2, period: '10s', algorithm: 'fixed' },
  },
  limited.code,
)

export const scenes: readonly Scene[] = [
  {
    title: 'rate limit: never more than two in 10 seconds',
    workflow: limited,
    asks: { ada: 'a      bc  def    gh' },
    takes: { make: 2 },
  },
  {
    title: 'rate limit: two in each period of 10 seconds',
    workflow: inPeriods,
    asks: { ada: 'a      bc  def    gh' },
    takes: { make: 2 },
  },
]
