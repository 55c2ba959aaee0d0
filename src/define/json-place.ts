import { INSIDE, type JsonSchemas } from './schema-json.ts'
import { ANY, type Held, type SchemaPlace, segmentOf } from './schema-place.ts'

/** Keywords whose value is a schema, several of them, or several by name, of the same place. */
const HERE = [
  ...['allOf', 'anyOf', 'oneOf', 'then', 'else', 'items', 'prefixItems', 'contains'],
  ...['unevaluatedItems', 'propertyNames'],
]

type Schema = { readonly [keyword: string]: unknown }

/** A place in data, as JSON Schema tells of it. */
export class JsonPlace implements SchemaPlace {
  readonly part: object
  readonly #schema: Schema
  readonly #root: unknown
  readonly #inside: JsonSchemas['inside']

  constructor(schema: unknown, root: unknown, inside: JsonSchemas['inside']) {
    this.part = Object(schema)
    this.#schema = this.part as Schema
    this.#root = root
    this.#inside = inside
  }

  get isSecret(): boolean {
    const { secret, writeOnly, format } = this.#schema
    return secret === true || writeOnly === true || format === 'password'
  }

  here(): readonly SchemaPlace[] {
    const { $ref, dependentSchemas } = this.#schema
    const others = this.#inside[Number(this.#schema[INSIDE])] ?? []
    return [
      ...HERE.flatMap(keyword => listOf(this.#schema[keyword])).map(each => this.#at(each)),
      ...Object.values(Object(dependentSchemas)).map(each => this.#at(each)),
      ...others.map(document => new JsonPlace(document, document, this.#inside)),
      ...(typeof $ref === 'string' ? [this.#at(this.#target($ref))] : []),
    ]
  }

  inside(): readonly Held[] {
    const { properties, additionalProperties, unevaluatedProperties, patternProperties } =
      this.#schema
    const any = [
      additionalProperties,
      unevaluatedProperties,
      ...Object.values(Object(patternProperties)),
    ]
    return [
      ...Object.entries(Object(properties)).map(
        ([key, each]) => [segmentOf(key), this.#at(each)] as const,
      ),
      ...any.filter(isSchema).map(each => [ANY, this.#at(each)] as const),
    ]
  }

  #at(schema: unknown): SchemaPlace {
    return new JsonPlace(schema, this.#root, this.#inside)
  }

  /** Throws a TypeError for what is not there: it could be a secret. */
  #target(ref: string): unknown {
    if (!ref.startsWith('#')) throw new TypeError(`${ref} is elsewhere.`)
    const keys = ref.slice(1).split('/').slice(1).map(pointed)
    const target = keys.reduce<unknown>((node, key) => Object(node)[key], this.#root)
    if (!isSchema(target) && typeof target !== 'boolean') throw new TypeError(`${ref} is nowhere.`)
    return target
  }
}

const isSchema = (value: unknown): value is object => typeof value === 'object' && value !== null

const listOf = (value: unknown): readonly unknown[] =>
  (Array.isArray(value) ? value : [value]).filter(isSchema)

const pointed = (key: string): string =>
  decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')
