import { workflow } from 'perdure'
import { asked } from './report.ts'
import type { Scene } from './scene.ts'

const once = workflow(
  { id: 'report', triggers: asked, idempotency: 'event.data.name' },
  async ({ event, step }) => {
    await step.run('make', () => {})
    return event.data.name
  },
)

export const scenes: readonly Scene[] = [
  {
    title: 'idempotency: one run for each name in 24 hours',
    workflow: once,
    asks: { ada: 'a b a     b  c' },
    takes: { make: 4 },
  },
]
