import { EngineError } from '../define/error.ts'
import { givenText, misfit } from '../define/given-text.ts'
import { durationAt, isObject, mustHaveOnly, refusal, within } from '../define/place.ts'
import type { AnyWorkflow } from '../define/workflow.ts'

/** A call of a child as data. */
export interface ChildCall {
  readonly workflow: AnyWorkflow
  readonly data: unknown
  /** Milliseconds. */
  readonly timeout: number | undefined
  readonly abandon: boolean
}

/** The options of `invoke`. Throws DEFINITION_INVALID, naming the step and the option. */
export function checkedChild(id: string, options: unknown): ChildCall {
  const place = { of: `Step '${id}'`, path: '' }
  if (!isObject(options)) {
    throw refusal(place, 'an object is missing.', 'Write { workflow: child, data }.')
  }
  mustHaveOnly(options, ['workflow', 'data', 'timeout', 'abandon'], place)
  const { workflow, data, timeout, abandon } = options as {
    [name in keyof ChildCall]?: unknown
  }
  if (!isWorkflow(workflow)) {
    const hint = 'Give what workflow() made.'
    throw refusal(within(place, 'workflow'), misfit(workflow, 'is not a workflow.'), hint)
  }
  if (abandon !== undefined && typeof abandon !== 'boolean') {
    const fault = `${givenText(abandon)} is not true or false.`
    throw refusal(within(place, 'abandon'), fault, 'Write true, or leave it out.')
  }
  return {
    workflow,
    data,
    timeout: timeout === undefined ? undefined : durationAt(timeout, within(place, 'timeout')),
    abandon: abandon === true,
  }
}

const isWorkflow = (value: unknown): value is AnyWorkflow =>
  isObject(value) && 'id' in value && typeof value.id === 'string' && 'code' in value

/** Runs of it may be those of several parents, and of events: they end with none of them. */
export const isGathered = ({ flow }: AnyWorkflow): boolean =>
  flow?.batch !== undefined || flow?.debounce?.edge === 'trailing'

export const unknownChild = (step: string, workflow: string): EngineError =>
  new EngineError('WORKFLOW_UNKNOWN', `Step '${step}': the engine does not know '${workflow}'.`, {
    hint: 'Add it to `workflows` where openEngine() is called.',
    facts: { step, workflow },
  })

export const lateChild = (step: string, workflow: string): EngineError =>
  new EngineError('CHILD_TIMEOUT', `Step '${step}': '${workflow}' took longer than its timeout.`, {
    hint: 'It goes on alone. Give the step a longer `timeout`, or cancel the child.',
    facts: { step, workflow },
  })
