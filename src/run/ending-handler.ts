import type { WorkflowContext } from '../define/context.ts'
import type { CancelContext, FailureContext } from '../define/endings.ts'
import type { ReceivedEvent } from '../define/received-event.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { asThrown } from './thrown.ts'

/** The data of a run that handles the end of another. */
export interface Handled {
  readonly run: string
  readonly workflow: string
  /** What had started the run. */
  readonly event: ReceivedEvent
  /** Absent: only that one. */
  readonly events?: readonly ReceivedEvent[]
  readonly error?: unknown
  readonly failedStep?: string | undefined
  readonly reason?: string
}

/** A workflow whose runs handle the ends of others. */
interface Handler extends AnyWorkflow {
  readonly isHandler: true
}

/** The `onFailure` of a workflow as a workflow of its own. Nothing handles its end in turn. */
export function failureHandler(workflow: AnyWorkflow): AnyWorkflow | undefined {
  const { onFailure } = workflow
  return onFailure && handler(workflow, 'on-failure', context => onFailure(failure(context)))
}

/** The same of its `onCancel`. */
export function cancelHandler(workflow: AnyWorkflow): AnyWorkflow | undefined {
  const { onCancel } = workflow
  return onCancel && handler(workflow, 'on-cancel', context => onCancel(cancel(context)))
}

const handler = ({ id, retry }: AnyWorkflow, name: string, code: AnyWorkflow['code']): Handler => ({
  isHandler: true,
  id: `${id}/${name}`,
  retry,
  schema: undefined,
  triggers: [],
  cancelOn: [],
  flow: undefined,
  code,
  onFailure: undefined,
  onCancel: undefined,
})

export const isHandler = (workflow: AnyWorkflow): workflow is Handler => 'isHandler' in workflow

/** What the code of a run sees as its event: so do the conditions of its waits. */
export function eventSeenBy(workflow: AnyWorkflow, event: ReceivedEvent): ReceivedEvent {
  if (!isHandler(workflow)) return event
  const { event: handled = event } = event.data as Partial<Handled>
  return handled
}

function failure(context: WorkflowContext): FailureContext<ReceivedEvent> {
  const { error, failedStep, ...handled } = context.event.data as Handled
  const thrown = asThrown(error)
  return Object.assign(about(context, handled), {
    error: thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown }),
    failedStep,
  })
}

function cancel(context: WorkflowContext): CancelContext<ReceivedEvent> {
  const { reason = '', ...handled } = context.event.data as Handled
  return Object.assign(about(context, handled), { reason })
}

// The signal is that of the moment in which it is asked for.
const about = (
  context: WorkflowContext,
  { run, workflow, event, events = [event] }: Handled,
): WorkflowContext<unknown, ReceivedEvent> => ({
  event,
  events,
  step: context.step as WorkflowContext<unknown, ReceivedEvent>['step'],
  run: { id: run, workflow },
  get signal() {
    return context.signal
  },
  logger: context.logger,
})
