import type { StandardSchemaV1 } from '@standard-schema/spec'
import { EngineError } from '../define/error.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { type Arbitrary, isArbitrary } from './arbitrary.ts'
import type { Choices } from './choices.ts'
import { ChosenRandom } from './chosen-random.ts'
import { fromJsonSchema, type JsonSchema } from './from-json-schema.ts'

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
  const { vendor, jsonSchema }: Telling = schema['~standard']
  if (jsonSchema === undefined) throw needsData(id, `a schema of ${vendor} does not say enough`)
  try {
    return fromJsonSchema(jsonSchema.input({ target: 'draft-2020-12' }), choices, stream)
  } catch (error) {
    throw needsData(id, error instanceof Error ? error.message : String(error))
  }
}

/** What a Standard Schema may say of itself besides. */
interface Telling extends StandardSchemaV1.Props {
  readonly jsonSchema?: { input(options: { target: string }): JsonSchema }
}

const needsData = (workflow: string, reason: string): EngineError =>
  new EngineError('DEFINITION_INVALID', `Data for ${workflow} cannot be made up: ${reason}.`, {
    hint: 'Give `data` in `starts`: a value, or an arbitrary of fast-check.',
    facts: { workflow, reason },
  })
