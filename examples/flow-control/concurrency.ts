import { workflow } from 'perdure'
import { asked } from './report.ts'
import type { Scene } from './scene.ts'

const perStep = workflow(
  { id: 'report', triggers: asked, concurrency: 1 },
  async ({ event, step }) => {
    await step.run('collect', () => {})
    await step.sleep('let it settle', '4s')
    await step.run('write', () => {})
    return event.data.name
  },
)

const perRun = workflow(
  { id: 'report', triggers: asked, concurrency: { limit: 1, per: 'run' } },
  perStep.code,
)

const both = workflow(
  {
    id: 'report',
    triggers: asked,
    concurrency: [
      { limit: 2, per: 'run' },
      { limit: 1, per: 'run', key: 'event.data.who' },
    ],
  },
  async ({ event, step }) => {
    await step.run('collect', () => {})
    return event.data.name
  },
)

export const scenes: readonly Scene[] = [
  {
    title: 'concurrency: one step at a time',
    workflow: perStep,
    asks: { ada: 'abc' },
    takes: { collect: 3, write: 2 },
  },
  {
    title: 'concurrency: one run at a time',
    workflow: perRun,
    asks: { ada: 'abc' },
    takes: { collect: 3, write: 2 },
  },
  {
    title: 'concurrency: two runs at a time, one of a key',
    workflow: both,
    asks: { ada: 'abcde', bob: ' fg', eve: '  hi' },
    takes: { collect: 4 },
  },
]
