import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import type { WorkflowContext } from './context.ts'
import { EngineError } from './error.ts'
import {
  defaultRetryPolicy,
  type RetryOptions,
  type RetryPolicy,
  retryPolicy,
} from './retry-options.ts'
import { backoffSchema, retriesSchema } from './retry-schema.ts'

export interface WorkflowOptions<Data> extends RetryOptions {
  /** Names the workflow in journals: keep it when the code changes. */
  readonly id: string
  /** Any Standard Schema; `start` validates with it, and its output is what is recorded. */
  readonly schema?: StandardSchemaV1<unknown, Data>
}

/** A named definition: options and an async function made of steps. */
export interface Workflow<Data = never, Output = unknown> {
  readonly id: string
  readonly retry: RetryPolicy
  readonly schema: StandardSchemaV1<unknown, Data> | undefined
  readonly code: (context: WorkflowContext<Data>) => Promise<Output>
}

/** Any workflow, whatever its data and output. */
// biome-ignore lint/suspicious/noExplicitAny: Data stands in both directions, so only `any` fits all.
export type AnyWorkflow = Workflow<any, unknown>

const optionsSchema = z.strictObject({
  id: z.string().regex(/^[\w./-]{1,128}$/, 'use 1 to 128 letters, digits, "_", ".", "/" or "-"'),
  schema: z.custom(isStandardSchema, 'not a Standard Schema').optional(),
  retries: retriesSchema.optional(),
  backoff: backoffSchema.optional(),
})

/**
 * Defines a workflow. The types of its data and output are inferred: from `schema`, or from the
 * annotation of the function's parameter. Throws DEFINITION_INVALID, naming the option.
 *
 * @example
 * const greeting = workflow({ id: 'greeting' }, async ({ event, step }: WorkflowContext<{ name: string }>) => {
 *   const text = await step.run('compose', () => `Hello ${event.data.name}`)
 *   await step.sleep('1h')
 *   return text
 * })
 */
export function workflow<Data, Output>(
  options: WorkflowOptions<Data>,
  code: (context: WorkflowContext<Data>) => Promise<Output>,
): Workflow<Data, Output> {
  const parsed = optionsSchema.safeParse(options)
  if (!parsed.success) throw invalid(options, parsed.error)
  if (typeof code !== 'function') throw invalid(options)
  const { id, schema } = options
  return { id, schema, code, retry: retryPolicy(options, defaultRetryPolicy) }
}

function isStandardSchema(value: unknown): boolean {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && '~standard' in value
}

function invalid(options: { id?: unknown } | undefined, error?: z.ZodError): EngineError {
  const id = JSON.stringify(options?.id)
  const issues = error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  const faults = issues?.join('; ') ?? 'the second argument is not a function'
  return new EngineError('DEFINITION_INVALID', `The workflow ${id} is not valid. ${faults}`, {
    hint: 'Correct the named option where workflow() is called.',
    facts: { id: options?.id, issues },
  })
}
