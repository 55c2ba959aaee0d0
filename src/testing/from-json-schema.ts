import { madeNumber, type NumberShape } from './made-number.ts'
import { madeText, type TextShape } from './made-text.ts'

/** As much of JSON Schema as zod makes, and `date`, `bigint`, `undefined` and `nan` as types. */
export interface JsonSchema extends NumberShape, TextShape {
  readonly $ref?: string
  readonly $defs?: { readonly [name: string]: JsonSchema }
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly not?: object
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly propertyNames?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema | boolean
  readonly prefixItems?: readonly JsonSchema[]
  readonly minItems?: number
  readonly maxItems?: number
}

/** Gives a number from 0 up to n. */
export type Choose = (n: number) => number

/** A value that fits the schema; where 0 is chosen, the plainest. Throws if it has no idea. */
export const fromJsonSchema = (schema: JsonSchema, choose: Choose): unknown =>
  new Maker(schema, choose).make(schema, 0)

const MORE_ITEMS = 3
/** What contains itself comes to an end below so many levels. */
const DEEPEST = 5
const DAY = 86_400_000

class Maker {
  readonly #root: JsonSchema
  readonly #choose: Choose

  constructor(root: JsonSchema, choose: Choose) {
    this.#root = root
    this.#choose = choose
  }

  make(schema: JsonSchema, depth: number): unknown {
    const choose: Choose = n => (depth > DEEPEST ? 0 : this.#choose(n))
    if (schema.$ref !== undefined) return this.make(this.#named(schema.$ref), depth + 1)
    if ('const' in schema) return schema.const
    if (schema.enum !== undefined) return schema.enum[choose(schema.enum.length)]
    if (schema.allOf !== undefined) return this.make(merged(this.#parts(schema)), depth)
    const alternatives = schema.anyOf ?? schema.oneOf
    if (alternatives !== undefined) return this.make(this.#oneOf(alternatives, depth), depth)
    if (schema.not !== undefined) throw new Error('there is nothing that fits')
    return this.#ofType(schema, choose, depth)
  }

  #ofType(schema: JsonSchema, choose: Choose, depth: number): unknown {
    const { type } = schema
    switch (typeof type === 'object' ? type[choose(type.length)] : type) {
      case 'object':
        return this.#object(schema, choose, depth + 1)
      case 'array':
        return this.#array(schema, choose, depth + 1)
      case 'string':
        return madeText(schema, choose)
      case 'number':
      case 'integer':
        return madeNumber(schema, choose)
      case 'boolean':
        return choose(2) === 1
      case 'bigint':
        return BigInt(choose(MORE_ITEMS))
      case 'date':
        return new Date(Date.UTC(2026, 0, 1) + DAY * choose(MORE_ITEMS))
      case 'nan':
        return Number.NaN
      case 'undefined':
      case 'void':
        return undefined
      case 'null':
      case undefined:
        return null
      default:
        throw new Error(`nothing is known of the type ${type}`)
    }
  }

  #oneOf(alternatives: readonly JsonSchema[], depth: number): JsonSchema {
    const ending = alternatives.find(each => !JSON.stringify(each).includes('"$ref"'))
    const chosen = depth > DEEPEST ? ending : undefined
    return chosen ?? alternatives[this.#choose(alternatives.length)] ?? {}
  }

  #named(ref: string): JsonSchema {
    const name = ref.replace(/^#\/\$defs\//, '')
    return ref === '#' ? this.#root : (this.#root.$defs?.[name] ?? {})
  }

  #parts({ allOf = [], ...rest }: JsonSchema): JsonSchema[] {
    const inner = allOf.map(part => (part.$ref === undefined ? part : this.#named(part.$ref)))
    return [rest, ...inner.flatMap(part => this.#parts(part))]
  }

  #object(schema: JsonSchema, choose: Choose, depth: number): unknown {
    const { properties = {}, required = [], propertyNames, additionalProperties } = schema
    const entries: [string, unknown][] = []
    for (const [name, property] of Object.entries(properties)) {
      const isLeftOut = !required.includes(name) && choose(2) === 0
      if (!isLeftOut) entries.push([name, this.make(property, depth)])
    }
    if (typeof additionalProperties !== 'object') return Object.fromEntries(entries)
    const names = propertyNames?.enum
    const more = names ?? Array.from({ length: choose(MORE_ITEMS) })
    for (const name of more) {
      if (names !== undefined && !required.includes(String(name)) && choose(2) === 0) continue
      const made = String(name ?? this.make(propertyNames ?? { type: 'string' }, depth))
      entries.push([made, this.make(additionalProperties, depth)])
    }
    return Object.fromEntries(entries)
  }

  #array(schema: JsonSchema, choose: Choose, depth: number): unknown {
    const { prefixItems = [], items = true, maxItems = Number.POSITIVE_INFINITY } = schema
    const first = prefixItems.map(item => this.make(item, depth))
    if (typeof items !== 'object') return first
    const least = Math.max(0, (schema.minItems ?? 0) - first.length)
    const most = Math.min(maxItems - first.length, least + MORE_ITEMS)
    const length = least + choose(Math.max(1, most - least + 1))
    return [...first, ...Array.from({ length }, () => this.make(items, depth))]
  }
}

/** What fits all of them, as far as it is their objects and bounds. */
function merged(parts: readonly JsonSchema[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {}
  for (const part of parts) {
    for (const [name, each] of Object.entries(part.properties ?? {})) {
      const other = properties[name]
      properties[name] = other === undefined ? each : { allOf: [other, each] }
    }
  }
  const required = parts.flatMap(part => part.required ?? [])
  const rest: JsonSchema = Object.assign({}, ...parts)
  return { ...rest, ...(Object.keys(properties).length > 0 && { properties, required }) }
}
