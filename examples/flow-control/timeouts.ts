import { workflow } from 'perdure'
import { asked } from './report.ts'
import type { Scene } from './scene.ts'

const hurried = workflow(
  {
    id: 'report',
    triggers: asked,
    concurrency: { limit: 1, per: 'run' },
    timeouts: { start: '8s', finish: '10s' },
  },
  async ({ event, step }) => {
    await step.run('collect', () => {})
    if (event.data.name === 'b') await step.sleep('let it settle', '1h')
    await step.run('write', () => {})
    return event.data.name
  },
)

export const scenes: readonly Scene[] = [
  {
    title: 'timeouts: 8 seconds to start, 10 to finish',
    workflow: hurried,
    asks: { ada: 'ab c      d' },
    takes: { collect: 3, write: 2 },
  },
]
