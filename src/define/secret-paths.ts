import type { StandardSchemaV1 } from '@standard-schema/spec'

/** What a Standard Schema may say of itself besides. */
interface Telling extends StandardSchemaV1.Props {
  readonly jsonSchema?: {
    input(options: { target: string; libraryOptions?: Record<string, unknown> }): unknown
  }
}

/**
 * Paths of keys in the data of a schema that it marks as secret: `"secret": true`, `"writeOnly": true`
 * or `"format": "password"` in what it says of itself as JSON Schema, as `z.string().meta({ secret: true })`
 * does. None, where it says nothing of itself.
 */
export function secretPaths(schema: StandardSchemaV1): readonly string[] {
  const { vendor, jsonSchema }: Telling = schema['~standard']
  if (jsonSchema === undefined) return []
  const libraryOptions = vendor === 'zod' && { libraryOptions: { unrepresentable: 'any' } }
  const root = jsonSchema.input({ target: 'draft-2020-12', ...libraryOptions })
  const found = new Set<string>()
  new Walk(root, found).see(root, [])
  return [...found]
}

const DEEPEST = 32
/** Keywords whose value is a schema, several of them, or several by name, of the same place. */
const HERE = [
  'allOf',
  'anyOf',
  'oneOf',
  'then',
  'else',
  'items',
  'prefixItems',
  'additionalProperties',
]

class Walk {
  readonly #root: unknown
  readonly #found: Set<string>

  constructor(root: unknown, found: Set<string>) {
    this.#root = root
    this.#found = found
  }

  see(node: unknown, path: readonly string[]): void {
    if (typeof node !== 'object' || node === null || path.length > DEEPEST) return
    if (Array.isArray(node)) {
      for (const each of node) this.see(each, path)
      return
    }
    const schema: { readonly [keyword: string]: unknown } = { ...node }
    if (isSecret(schema) && path.length > 0) this.#found.add(path.join('.'))
    for (const [key, property] of Object.entries(Object(schema.properties))) {
      this.see(property, [...path, key])
    }
    for (const keyword of HERE) this.see(schema[keyword], path)
    if (typeof schema.$ref === 'string' && path.length < DEEPEST / 4) {
      this.see(this.#target(schema.$ref), path)
    }
  }

  #target(ref: string): unknown {
    const keys = ref.replace(/^#\/?/, '').split('/')
    return keys.reduce<unknown>((node, key) => (key === '' ? node : Object(node)[key]), this.#root)
  }
}

const isSecret = ({
  secret,
  writeOnly,
  format,
}: {
  readonly [keyword: string]: unknown
}): boolean => secret === true || writeOnly === true || format === 'password'
