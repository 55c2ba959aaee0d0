/** A string is a key of a plain object, a number an index of an array or such a key; a Map may have either. */
export type Path = readonly (string | number)[]

/**
 * What stands at the path; undefined if there is nothing. It is what a condition sees there:
 * own properties, and nothing inside a value of a class of its own. Events have no accessors.
 */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const part of path) value = below(value, part)
  return value
}

function below(value: unknown, part: string | number): unknown {
  if (value instanceof Map) return value.get(part)
  if (Array.isArray(value)) {
    return typeof part === 'number' && Object.hasOwn(value, part) ? value[part] : undefined
  }
  return isPlain(value) && Object.hasOwn(value, part) ? value[part] : undefined
}

function isPlain(value: unknown): value is Record<string | number, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
