import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { type CancelOption, type CancelRule, cancelRules } from './cancel-on.ts'
import type { WorkflowContext } from './context.ts'
import type { CancelContext, EndingHandlers, FailureContext } from './endings.ts'
import { EngineError } from './error.ts'
import type { EventRef } from './event-ref.ts'
import { type Flow, type FlowOptions, flowOf } from './flow/flow.ts'
import { givenText } from './given-text.ts'
import { functionSchema, idSchema, optionFaults, optionSchema } from './option-schema.ts'
import { within } from './place.ts'
import {
  defaultRetryPolicy,
  type RetryOptions,
  type RetryPolicy,
  retryPolicy,
} from './retry-options.ts'
import { backoffSchema, retriesSchema } from './retry-schema.ts'
import { isStandardSchema } from './standard-schema.ts'
import { startSchema } from './start-schema.ts'
import type { StartData, StartedBy, StartInput } from './started-by.ts'
import { type Trigger, type TriggerOption, type TriggerSource, triggersOf } from './trigger.ts'

export interface WorkflowOptions<
  Data = unknown,
  Input = Data,
  One = never,
  Many = readonly [],
  CancelRefs = readonly [],
> extends RetryOptions,
    EndingHandlers<StartedBy<One, Many, Data>>,
    FlowOptions<StartedBy<One, Many, Data>> {
  /** Names the workflow in journals: keep it when the code changes. */
  readonly id: string
  /**
   * What starts runs: an event type, a name or pattern (`'app/*'`), `{ event, if }`, a schedule, or
   * an array of up to 10 of these. An event starts one run however many of them it fits. Default:
   * nothing but `start`.
   */
  readonly triggers?: TriggerOption<One> | { readonly [At in keyof Many]: TriggerOption<Many[At]> }
  /** Up to 5 events that cancel a run. The event that started it does not. */
  readonly cancelOn?: {
    readonly [At in keyof CancelRefs]: CancelOption<StartedBy<One, Many, Data>, CancelRefs[At]>
  }
  /**
   * Any Standard Schema; `start` validates with it, and its output is what is recorded. Default:
   * one that takes what one of the triggers takes.
   */
  readonly schema?: StandardSchemaV1<Input, Data>
}

/** A named definition: options and an async function made of steps. `Data` is what `start` takes. */
export interface Workflow<in out Data = never, out Output = unknown> {
  readonly id: string
  readonly retry: RetryPolicy
  /** What `start` validates with. */
  readonly schema: StandardSchemaV1<Data, unknown> | undefined
  readonly triggers: readonly Trigger[]
  readonly cancelOn: readonly CancelRule[]
  /** Undefined where the workflow has no flow control. */
  readonly flow: Flow | undefined
  readonly code: (context: WorkflowContext<Any, Any>) => Promise<Output>
  readonly onFailure: ((context: FailureContext<Any>) => Promise<unknown>) | undefined
  readonly onCancel: ((context: CancelContext<Any>) => Promise<unknown>) | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: the event is known where the code is written only.
type Any = any

/** Any workflow, whatever its data and output. */
export type AnyWorkflow = Workflow<Any, unknown>

const optionsSchema = optionSchema('an object such as { id, triggers, retries }', {
  id: idSchema,
  schema: z.custom(isStandardSchema, 'a Standard Schema, of zod or another library').optional(),
  retries: retriesSchema.optional(),
  backoff: backoffSchema.optional(),
  triggers: z.unknown().optional(),
  cancelOn: z.unknown().optional(),
  onFailure: functionSchema.optional(),
  onCancel: functionSchema.optional(),
  concurrency: z.unknown().optional(),
  throttle: z.unknown().optional(),
  rateLimit: z.unknown().optional(),
  idempotency: z.unknown().optional(),
  debounce: z.unknown().optional(),
  batchEvents: z.unknown().optional(),
  priority: z.unknown().optional(),
  singleton: z.unknown().optional(),
  timeouts: z.unknown().optional(),
  backlog: z.unknown().optional(),
})

/**
 * Defines a workflow. The types of its data and output are inferred: from `triggers` and `schema`,
 * or from the annotation of the function's parameter. Throws DEFINITION_INVALID, naming the option.
 *
 * @example
 * const greeting = workflow({ id: 'greeting' }, async ({ event, step }: WorkflowContext<{ name: string }>) => {
 *   const text = await step.run('compose', () => `Hello ${event.data.name}`)
 *   await step.sleep('1h')
 *   return text
 * })
 */
export function workflow<
  Output,
  const One extends TriggerSource = never,
  const Many extends readonly TriggerSource[] = readonly [],
  const CancelRefs extends readonly EventRef[] = readonly [],
  Data = StartData<One, Many>,
  Input = StartInput<One, Many, Data>,
>(
  options: WorkflowOptions<Data, Input, One, Many, CancelRefs>,
  code: (context: WorkflowContext<Data, StartedBy<One, Many, Data>>) => Promise<Output>,
): Workflow<Input, Output> {
  const faults = optionFaults(optionsSchema, options)
  if (faults.length > 0) throw invalid(options, faults)
  if (typeof code !== 'function') throw invalid(options, [noFunction(code)])
  const { id, onFailure, onCancel } = options
  const place = { of: `The workflow ${JSON.stringify(id)}`, path: '' }
  const triggers = triggersOf(options.triggers, within(place, 'triggers'))
  const cancelOn = cancelRules(options.cancelOn, within(place, 'cancelOn'))
  const flow = flowOf(options, place)
  const retry = retryPolicy(options, defaultRetryPolicy)
  // What fits a trigger is what `Input` says: both are made of the same triggers.
  const schema = options.schema ?? (startSchema(triggers) as StandardSchemaV1<Input> | undefined)
  return { id, retry, schema, triggers, cancelOn, flow, code, onFailure, onCancel }
}

const noFunction = (code: unknown): string =>
  `the second argument: ${givenText(code)} is not a function`

function invalid(options: { id?: unknown } | undefined, issues: readonly string[]): EngineError {
  const id = givenText(options?.id)
  const message = `The workflow ${id} is not valid. ${issues.join('; ')}`
  return new EngineError('DEFINITION_INVALID', message, {
    hint: 'Correct the named option where workflow() is called.',
    facts: { id: options?.id, issues },
  })
}
