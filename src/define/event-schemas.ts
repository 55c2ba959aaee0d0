import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { SchemaFor } from './sending.ts'
import type { AnyWorkflow } from './workflow.ts'

/** Events that were written out are validated as the workflows that name them say: the first counts. */
export function eventSchemas(workflows: Iterable<AnyWorkflow>): SchemaFor {
  const schemas = new Map<string, StandardSchemaV1>()
  const note = (name: string, schema: StandardSchemaV1 | undefined): void => {
    if (schema !== undefined && !schemas.has(name)) schemas.set(name, schema)
  }
  for (const { triggers, cancelOn } of workflows) {
    for (const trigger of triggers) {
      if (trigger.kind === 'event') note(trigger.pattern, trigger.schema)
    }
    for (const { event, schema } of cancelOn) note(event, schema)
  }
  return (name, own) => own ?? schemas.get(name)
}
