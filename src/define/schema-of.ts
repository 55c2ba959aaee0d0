import type { StandardSchemaV1 } from '@standard-schema/spec'

// A name that is not enumerable: neither a comparison, a copy nor the codec sees it.
const SCHEMA = '~schema'

/** Gives plain data the schema it belongs to. */
export function withSchema<Value extends object>(
  value: Value,
  schema: StandardSchemaV1 | undefined,
): Value {
  return schema === undefined ? value : Object.defineProperty(value, SCHEMA, { value: schema })
}

/** The schema that was given to it. */
export function schemaOf(value: object): StandardSchemaV1 | undefined {
  return Reflect.get(value, SCHEMA) as StandardSchemaV1 | undefined
}
