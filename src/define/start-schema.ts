import type { StandardSchemaV1 } from '@standard-schema/spec'
import { answerOf } from './standard-schema.ts'
import type { Trigger } from './trigger.ts'

/**
 * What `start` validates with when a workflow has no schema of its own: data that would fit one of
 * its triggers. None, if a trigger takes anything.
 */
export function startSchema(triggers: readonly Trigger[]): StandardSchemaV1 | undefined {
  const schemas = triggers.map(each => (each.kind === 'cron' ? nothing : each.schema))
  const given = schemas.filter(schema => schema !== undefined)
  if (given.length < schemas.length || given.every(schema => schema === nothing)) return undefined
  return given.length === 1 ? given[0] : oneOf(given)
}

type Result = StandardSchemaV1.Result<unknown>

/** Runs that a schedule starts have no data of their own. */
const nothing: StandardSchemaV1 = standard(value =>
  value === undefined ? { value } : { issues: [{ message: 'must be undefined' }] },
)

/** What the first that accepts it makes of the data; the issues of all if none does. */
const oneOf = (schemas: readonly StandardSchemaV1[]): StandardSchemaV1 =>
  standard(async value => {
    const issues: StandardSchemaV1.Issue[] = []
    for (const schema of schemas) {
      const result = await answerOf(schema, value)
      if (result.issues === undefined) return result
      issues.push(...result.issues)
    }
    return { issues }
  })

function standard(validate: (value: unknown) => Result | Promise<Result>): StandardSchemaV1 {
  return { '~standard': { version: 1, vendor: 'perdure', validate } }
}
