import { event, type ReceivedEvent, workflow } from 'perdure'
import type { FlowName } from './plan.ts'
import { RETRY, Stage, type World } from './stage.ts'

export interface FlowData {
  readonly key: string
}

/** How many runs of a key may be between their start and their end. */
export const LANE_LIMIT = 2
export const LANE_THROTTLE = { limit: 80, period: 1_000 }
/** Times of two lives or so: what is gathered has to outlive the process. */
export const BATCH = { maxSize: 3, timeout: 300 }
export const QUIET = { period: 100, timeout: 300 }

const KEY = { key: 'event.data.key' } as const

/** What the code of such a run saw of what it was started with. */
export interface SeenEvents {
  readonly event: string
  readonly events: readonly string[]
}

const on = <Name extends FlowName>(name: Name) => event<`crash/${Name}`, FlowData>(`crash/${name}`)

/** Workflows with limits, each started by events of its name. */
export function flowsIn(world: World) {
  return [
    workflow(
      {
        id: 'lane',
        triggers: on('lane'),
        concurrency: { limit: LANE_LIMIT, ...KEY, per: 'run' },
        throttle: { ...LANE_THROTTLE, ...KEY },
        ...RETRY,
      },
      context => long(new Stage(context, world), context),
    ),
    workflow(
      { id: 'batch', triggers: on('batch'), batchEvents: { ...BATCH, ...KEY }, ...RETRY },
      context => short(new Stage(context, world), context),
    ),
    workflow(
      { id: 'quiet', triggers: on('quiet'), debounce: { ...QUIET, ...KEY, mode: 'all' }, ...RETRY },
      context => short(new Stage(context, world), context),
    ),
    workflow(
      { id: 'single', triggers: on('single'), singleton: { ...KEY, mode: 'skip' }, ...RETRY },
      context => long(new Stage(context, world), context),
    ),
  ]
}

interface Given {
  readonly event: ReceivedEvent
  readonly events: readonly ReceivedEvent[]
}

/** Sleeps between its steps, and so holds what it holds when nothing of it executes. */
async function long(stage: Stage, given: Given) {
  await stage.do('first', given.event.id)
  await stage.nap('rest', 3)
  await stage.do('last', given.event.id)
  return told(stage, given)
}

async function short(stage: Stage, given: Given) {
  await stage.do('take', idsOf(given.events), 1)
  return told(stage, given)
}

const told = ({ seen }: Stage, { event, events }: Given): SeenEvents & Pick<Stage, 'seen'> => ({
  seen,
  event: event.id,
  events: idsOf(events),
})

const idsOf = (events: readonly ReceivedEvent[]): readonly string[] => events.map(({ id }) => id)
