import { CancelledError, event, type Workflow, type WorkflowContext, workflow } from 'perdure'
import type { Facts } from './facts.ts'
import type { Flow } from './flow.ts'
import type { At, EventName } from './story.ts'

type Told = Workflow<Facts>
export type Three = readonly [Told, Told, Told]

interface Came {
  readonly name: string
  readonly id: string
  readonly ts: number
  readonly data: Facts
}

const c0 = event<EventName, Facts>('c0')
const c1 = event<EventName, Facts>('c1')
const call = event<EventName, Facts>('call')

/** `w0`, `w1` and `w2`, which do what their data says: runs of each may have children of the next. */
export function threeOf([first, second, third]: readonly [Flow, Flow, Flow]): Three {
  const w2 = told(2, [call], third, undefined)
  const w1 = told(1, [c1, call], second, w2)
  return [told(0, [c0, call], first, w1), w1, w2]
}

const undo = async ({
  event: { data },
  step,
}: Pick<WorkflowContext<Facts, Came>, 'event' | 'step'>) => step.run('undo', () => data)

function told(at: At, triggers: (typeof call)[], flow: Flow, next: Told | undefined): Told {
  const backoff = { initial: 500, factor: 1, jitter: 0, max: 1_000 }
  return workflow(
    { id: `w${at}`, triggers, retries: 2, backoff, ...flow, onFailure: undo, onCancel: undo },
    async ({ event: { data }, step }: WorkflowContext<Facts, Came>) => {
      if (data.isForked) {
        await Promise.all([step.run('one', () => data), step.run('other', () => data)])
      } else {
        await step.run('first', () => data)
      }
      if (data.nap > 0) await step.sleep('nap', data.nap)
      if (data.hasChild && next !== undefined) {
        const its = { ...data, again: 0, hasChild: false }
        const child = step.invoke('child', { workflow: next, data: its, timeout: '30s' })
        await child.catch(error => {
          if (error instanceof CancelledError) throw error
        })
      }
      await step.run('last', () => data)
      if (data.again > 0) return step.continueAsNew({ ...data, again: data.again - 1 })
      if (data.fails) throw new Error('told to fail')
    },
  )
}
