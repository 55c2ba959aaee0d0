/** The answer for a value that is more than JSON data; only the tagged form can say it. */
export const NOT_PLAIN = Symbol('not plain')

/** Up to here a linear search for an object seen before is cheaper than a set. */
const FEW = 12

/**
 * Copies a value that is JSON data through and through, reading each property once: what is packed
 * is what was checked, even where the original has accessors or is a proxy.
 *
 * Anything else, a too deep or too large value included, gives `NOT_PLAIN`. Strings are not looked
 * at. `room` is a bound on the bytes, to stop early; the packed size is checked exactly elsewhere.
 */
export function copyPlain(value: object, room: number, depth: number): object | typeof NOT_PLAIN {
  return copyObject(value, { room, few: [], many: undefined }, depth)
}

interface Walk {
  room: number
  few: object[]
  many: Set<object> | undefined
}

function copyObject(value: object, walk: Walk, depth: number): object | typeof NOT_PLAIN {
  if (depth === 0 || isAgain(value, walk)) return NOT_PLAIN
  if (Array.isArray(value)) return copyArray(value, walk, depth)
  if (Object.getPrototypeOf(value) !== Object.prototype) return NOT_PLAIN
  if (Object.getOwnPropertySymbols(value).length > 0) return NOT_PLAIN
  const copy: Record<string, unknown> = { ...value }
  // Faster than Object.keys; a key that some polluted prototype adds is not copied.
  for (const key in copy) {
    walk.room -= key.length
    const leaf = copy[key]
    if (typeof leaf === 'string') walk.room -= leaf.length
    else if (typeof leaf !== 'boolean') {
      const item = copyItem(leaf, walk, depth)
      if (item === NOT_PLAIN) return NOT_PLAIN
      if (item !== leaf && Object.hasOwn(copy, key)) copy[key] = item
    }
    if (key === '__proto__' || walk.room < 0) return NOT_PLAIN
  }
  return copy
}

function copyArray(
  value: readonly unknown[],
  walk: Walk,
  depth: number,
): unknown[] | typeof NOT_PLAIN {
  const length = value.length
  walk.room -= length
  if (walk.room < 0 || Object.getPrototypeOf(value) !== Array.prototype) return NOT_PLAIN
  const copy: unknown[] = []
  for (let index = 0; index < length; index++) {
    const item = copyItem(value[index], walk, depth)
    if (item === NOT_PLAIN) return NOT_PLAIN
    copy.push(item)
  }
  // A hole reads as undefined, so every index is there: one key more is a name.
  if (Object.keys(value).length !== length) return NOT_PLAIN
  return Object.getOwnPropertySymbols(value).length > 0 ? NOT_PLAIN : copy
}

function copyItem(item: unknown, walk: Walk, depth: number): unknown {
  switch (typeof item) {
    case 'string':
      walk.room -= item.length
      return item
    case 'boolean':
      return item
    case 'number':
      return copyNumber(item)
    case 'object':
      return item === null ? null : copyObject(item, walk, depth - 1)
    default:
      return NOT_PLAIN
  }
}

/** One NaN for all of them: their spare bits are no part of the value. */
export function copyNumber(number: number): number | typeof NOT_PLAIN {
  if (Number.isNaN(number)) return Number.NaN
  return Object.is(number, -0) ? NOT_PLAIN : number
}

function isAgain(value: object, walk: Walk): boolean {
  if (walk.many !== undefined) return walk.many.size === walk.many.add(value).size
  if (walk.few.includes(value)) return true
  walk.few.push(value)
  if (walk.few.length > FEW) walk.many = new Set(walk.few)
  return false
}
