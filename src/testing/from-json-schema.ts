import type { Choices } from './choices.ts'

/** As much of JSON Schema as zod makes. */
export interface JsonSchema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
  readonly default?: unknown
}

/** A value that fits the schema; where 0 is chosen, the plainest. Throws if it has no idea. */
export function fromJsonSchema(schema: JsonSchema, choices: Choices, stream: string): unknown {
  const choose = (n: number): number => choices.choose(stream, n)
  if ('const' in schema) return schema.const
  if (schema.enum !== undefined) return schema.enum[choose(schema.enum.length)]
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) {
    const chosen = alternatives[choose(alternatives.length)]
    return fromJsonSchema(chosen ?? {}, choices, stream)
  }
  if (schema.allOf !== undefined) return merged(schema.allOf, choices, stream)
  switch (schema.type) {
    case 'object':
      return objectOf(schema, choices, stream)
    case 'array':
      return arrayOf(schema, choices, stream)
    case 'string':
      return textOf(schema, choose)
    case 'number':
    case 'integer':
      return numberOf(schema, choose)
    case 'boolean':
      return choose(2) === 1
    case 'null':
      return null
    case undefined:
      return null
    default:
      throw new Error(`nothing is known of the type ${schema.type}`)
  }
}

function merged(schemas: readonly JsonSchema[], choices: Choices, stream: string): unknown {
  const parts = schemas.map(schema => fromJsonSchema(schema, choices, stream))
  return Object.assign({}, ...parts)
}

function objectOf(schema: JsonSchema, choices: Choices, stream: string): unknown {
  const { properties = {}, required = [] } = schema
  const entries: [string, unknown][] = []
  for (const [name, property] of Object.entries(properties)) {
    const isLeftOut = !required.includes(name) && choices.choose(stream, 2) === 0
    if (!isLeftOut) entries.push([name, fromJsonSchema(property, choices, stream)])
  }
  return Object.fromEntries(entries)
}

function arrayOf(schema: JsonSchema, choices: Choices, stream: string): unknown {
  const { minItems = 0, prefixItems = [], items } = schema
  const first = prefixItems.map(item => fromJsonSchema(item, choices, stream))
  if (items === undefined) return first
  const most = Math.min(schema.maxItems ?? Infinity, minItems + MORE_ITEMS)
  const length = minItems + choices.choose(stream, most - minItems + 1)
  const rest = Array.from({ length }, () => fromJsonSchema(items, choices, stream))
  return [...first, ...rest]
}

const MORE_ITEMS = 3
const MORE_LETTERS = 8
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

function textOf(schema: JsonSchema, choose: (n: number) => number): string {
  const { format, pattern, minLength = 0 } = schema
  const example = format === undefined ? undefined : FORMATS[format]
  if (example !== undefined) return example(choose(LETTERS.length))
  if (format !== undefined || pattern !== undefined) {
    throw new Error(`texts of ${format ?? `the pattern ${pattern}`} are hard to make up`)
  }
  const least = Math.max(minLength, Math.min(1, schema.maxLength ?? 1))
  const most = Math.min(schema.maxLength ?? Infinity, least + MORE_LETTERS)
  let text = ''
  const length = least + choose(most - least + 1)
  while (text.length < length) text += LETTERS.charAt(choose(LETTERS.length))
  return text
}

const FORMATS: { readonly [format: string]: (n: number) => string } = {
  email: n => `${LETTERS.charAt(n)}@example.com`,
  uri: n => `https://example.com/${LETTERS.charAt(n)}`,
  uuid: n => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  'date-time': n => `2026-01-${String(n + 1).padStart(2, '0')}T00:00:00Z`,
  date: n => `2026-01-${String(n + 1).padStart(2, '0')}`,
}

function numberOf(schema: JsonSchema, choose: (n: number) => number): number {
  const step = schema.multipleOf ?? 1
  const least = schema.minimum ?? (schema.exclusiveMinimum ?? -Infinity) + step
  const most = schema.maximum ?? (schema.exclusiveMaximum ?? Infinity) - step
  const isFree = !Number.isFinite(least) || least < 0
  // From 0 on, if that is allowed: nobody writes tests with the least of all integers.
  const from = isFree ? Math.min(0, most) : Math.ceil(least / step) * step
  const count = Math.floor((Math.min(most, from + MOST_NUMBERS * step) - from) / step) + 1
  return from + step * choose(Math.max(1, count))
}

const MOST_NUMBERS = 1_000
