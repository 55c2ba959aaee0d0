import type { WorkflowContext } from '../define/context.ts'
import type { Logger } from '../define/logger.ts'
import type { LiveCode } from './code.ts'

/**
 * What a workflow's function is called with. The signal is made when it is asked for, of which most
 * code does not make use.
 */
export class Context {
  readonly event: WorkflowContext['event']
  readonly events: WorkflowContext['events']
  readonly step: WorkflowContext['step']
  readonly run: WorkflowContext['run']
  readonly logger: Logger
  declare readonly signal: AbortSignal
  readonly #code: LiveCode

  constructor(
    { event, events, step, run }: Pick<WorkflowContext, 'event' | 'events' | 'step' | 'run'>,
    code: LiveCode,
    logger: () => Logger,
  ) {
    this.event = event
    this.events = events
    this.step = step
    this.run = run
    this.logger = following(logger)
    this.#code = code
    Object.defineProperty(this, 'signal', SIGNAL)
  }

  /** Also for what was made with a context as its prototype. */
  static signalOf(context: object): AbortSignal {
    return #code in context
      ? context.#code.cancellation.signal
      : Context.signalOf(Object.getPrototypeOf(context))
  }
}

// Its own, so that a copy of a context has it. The same function for all runs: with one of its own
// each context would have a shape of its own, and shapes keep what their accessors know, the run
// with all it has, until the whole heap is swept.
const SIGNAL: PropertyDescriptor & ThisType<object> = {
  enumerable: true,
  get() {
    return Context.signalOf(this)
  },
}

/** The logger of the moment in which something is logged: in a replay nothing is. */
const following = (logger: () => Logger): Logger => ({
  debug: (facts, message) => logger().debug(facts, message),
  info: (facts, message) => logger().info(facts, message),
  warn: (facts, message) => logger().warn(facts, message),
  error: (facts, message) => logger().error(facts, message),
})
