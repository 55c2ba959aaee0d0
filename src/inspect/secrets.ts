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

const DEEPEST = 64

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
    if (typeof value !== 'object' || value === null || path.length > DEEPEST) return value
    if (Array.isArray(value)) return value.map(item => this.#mask(item, path))
    const masked: { [key: string]: unknown } = Object.create(null)
    for (const [key, item] of Object.entries(value)) {
      const inside = [...path, plainKey(key)]
      const hides = this.#paths.some(secret => endsWith(inside, secret))
      masked[key] =
        hides && item !== null && item !== undefined ? REDACTED : this.#mask(item, inside)
    }
    return { ...masked }
  }
}

/** Nothing is masked. */
export const noSecrets: Pick<Secrets, 'mask'> = { mask: value => value }

const plainKey = (key: string): string => key.toLowerCase().replace(/[-_]/g, '')

const endsWith = (path: readonly string[], end: readonly string[]): boolean =>
  end.length <= path.length && end.every((key, at) => path[path.length - end.length + at] === key)
