import { ANY, type Held, type SchemaPlace, segmentOf } from './schema-place.ts'

/** Properties of a schema of Valibot whose value is one, or several, of the same place. */
const HERE = ['wrapped', 'options', 'pipe', 'item', 'items']

type Part = { readonly [property: string]: unknown }

/** A place in data, as a schema of Valibot tells of it, which does not speak JSON Schema. */
export class ValibotPlace implements SchemaPlace {
  readonly part: object
  readonly #schema: Part

  constructor(schema: object) {
    const { type, getter }: Part = { ...schema }
    // A lazy one is known by what makes it.
    const isLazy = type === 'lazy' && typeof getter === 'function'
    this.part = isLazy ? getter : schema
    this.#schema = schema as Part
  }

  get isSecret(): boolean {
    const { metadata } = this.#schema
    const { secret, writeOnly, format }: Part = Object(metadata)
    return secret === true || writeOnly === true || format === 'password'
  }

  here(): readonly SchemaPlace[] {
    const { type, getter, key, value, rest } = this.#schema
    const made: unknown = type === 'lazy' && typeof getter === 'function' ? getter(undefined) : []
    const held = [
      ...HERE.map(property => this.#schema[property]),
      ...[made, type === 'record' || type === 'map' ? key : [], type === 'set' ? value : []],
      isOfKeys(this.#schema) ? [] : rest,
    ]
    return held.flatMap(placesOf)
  }

  inside(): readonly Held[] {
    const { type, entries, rest, value } = this.#schema
    const ofAny = [
      ...(type === 'record' || type === 'map' ? placesOf(value) : []),
      ...(isOfKeys(this.#schema) ? placesOf(rest) : []),
    ]
    return [
      ...Object.entries(Object(entries)).flatMap(([key, each]) =>
        placesOf(each).map(place => [segmentOf(key), place] as const),
      ),
      ...ofAny.map(place => [ANY, place] as const),
    ]
  }
}

const isOfKeys = ({ entries }: Part): boolean => typeof entries === 'object' && entries !== null

const placesOf = (value: unknown): readonly SchemaPlace[] =>
  (Array.isArray(value) ? value : [value])
    .filter(each => typeof each === 'object' && each !== null)
    .map(each => new ValibotPlace(each))
