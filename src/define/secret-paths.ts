import type { StandardSchemaV1 } from '@standard-schema/spec'
import { JsonPlace } from './json-place.ts'
import { jsonSchemasOf } from './schema-json.ts'
import { type SchemaPlace, secretPlaces } from './schema-place.ts'
import { ValibotPlace } from './valibot-place.ts'

/*
 * path    = segment ("." segment)*, or "" for the whole
 * segment = a key, in which "\" stands before ".", "*" and "\"; "*" is any one key
 */

/**
 * Paths of keys in the data of a schema that it marks as secret: `"secret": true`, `"writeOnly": true`
 * or `"format": "password"` in what it says of itself as JSON Schema, as `z.string().meta({ secret: true })`
 * does, or in `v.metadata`. Items of lists, sets and tuples are at the place of those; `*` is any key of
 * a record or a map. What is inside of a definition that is used at several places, as all that hold
 * themselves are, begins there. None, where it says nothing of itself; the whole, where it cannot say
 * what it is. Takes time by the size of the schema.
 */
export function secretPaths(schema: StandardSchemaV1): readonly string[] {
  try {
    return [...new Set(rootsOf(schema).flatMap(root => secretPlaces(root)))]
  } catch {
    // Whatever it may mark, it is not shown.
    return ['']
  }
}

/** What data goes in as, and what comes out of that and is recorded. */
function rootsOf(schema: StandardSchemaV1): readonly SchemaPlace[] {
  if (schema['~standard'].vendor === 'valibot') return [new ValibotPlace(schema)]
  const { documents, inside } = jsonSchemasOf(schema)
  return documents.map(document => new JsonPlace(document, document, inside))
}
