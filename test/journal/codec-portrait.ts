import { types } from 'node:util'

/**
 * All that can be observed of a value, as text: stricter than a deep comparison. Prototypes, the
 * order and the flags of properties, hidden ones of errors, holes, identity, contents of URLs.
 */
export function portrait(value: unknown): string {
  return draw(value, new Map())
}

function draw(value: unknown, seen: Map<object, number>): string {
  if (typeof value === 'string')
    return `s${[...Array(value.length).keys()].map(at => value.charCodeAt(at)).join()}`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null)
    return Object.is(value, -0) ? '-0' : String(value)
  const known = seen.get(value)
  if (known !== undefined) return `#${known}`
  seen.set(value, seen.size)
  const inside = contents(value).map(item => draw(item, seen))
  return `${classOf(value)}(${inside.join(' ')}){${properties(value, seen).join(' ')}}`
}

function contents(value: object): unknown[] {
  if (types.isDate(value)) return [value.getTime()]
  if (types.isMap(value)) return [...value].flat(1)
  if (types.isSet(value)) return [...value]
  if (types.isRegExp(value)) return [value.source, value.flags]
  if (value instanceof URL) return [value.href]
  if (types.isArrayBuffer(value)) return [Buffer.from(value).toString('hex')]
  if (value instanceof DOMException) return [value.name, value.message, value.code]
  return []
}

function properties(value: object, seen: Map<object, number>): string[] {
  if (ArrayBuffer.isView(value)) {
    return [Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')]
  }
  const keys = Reflect.ownKeys(value)
  // The engine's own order of an error's hidden properties means nothing.
  if (value instanceof Error) {
    const hidden = keys.filter(key => !Object.getOwnPropertyDescriptor(value, key)?.enumerable)
    keys.splice(0, keys.length, ...hidden.sort(), ...keys.filter(key => !hidden.includes(key)))
  }
  return keys.map(key => {
    const own = Object.getOwnPropertyDescriptor(value, key)!
    // Newer engines show an error's stack through an accessor.
    const writable = own.writable ?? key === 'stack'
    const flags = [own.enumerable, writable, own.configurable].map(Number).join('')
    return `${draw(String(key), seen)}/${flags}=${draw(Reflect.get(value, key), seen)}`
  })
}

function classOf(value: object): string {
  const prototype = Object.getPrototypeOf(value)
  const native = types.isNativeError(value) ? 'native ' : ''
  return native + (prototype === null ? 'null' : prototype.constructor.name)
}
