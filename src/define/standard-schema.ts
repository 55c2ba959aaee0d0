import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Some libraries make functions of their schemas. */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && '~standard' in value
}

export type SchemaResult = StandardSchemaV1.Result<unknown>

/**
 * What `read` makes of the schema's answer: at once, unless that takes its time. A library may have
 * promises of its own, whatever the standard says: one taken for an answer would be data that is missing.
 */
export function validated<Read>(
  schema: StandardSchemaV1,
  data: unknown,
  read: (result: SchemaResult) => Read,
): Read | Promise<Read> {
  const result = schema['~standard'].validate(data)
  return 'then' in result ? Promise.resolve(result).then(read) : read(result)
}
