import { validated } from './standard-schema.ts'
import type { AnyWorkflow } from './workflow.ts'

/**
 * Data as the workflow's schema parses it, at once unless that takes its time. Validation is at the
 * door only: replay never repeats it. Throws DATA_INVALID.
 */
export function parseData({ id, schema }: AnyWorkflow, data: unknown): unknown {
  if (schema === undefined) return data
  const of = {
    what: `The data for '${id}'`,
    hint: 'Nothing was started. Correct the data, or the schema of the workflow.',
    facts: { workflow: id },
  }
  return validated(schema, data, of, value => value)
}
