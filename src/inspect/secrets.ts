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

/*
 * path    = segment ("." segment)*
 * segment = a key: "*" in it is any text, and alone any key; "\" stands before ".", "*" and "\" that are meant
 *
 * What a path begins with as "@" and a name is the data of the events, or of the runs of the workflow, of
 * that name. "@app/paid.card" names `card` wherever it is, too; "@app/paid" and "@app/paid.*" only that.
 */

/**
 * Masks secrets in values of users before they are shown. A path of keys, such as `card` or
 * `user.email`, names all properties that it ends at, wherever they are.
 */
export class Secrets {
  readonly #byEnd: ReadonlyMap<string | undefined, readonly (readonly Segment[])[]>
  readonly #data: readonly (readonly Segment[])[]

  /** Beside those that are secrets everywhere. */
  constructor(paths: readonly string[] = []) {
    const all = [...ALWAYS, ...paths].map(segmentsOf)
    const ofData = all.filter(([first]) => first?.isData === true)
    this.#data = ofData
    const ends = new Map<string | undefined, (readonly Segment[])[]>()
    for (const path of [...all, ...ofData.map(anywhere).filter(path => path.length > 0)]) {
      const end = path.at(-1)?.key
      ends.set(end, [...(ends.get(end) ?? []), path])
    }
    this.#byEnd = ends
  }

  /**
   * A copy of a value of JSON in which secrets are masked; what has none is as it was. `of` are names
   * of the events and the workflow whose data it is; `*` for that of any.
   */
  mask(value: unknown, of: readonly string[] = []): unknown {
    const own = this.#dataOf(of)
    if (own.some(path => path.length === 0) && value !== null && value !== undefined)
      return REDACTED
    return this.#mask(value, [], own)
  }

  /** The paths in data of these names, from its root. */
  #dataOf(names: readonly string[]): readonly (readonly Segment[])[] {
    if (names.length === 0 || this.#data.length === 0) return []
    const keys = names.map(name => plainKey(`@${name}`))
    const isAny = names.includes('*')
    return this.#data
      .filter(([first]) => isAny || keys.some(key => first?.fits(key) === true))
      .map(([, ...path]) => path)
  }

  #mask(value: unknown, path: readonly string[], own: Own): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(item => this.#mask(item, path, own))
    const body = tagged(value)
    if (body !== undefined) return { $: this.#pairs(body, path, own) }
    const masked: { [key: string]: unknown } = Object.create(null)
    for (const [key, item] of Object.entries(value)) masked[key] = this.#under(key, item, path, own)
    return { ...masked }
  }

  /** What a tag is made of: keys and values in turns, behind its name and what belongs to that. */
  #pairs(body: readonly unknown[], path: readonly string[], own: Own): readonly unknown[] {
    const first = PAIRS_FROM[String(body[0])] ?? body.length
    return body.map((item, at) => {
      const key = body[at - 1]
      const isValue = at > first && (at - first) % 2 === 1
      // A key of a map may be anything, and is a key all the same.
      return isValue
        ? this.#under(typeof key === 'string' ? key : '', item, path, own)
        : this.#mask(item, path, own)
    })
  }

  #under(key: string, item: unknown, path: readonly string[], own: Own): unknown {
    const inside = [...path, plainKey(key)]
    if (item === null || item === undefined) return item
    return this.#hides(inside, own) ? REDACTED : this.#mask(item, inside, own)
  }

  #hides(path: readonly string[], own: Own): boolean {
    const ends = (secret: readonly Segment[]): boolean => endsWith(path, secret)
    return (
      this.#byEnd.get(path.at(-1))?.some(ends) === true ||
      this.#byEnd.get(undefined)?.some(ends) === true ||
      own.some(secret => secret.length === path.length && ends(secret))
    )
  }
}

type Own = readonly (readonly Segment[])[]

interface Segment {
  /** Absent: it fits several. */
  readonly key: string | undefined
  readonly isAny: boolean
  readonly isData: boolean
  fits(key: string): boolean
}

const segmentsOf = (path: string): readonly Segment[] =>
  path.match(/(?:\\.|[^.\\]|\\$)+/gs)?.map(segmentOf) ?? []

function segmentOf(text: string): Segment {
  const parts: readonly string[] = text.match(/\\.|[^*\\]+|\*|\\$/gs) ?? []
  const isGlob = parts.includes('*')
  const plain = (part: string): string => plainKey(part.replace(/^\\(?=.)/s, ''))
  const facts: Omit<Segment, 'key' | 'fits'> = { isAny: text === '*', isData: text.startsWith('@') }
  if (!isGlob) {
    const key = parts.map(plain).join('')
    return { ...facts, key, fits: other => other === key }
  }
  const source = parts.map(part => (part === '*' ? '.*' : literalIn(plain(part)))).join('')
  const pattern = new RegExp(`^${source}$`, 's')
  return { ...facts, key: undefined, fits: other => facts.isAny || pattern.test(other) }
}

const literalIn = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** Where a path in data holds everywhere: from the first key that it names. */
function anywhere([, ...path]: readonly Segment[]): readonly Segment[] {
  const named = path.findIndex(({ isAny }) => !isAny)
  return named === -1 ? [] : path.slice(named)
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

const endsWith = (path: readonly string[], end: readonly Segment[]): boolean =>
  end.length <= path.length &&
  end.every((segment, at) => segment.fits(path[path.length - end.length + at] ?? ''))
