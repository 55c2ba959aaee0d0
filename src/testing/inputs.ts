import type { StandardSchemaV1 } from '@standard-schema/spec'
import { EngineError } from '../define/error.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { type Arbitrary, isArbitrary } from './arbitrary.ts'
import type { Choices } from './choices.ts'
import { ChosenRandom } from './chosen-random.ts'
import { errorText } from './error-text.ts'
import { type Choose, fromJsonSchema, type JsonSchema } from './from-json-schema.ts'
import { Rng } from './rng.ts'

/** A value as it is given, or one that an arbitrary makes of what is chosen. */
export const chosenValue = (given: unknown, choices: Choices, stream: string): unknown =>
  isArbitrary(given) ? generated(given, choices, stream) : given

export const generated = <Value>(
  arbitrary: Arbitrary<Value>,
  choices: Choices,
  stream: string,
): Value => arbitrary.generate(new ChosenRandom(choices, stream), undefined).value

/**
 * Data that fits a workflow's schema, if that tells what it takes as JSON Schema, as those of zod and
 * arktype do. Throws DEFINITION_INVALID if it cannot be made.
 */
export function dataFor(workflow: AnyWorkflow, choices: Choices, stream: string): unknown {
  const { id, schema } = workflow
  if (schema === undefined) return undefined
  try {
    return fitting(schema['~standard'], choices, stream)
  } catch (error) {
    throw needsData(id, errorText(error))
  }
}

/** What a Standard Schema may say of itself besides. */
interface Telling extends StandardSchemaV1.Props {
  readonly jsonSchema?: {
    input(options: { target: string; libraryOptions?: Record<string, unknown> }): JsonSchema
  }
}

const ATTEMPTS = 100

// What does not fit is made again: that takes no decisions, as nothing depends on them.
function fitting(schema: Telling, choices: Choices, stream: string): unknown {
  const { vendor, jsonSchema } = schema
  if (jsonSchema === undefined) throw new Error(`a schema of ${vendor} does not say enough`)
  const libraryOptions = { unrepresentable: 'any', override: tellType }
  const json = jsonSchema.input({
    target: 'draft-2020-12',
    ...(vendor === 'zod' && { libraryOptions }),
  })
  const madeUp = new Rng(stream)
  let misfit: string | undefined = ''
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const choose: Choose = n => (attempt === 0 ? choices.choose(stream, n) : madeUp.below(n))
    const data = fromJsonSchema(json, choose)
    misfit = misfitOf(schema, data)
    if (misfit === undefined) return data
  }
  throw new Error(`what was tried does not fit (${misfit})`)
}

const UNKNOWN_TO_JSON: ReadonlySet<string> = new Set(
  'bigint symbol undefined void date map set transform nan custom'.split(' '),
)

interface Representation {
  readonly zodSchema: { readonly _zod: { readonly def: { readonly type: string } } }
  readonly jsonSchema: object
}

/** Zod: what JSON does not know has the name that zod gives it. */
function tellType({ zodSchema, jsonSchema }: Representation): void {
  const { type } = zodSchema._zod.def
  if (UNKNOWN_TO_JSON.has(type)) Object.assign(jsonSchema, { type })
}

/** What is wrong with it, if that can be told: some schemas take their time. */
function misfitOf(schema: Telling, data: unknown): string | undefined {
  const result = schema.validate(data)
  if (!('issues' in result)) {
    if (result instanceof Promise) result.catch(() => {})
    return undefined
  }
  return result.issues?.[0]?.message
}

const needsData = (workflow: string, reason: string): EngineError =>
  new EngineError('DEFINITION_INVALID', `Data for ${workflow} cannot be made up: ${reason}.`, {
    hint: 'Give `data` in `starts`: a value, or an arbitrary of fast-check.',
    facts: { workflow, reason },
  })
