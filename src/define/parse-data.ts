import { EngineError } from './error.ts'
import { type SchemaResult, validated } from './standard-schema.ts'
import type { AnyWorkflow } from './workflow.ts'

/**
 * Data as the workflow's schema parses it, at once unless that takes its time. Validation is at the
 * door only: replay never repeats it. Throws DATA_INVALID.
 */
export function parseData({ id, schema }: AnyWorkflow, data: unknown): unknown {
  if (schema === undefined) return data
  return validated(schema, data, result => parsed(id, result))
}

function parsed(id: string, result: SchemaResult): unknown {
  if (result.issues === undefined) return result.value
  const issues = result.issues.map(({ message, path = [] }) => {
    const keys = path.map(part => String(typeof part === 'object' ? part.key : part))
    return { path: keys.join('.'), message }
  })
  const faults = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  throw new EngineError('DATA_INVALID', `The data for '${id}' is not valid. ${faults.join('; ')}`, {
    hint: 'Nothing was started. Correct the data, or the schema of the workflow.',
    facts: { workflow: id, issues },
  })
}
