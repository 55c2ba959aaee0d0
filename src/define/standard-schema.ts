import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Some libraries make functions of their schemas. */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && '~standard' in value
}
