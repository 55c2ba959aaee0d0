import { workflow } from 'perdure'
import { asked } from './report.ts'
import type { Scene } from './scene.ts'

const bySeconds = workflow(
  {
    id: 'report',
    triggers: asked,
    concurrency: { limit: 1, per: 'run' },
    priority: { run: "event.data.who == 'pro' ? 5 : 0" },
  },
  async ({ event, step }) => {
    await step.run('make', () => {})
    return event.data.name
  },
)

export const scenes: readonly Scene[] = [
  {
    title: "priority: runs of 'pro' are 5 seconds ahead of their time",
    workflow: bySeconds,
    asks: { free: 'abcd', pro: '    e     f' },
    takes: { make: 4 },
  },
]
