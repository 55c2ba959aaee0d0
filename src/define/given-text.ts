const LONGEST = 40

/** What was given, for the message that refuses it: short, and never failing. */
export function givenText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value)
    case 'bigint':
      return `${value}n`
    case 'symbol':
      return 'a symbol'
    case 'function':
      return 'a function'
    case 'object':
      return objectText(value)
    default:
      return Object.is(value, -0) ? '-0' : String(value)
  }
}

/** The fault in what an option was given: that it is missing, or is not what is wanted. */
export const misfit = (value: unknown, fault: string): string =>
  value === undefined ? 'it is missing.' : `${givenText(value)} ${fault}`

// Whatever is asked of an object may fail, or take long: it might be a proxy.
function objectText(value: object | null): string {
  if (value === null) return 'null'
  try {
    if (Array.isArray(value)) return value.length === 0 ? '[]' : 'an array'
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date'
    return Object.keys(value).length === 0 ? '{}' : 'an object'
  } catch {
    return 'an object'
  }
}
