import type { StandardSchemaV1 } from '@standard-schema/spec'

/** What a Standard Schema may say of itself besides. */
interface Telling extends StandardSchemaV1.Props {
  readonly jsonSchema?: {
    readonly [side in Side]?: (options: Options) => unknown
  }
}

type Side = 'input' | 'output'
interface Options {
  readonly target: string
  readonly libraryOptions?: Record<string, unknown>
}

/** Schemas of JSON, and those that they refer to by their number under `INSIDE`. */
export interface JsonSchemas {
  readonly documents: readonly unknown[]
  readonly inside: readonly (readonly unknown[])[]
}

/** Keyword for the number of a document in `inside`: that has no word in JSON Schema. */
export const INSIDE = '~inside'

/**
 * What a schema says of itself as JSON Schema: as it takes data, and as it gives it. None, if it does
 * not speak it. Throws what the library throws, if that can tell of neither.
 */
export function jsonSchemasOf(schema: StandardSchemaV1): JsonSchemas {
  const telling = new Saying()
  const documents = telling.documentsOf(schema)
  telling.rest()
  return { documents, inside: telling.inside }
}

/** Schemas inside of maps and sets. */
const MOST = 10_000

class Saying {
  readonly inside: (readonly unknown[])[] = []
  readonly #held: Zod[] = []
  readonly #numbers = new Map<Zod, number>()

  documentsOf(schema: StandardSchemaV1): readonly unknown[] {
    const { jsonSchema }: Telling = schema['~standard']
    if (jsonSchema === undefined) return []
    const options = { target: 'draft-2020-12', ...this.#ownOptions(schema) }
    const told: unknown[] = []
    const failed: unknown[] = []
    for (const side of ['input', 'output'] as const) {
      try {
        if (jsonSchema[side] !== undefined) told.push(jsonSchema[side](options))
      } catch (error) {
        failed.push(error)
      }
    }
    if (told.length === 0 && failed.length > 0) throw failed[0]
    return told
  }

  /** What is held by those before may hold more. */
  rest(): void {
    for (const schema of this.#held) {
      if (this.inside.length > MOST) throw new RangeError('There is no end of what it holds.')
      this.inside.push(this.documentsOf(schema))
    }
  }

  #ownOptions({ '~standard': { vendor } }: StandardSchemaV1): Partial<Options> {
    if (vendor !== 'zod') return {}
    const override = (place: Overridden): void => this.#tellAll(place)
    return { libraryOptions: { unrepresentable: 'any', override } }
  }

  /** JSON has no maps and sets. */
  #tellAll({ zodSchema, jsonSchema }: Overridden): void {
    const { type, keyType, valueType } = zodSchema._zod.def
    if (type === 'map' && keyType !== undefined && valueType !== undefined) {
      jsonSchema.propertyNames = { [INSIDE]: this.#numberOf(keyType) }
      jsonSchema.additionalProperties = { [INSIDE]: this.#numberOf(valueType) }
    }
    if (type === 'set' && valueType !== undefined) {
      jsonSchema.items = { [INSIDE]: this.#numberOf(valueType) }
    }
  }

  #numberOf(schema: Zod): number {
    const number = this.#numbers.get(schema) ?? this.#held.push(schema) - 1
    this.#numbers.set(schema, number)
    return number
  }
}

/** What zod tells of a place in a schema. */
interface Overridden {
  readonly zodSchema: Zod
  readonly jsonSchema: { [keyword: string]: unknown }
}

interface Zod extends StandardSchemaV1 {
  readonly _zod: {
    readonly def: { readonly type: string; readonly keyType?: Zod; readonly valueType?: Zod }
  }
}
