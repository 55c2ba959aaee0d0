import { workflow } from 'perdure'
import { asked } from './report.ts'
import type { Scene } from './scene.ts'

const skipped = workflow(
  { id: 'report', triggers: asked, singleton: { mode: 'skip' } },
  async ({ event, step }) => {
    await step.run('collect', () => {})
    await step.sleep('let it settle', '4s')
    await step.run('write', () => {})
    return event.data.name
  },
)

const replaced = workflow(
  { id: 'report', triggers: asked, singleton: { mode: 'cancel' } },
  skipped.code,
)

export const scenes: readonly Scene[] = [
  {
    title: 'singleton: a new run is skipped while there is one',
    workflow: skipped,
    asks: { ada: 'a  b  c    d' },
    takes: { collect: 3, write: 2 },
  },
  {
    title: 'singleton: a new run takes the place of the one there is',
    workflow: replaced,
    asks: { ada: 'a  b  c    d' },
    takes: { collect: 3, write: 2 },
  },
]
