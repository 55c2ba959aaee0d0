/** Makes what a fact stands for of its JSON. Throws `Misshapen`. */
export type Read<Fact = unknown> = (json: unknown) => Fact

/** A fact that is not what it should be: `events[0].data: is missing`. */
export class Misshapen extends Error {
  readonly path: string
  readonly what: string

  constructor(what: string, path = '') {
    super(path === '' ? what : `${path}: ${what}`)
    this.path = path
    this.what = what
  }

  /** The same, seen from what it is in. */
  in(outer: string): Misshapen {
    const inner = this.path === '' || this.path.startsWith('[') ? this.path : `.${this.path}`
    return new Misshapen(this.what, outer + inner)
  }
}

/** The facts of an object by name, in the order in which they are written. */
export interface Shape {
  readonly [name: string]: Read | Optional
}

interface Optional {
  readonly optional: Read
}

export const optional = (read: Read): Optional => ({ optional: read })

/** An object with these facts and no others. */
export function object<Fact extends object>(shape: Shape): Read<Fact> {
  const fields = Object.entries(shape).map(
    ([name, read]) => [name, typeof read === 'function' ? read : read.optional] as const,
  )
  const required = new Set(Object.keys(shape).filter(name => typeof shape[name] === 'function'))
  return json => {
    if (!isObject(json)) throw new Misshapen('is no object')
    const facts: Record<string, unknown> = {}
    let seen = 0
    for (const [name, read] of fields) {
      const fact = json[name]
      if (fact === undefined) {
        if (required.has(name)) throw new Misshapen('is missing', name)
        continue
      }
      seen++
      facts[name] = at(name, read, fact)
    }
    if (Object.keys(json).length === seen) return facts as Fact
    const [stray = ''] = Object.keys(json).filter(name => !Object.hasOwn(shape, name))
    throw new Misshapen('has no business here', stray)
  }
}

export const listOf =
  <Item>(read: Read<Item>): Read<readonly Item[]> =>
  json => {
    if (!Array.isArray(json)) throw new Misshapen('is no array')
    return json.map((item, index) => at(`[${index}]`, read, item))
  }

export const oneOf =
  <Name extends string>(...names: readonly Name[]): Read<Name> =>
  json => {
    const name = names.find(each => each === json)
    if (name === undefined) throw new Misshapen(`is none of ${names.join(', ')}`)
    return name
  }

export function text(json: unknown): string {
  if (typeof json !== 'string') throw new Misshapen('is no text')
  return json
}

/** A whole number from 0 on. */
export function int(json: unknown): number {
  if (typeof json === 'number' && Number.isSafeInteger(json) && json >= 0) return json
  throw new Misshapen('is no whole number from 0 on')
}

/** Milliseconds. */
export function ms(json: unknown): number {
  if (typeof json === 'number' && Number.isFinite(json)) return json
  throw new Misshapen('is no number')
}

/** When something was: no clock has ever shown what a key cannot hold. */
export function instant(json: unknown): number {
  const at = ms(json)
  if (at >= 0 && at <= Number.MAX_SAFE_INTEGER) return at
  throw new Misshapen('is no time')
}

/** A number that is counted on from. */
export const below =
  (end: number): Read<number> =>
  json => {
    const n = int(json)
    if (n < end) return n
    throw new Misshapen(`is not below ${end}`)
  }

export function bool(json: unknown): boolean {
  if (typeof json === 'boolean') return json
  throw new Misshapen('is neither true nor false')
}

/** It is there, and true, or it is not there. */
export function yes(json: unknown): true {
  if (json === true) return json
  throw new Misshapen('is not true')
}

/** A text of this form. */
export const matching =
  (form: RegExp, what: string): Read<string> =>
  json => {
    if (typeof json === 'string' && form.test(json)) return json
    throw new Misshapen(what)
  }

export const runId = matching(/^[\w.:@/-]{1,128}$/, 'is no id of a run')

export const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

function at<Fact>(place: string, read: Read<Fact>, json: unknown): Fact {
  try {
    return read(json)
  } catch (error) {
    throw error instanceof Misshapen ? error.in(place) : error
  }
}
