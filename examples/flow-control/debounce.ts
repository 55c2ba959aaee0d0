import { workflow } from 'perdure'
import { asked } from './report.ts'
import type { Scene } from './scene.ts'

const settled = workflow(
  { id: 'report', triggers: asked, debounce: { period: '5s' } },
  async ({ events, step }) => {
    await step.run('make', () => {})
    return `of ${events.map(({ data }) => data.name).join(' ')}`
  },
)

const bounded = workflow(
  {
    id: 'report',
    triggers: asked,
    debounce: { period: '5s', timeout: '10s', mode: 'all' },
  },
  settled.code,
)

const first = workflow(
  { id: 'report', triggers: asked, debounce: { period: '5s', edge: 'leading' } },
  settled.code,
)

export const scenes: readonly Scene[] = [
  {
    title: 'debounce: when it has been quiet for 5 seconds, with the last event',
    workflow: settled,
    asks: { ada: 'a  b  c             d' },
    takes: { make: 3 },
  },
  {
    title: 'debounce: after 10 seconds at the latest, with all events',
    workflow: bounded,
    asks: { ada: 'a  b  c  d  e' },
    takes: { make: 3 },
  },
  {
    title: 'debounce: the first event at once, and no more until it is quiet',
    workflow: first,
    asks: { ada: 'a  b  c       d' },
    takes: { make: 3 },
  },
]
