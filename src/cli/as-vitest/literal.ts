import { types } from 'node:util'
import { toTaggedJson } from '../../../journal/codec/json.ts'
import { array, behind, call, object, type Source } from './layout.ts'

/** In place of a value that is not to be shown, where any of its kind is expected. */
export class AnyOf {
  readonly kind: string

  constructor(kind: string) {
    this.kind = kind
  }
}

/**
 * Writes values as JavaScript that evaluates to the same value, but for the stacks of errors. What
 * no literal can say (cycles, things that occur twice, odd arrays) is read from tagged JSON.
 */
export class Literals {
  /** What has to be imported from where. */
  readonly imports = new Map<string, string>()

  write(value: unknown): Source {
    const walk = new Walk()
    const source = walk.write(value)
    if (!walk.isSayable) {
      if (walk.isPattern) return 'expect.anything()'
      this.imports.set('fromTaggedJson', 'perdure/journal')
      return call('fromTaggedJson', new Walk().write(toTaggedJson(value)))
    }
    for (const name of walk.ours) this.imports.set(name, 'perdure')
    return source
  }
}

const OURS = new Set(['NonRetriableError', 'RetryAfterError'])
const SCOPES = new Set<unknown>(['step', 'key', 'workflow', 'engine'])
const BUILT_IN = [
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
  'AggregateError',
]

class Walk {
  readonly ours = new Set<string>()
  readonly #seen = new Set<object>()
  /** Whether literals can say all of it. */
  isSayable = true
  /** Whether there is something in it that values are only compared with. */
  isPattern = false

  write(value: unknown): Source {
    switch (typeof value) {
      case 'string':
        return text(value)
      case 'number':
        return numberText(value)
      case 'bigint':
        return `${value}n`
      case 'object':
        return value === null ? 'null' : this.#object(value)
      default:
        return String(value)
    }
  }

  #object(value: object): Source {
    if (value instanceof AnyOf) {
      this.isPattern = true
      return `expect.any(${value.kind})`
    }
    if (this.#seen.has(value)) return this.#unsayable()
    this.#seen.add(value)
    if (Array.isArray(value)) return this.#array(value)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype) return this.#plain(value)
    if (prototype === null) return call('Object.assign', 'Object.create(null)', this.#plain(value))
    if (types.isDate(value)) return call('new Date', dateText(value))
    if (types.isMap(value)) {
      const entries = [...value].map(([key, item]) => array([this.write(key), this.write(item)]))
      return call('new Map<unknown, unknown>', array(entries))
    }
    if (types.isSet(value)) {
      return call('new Set<unknown>', array([...value].map(item => this.write(item))))
    }
    if (types.isRegExp(value) && value.lastIndex === 0) {
      return call('new RegExp', text(value.source), text(value.flags))
    }
    if (value instanceof URL) return call('new URL', text(value.href))
    if (value instanceof Error) return this.#error(value)
    if (Buffer.isBuffer(value)) {
      return call('Buffer.from', text(value.toString('base64')), text('base64'))
    }
    if (types.isUint8Array(value)) {
      return call('new Uint8Array', array(Array.from(value, String)))
    }
    return this.#unsayable()
  }

  #array(value: readonly unknown[]): Source {
    if (Object.keys(value).length !== value.length) return this.#unsayable()
    return array(Array.from(value, item => this.write(item)))
  }

  #plain(value: object): Source {
    return object(
      Object.entries(value).map(([key, item]) => behind(`${keyText(key)}: `, this.write(item))),
    )
  }

  #error(error: Error): Source {
    const { name, message, cause } = error
    const fields = Object.entries(error)
    // Assigned, it would be the prototype.
    if (fields.some(([key]) => key === '__proto__')) return this.#unsayable()
    const base = BUILT_IN.find(each => each === classOf(error)) ?? 'Error'
    if (error instanceof DOMException) return call('new DOMException', text(message), text(name))
    const causes = cause === undefined ? [] : [behind('cause: ', this.write(cause))]
    const options = causes.length === 0 ? [] : [object(causes)]
    if (OURS.has(name)) {
      const given = this.#given(name, Object.fromEntries(fields), causes)
      if (given !== undefined) return call(`new ${name}`, text(message), ...given)
    }
    const made = this.#made(error, base, options)
    const named = name === base || fields.some(([key]) => key === 'name') ? [] : [['name', name]]
    const more = Object.fromEntries([...named, ...fields])
    return Object.keys(more).length === 0 ? made : call('Object.assign', made, this.#plain(more))
  }

  /** What a class of ours takes behind the message to make an error with just these fields. */
  #given(
    name: string,
    { name: _, retryAfter, scope, ...own }: Readonly<Record<string, unknown>>,
    causes: readonly Source[],
  ): Source[] | undefined {
    const isLater = name === 'RetryAfterError'
    const isMade = isLater
      ? retryAfter !== undefined && SCOPES.has(scope)
      : retryAfter === undefined && scope === undefined
    if (!isMade || Object.keys(own).length > 0) return undefined
    this.ours.add(name)
    const scopes = isLater && scope !== 'step' ? [behind('scope: ', this.write(scope))] : []
    const options = [...scopes, ...causes]
    return [
      ...(isLater ? [this.write(retryAfter)] : []),
      ...(options.length === 0 ? [] : [object(options)]),
    ]
  }

  #made(error: Error, base: string, options: readonly Source[]): Source {
    if (!(error instanceof AggregateError))
      return call(`new ${base}`, text(error.message), ...options)
    const errors = array(error.errors.map((each: unknown) => this.write(each)))
    return call('new AggregateError', errors, text(error.message), ...options)
  }

  #unsayable(): Source {
    this.isSayable = false
    return ''
  }
}

/** The built-in class that an error is made of. */
const classOf = (error: Error): string => Object.getPrototypeOf(error)?.constructor?.name ?? ''

function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0'
  if (Number.isNaN(value)) return 'Number.NaN'
  if (Number.isFinite(value)) return String(value).replace('e+', 'e')
  return value > 0 ? 'Number.POSITIVE_INFINITY' : 'Number.NEGATIVE_INFINITY'
}

const dateText = (date: Date): string =>
  Number.isNaN(date.getTime()) ? 'Number.NaN' : text(date.toISOString())

/** A text in quotes. What would not be seen, or would turn the line around, is escaped. */
export function text(value: string): string {
  const quote = count(value, "'") > count(value, '"') ? '"' : "'"
  const escaped = value
    .replace(/[\\\n\r\t]/g, char => ESCAPES[char] ?? char)
    .replaceAll(quote, `\\${quote}`)
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu, hex)
  return quote + escaped + quote
}

const count = (value: string, char: string): number => value.split(char).length - 1

const ESCAPES: { readonly [char: string]: string } = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

const hex = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

function keyText(key: string): string {
  // Written plainly it would be the prototype.
  if (key === '__proto__') return "['__proto__']"
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : text(key)
}
