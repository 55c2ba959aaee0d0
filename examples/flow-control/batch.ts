import { workflow } from 'perdure'
import { asked } from './report.ts'
import type { Scene } from './scene.ts'

const together = workflow(
  { id: 'report', triggers: asked, batchEvents: { maxSize: 3, timeout: '10s' } },
  async ({ events, step }) => {
    await step.run('make', () => {})
    return `of ${events.map(({ data }) => data.name).join(' ')}`
  },
)

const ofEach = workflow(
  {
    id: 'report',
    triggers: asked,
    batchEvents: {
      maxSize: 3,
      timeout: '10s',
      key: 'event.data.who',
      if: "event.data.name != 'u'",
    },
  },
  together.code,
)

export const scenes: readonly Scene[] = [
  {
    title: 'batch: three events a run, or what has come in 10 seconds',
    workflow: together,
    asks: { ada: 'a  b c  d  e' },
    takes: { make: 3 },
  },
  {
    title: 'batch: of each key, and without what is urgent',
    workflow: ofEach,
    asks: { ada: 'a  b   u  c', bob: ' d    e' },
    takes: { make: 3 },
  },
]
