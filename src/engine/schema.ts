import { EngineError } from '../define/error.ts'
import type { AnyWorkflow } from '../define/workflow.ts'

/** Data as the workflow's schema parses it. Validation is at the door only: replay never repeats it. */
export async function parseData({ id, schema }: AnyWorkflow, data: unknown): Promise<unknown> {
  if (schema === undefined) return data
  const result = await schema['~standard'].validate(data)
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
