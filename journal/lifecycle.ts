import type { Entry } from './entry.ts'

/** Where a run is. `parked` waits for a person; `skipped` never began. */
export const runStatuses = [
  'scheduled',
  'running',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'skipped',
  'parked',
] as const

export type RunStatus = (typeof runStatuses)[number]

type EntryType = Entry['type']
type Transitions = { readonly [Type in EntryType]?: RunStatus }

const answers = (status: RunStatus): Transitions => ({
  'step.succeeded': status,
  'step.failed': status,
  'step.late': status,
  'timer.fired': status,
  'event.received': status,
  'child.finished': status,
  'deadline.moved': status,
})

const commands = {
  'step.scheduled': 'running',
  'timer.set': 'running',
  'wait.set': 'running',
  'child.started': 'running',
  'event.sent': 'running',
  'code.failed': 'running',
  'run.completed': 'completed',
  'run.continued': 'completed',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
  'deadline.set': 'running',
} as const satisfies Transitions

/** Which entries a run in a status accepts, and the status each leads to. Absent: never written. */
export const lifecycle: { readonly [Status in RunStatus]: Transitions } = {
  scheduled: {
    'run.scheduled': 'scheduled',
    'start.set': 'scheduled',
    'cancel.set': 'scheduled',
    'gather.set': 'scheduled',
    'slot.set': 'scheduled',
    'queue.set': 'scheduled',
    'deadline.set': 'scheduled',
    'run.joined': 'scheduled',
    'deadline.moved': 'scheduled',
    'timer.fired': 'scheduled',
    'run.started': 'running',
    'run.cancel_requested': 'scheduled',
    'run.cancelled': 'cancelled',
    'run.skipped': 'skipped',
    'run.parked': 'parked',
  },
  running: {
    ...commands,
    ...answers('running'),
    // Of a run that was parked before it began.
    'run.started': 'running',
    'run.paused': 'paused',
    'run.cancel_requested': 'running',
    'run.parked': 'parked',
    'code.woke': 'running',
  },
  // A cancellation lifts the pause: the code must get its chance to clean up.
  paused: {
    ...answers('paused'),
    'run.resumed': 'running',
    'run.cancel_requested': 'running',
    'run.parked': 'parked',
  },
  parked: {
    ...answers('parked'),
    'run.unparked': 'running',
    'run.cancel_requested': 'parked',
    'run.cancelled': 'cancelled',
  },
  completed: { 'step.late': 'completed' },
  failed: { 'step.late': 'failed' },
  cancelled: { 'step.late': 'cancelled' },
  skipped: {},
}

export const isFinal = (status: RunStatus): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'skipped'
