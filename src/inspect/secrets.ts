/** What stands in the place of a secret. */
export const REDACTED = '‹redacted›'

/** Keys that are secrets everywhere, whatever the application says. Compared without case, "-", "_". */
const ALWAYS = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'clientsecret',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'apikey',
  'authorization',
  'cookie',
  'setcookie',
  'privatekey',
  'credentials',
  'cardnumber',
  'cvc',
  'cvv',
  'ssn',
]

/**
 * Masks secrets in values of users before they are shown. A path of keys, such as `card` or
 * `user.email`, names all properties that it ends at, wherever they are.
 */
export class Secrets {
  readonly #paths: readonly (readonly string[])[]

  /** Beside those that are secrets everywhere. */
  constructor(paths: readonly string[] = []) {
    this.#paths = [...ALWAYS, ...paths].map(path => path.split('.').map(plainKey))
  }

  /** A copy of a value of JSON in which secrets are masked; what has none is as it was. */
  mask(value: unknown): unknown {
    return this.#mask(value, [])
  }

  #mask(value: unknown, path: readonly string[]): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(item => this.#mask(item, path))
    const body = tagged(value)
    if (body !== undefined) return { $: this.#pairs(body, path) }
    const masked: { [key: string]: unknown } = Object.create(null)
    for (const [key, item] of Object.entries(value)) masked[key] = this.#under(key, item, path)
    return { ...masked }
  }

  /** What a tag is made of: keys and values in turns, behind its name and what belongs to that. */
  #pairs(body: readonly unknown[], path: readonly string[]): readonly unknown[] {
    const first = PAIRS_FROM[String(body[0])] ?? body.length
    return body.map((item, at) => {
      const key = body[at - 1]
      const isValue = at > first && (at - first) % 2 === 1
      const isNamed = isValue && typeof key === 'string'
      return isNamed ? this.#under(key, item, path) : this.#mask(item, path)
    })
  }

  #under(key: string, item: unknown, path: readonly string[]): unknown {
    const inside = [...path, plainKey(key)]
    const hides = this.#paths.some(secret => endsWith(inside, secret))
    return hides && item !== null && item !== undefined ? REDACTED : this.#mask(item, inside)
  }
}

/** Tags of `toTaggedJson` that hold keys with values, and where those begin. */
const PAIRS_FROM: { readonly [kind: string]: number | undefined } = {
  ...{ map: 1, null: 1, object: 1, error: 3 },
}

function tagged(value: object): readonly unknown[] | undefined {
  const [key, ...more] = Object.keys(value)
  const body: unknown = key === '$' && more.length === 0 ? Reflect.get(value, '$') : undefined
  return Array.isArray(body) ? body : undefined
}

/** Nothing is masked. */
export const noSecrets: Pick<Secrets, 'mask'> = { mask: value => value }

const plainKey = (key: string): string => key.toLowerCase().replace(/[-_]/g, '')

const endsWith = (path: readonly string[], end: readonly string[]): boolean =>
  end.length <= path.length && end.every((key, at) => path[path.length - end.length + at] === key)
