import type { WorkflowContext } from '../define/context.ts'
import type { Logger } from '../define/logger.ts'
import type { LiveCode } from './code.ts'

interface Inside {
  readonly code: LiveCode
  readonly logger: () => Logger
}

const INSIDE = Symbol('inside')

interface Lazily {
  readonly [INSIDE]: Inside
}

// The same functions for all runs: with its own ones each context would have a shape of its own,
// and shapes keep what their accessors know, the run with all it has, until the whole heap is swept.
const lazily: PropertyDescriptorMap & ThisType<Lazily> = {
  signal: {
    enumerable: true,
    configurable: true,
    get() {
      return this[INSIDE].code.cancellation.signal
    },
  },
  logger: {
    enumerable: true,
    configurable: true,
    get() {
      return this[INSIDE].logger()
    },
  },
}

/** What a workflow's function is called with. Its signal and its logger are made when asked for. */
export function newContext(
  { event, events, step, run }: Pick<WorkflowContext, 'event' | 'events' | 'step' | 'run'>,
  inside: Inside,
): WorkflowContext {
  const context = Object.defineProperty({ event, events, step, run }, INSIDE, { value: inside })
  return Object.defineProperties(context, lazily) as WorkflowContext
}
