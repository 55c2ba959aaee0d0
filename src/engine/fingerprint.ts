import { createHash } from 'node:crypto'

/**
 * A text that two values share if they say the same: 32 hex digits. The order of properties, of map
 * entries and of set members says nothing, nor does a property that is `undefined`, how often an
 * object is shared, where a RegExp looks next, or the stack of an error. Takes what the codec gives out.
 */
export const fingerprint = (value: unknown): string => new Prints().of(value)

type Words = readonly string[]

class Prints {
  /** Objects that are done, by their prints: a shared one is not gone through again. */
  readonly #done = new Map<object, string>()
  /** Objects that are under way, outermost first: one of them inside itself is a cycle. */
  readonly #open: object[] = []

  of(value: unknown): string {
    if (typeof value !== 'object' || value === null) return digest([typeof value, String(value)])
    const done = this.#done.get(value)
    if (done !== undefined) return done
    const cycle = this.#open.indexOf(value)
    if (cycle >= 0) return digest(['cycle', String(this.#open.length - cycle)])
    this.#open.push(value)
    const print = digest(this.#words(value))
    this.#open.pop()
    this.#done.set(value, print)
    return print
  }

  #words(value: object): Words {
    if (value instanceof Date) return ['date', String(value.getTime())]
    if (value instanceof RegExp) return ['regexp', value.source, value.flags]
    if (value instanceof URL) return ['url', value.href]
    if (value instanceof Map) {
      return ['map', ...[...value].map(([key, held]) => this.of(key) + this.of(held)).sort()]
    }
    if (value instanceof Set) return ['set', ...[...value].map(each => this.of(each)).sort()]
    if (value instanceof ArrayBuffer) return ['ArrayBuffer', hex(value)]
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteOffset, byteLength } = value
      return [value.constructor.name, hex(buffer, byteOffset, byteLength)]
    }
    if (value instanceof Error) {
      const { name, message, cause } = value
      const errors = value instanceof AggregateError ? value.errors : undefined
      return ['error', ...this.#fields({ ...value, name, message, cause, errors })]
    }
    if (Array.isArray(value)) return ['array', String(value.length), ...this.#fields(value, true)]
    return ['object', ...this.#fields(value)]
  }

  // The length of a list says which members there are: one that is `undefined` is there.
  #fields(value: object, isList = false): Words {
    return Object.entries(value)
      .filter(([, held]) => isList || held !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, held]) => [name, this.of(held)])
  }
}

const hex = (bytes: ArrayBufferLike, from = 0, length = bytes.byteLength): string =>
  Buffer.from(bytes, from, length).toString('hex')

const digest = (words: Words): string =>
  createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 32)
