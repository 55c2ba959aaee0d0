import { workflow } from 'perdure'
import { asked } from './report.ts'
import type { Scene } from './scene.ts'

const short = workflow(
  {
    id: 'report',
    triggers: asked,
    concurrency: { limit: 1, per: 'run' },
    backlog: { runs: 2, full: 'skip' },
  },
  async ({ event, step }) => {
    await step.run('make', () => {})
    return event.data.name
  },
)

export const scenes: readonly Scene[] = [
  {
    title: 'backlog: two runs may wait',
    workflow: short,
    asks: { ada: 'abcde f' },
    takes: { make: 5 },
  },
]
