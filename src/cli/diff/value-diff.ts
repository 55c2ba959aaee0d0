/** A place in which two values of JSON differ. Absent on the side that has nothing there. */
export interface ValueChange {
  readonly path: string
  readonly a?: unknown
  readonly b?: unknown
}

/** What is compared, and what may be shown of it. */
export interface Masked {
  readonly value: unknown
  readonly shown: unknown
}

const MOST = 100
const ABSENT = Symbol('absent')

/** Where two values differ, as deep as possible; secrets are compared, and not shown. At most 100. */
export function valueDiff(a: Masked, b: Masked): readonly ValueChange[] {
  const changes: ValueChange[] = []
  compare(a, b, '$', changes)
  return changes
}

function compare(a: Masked, b: Masked, path: string, changes: ValueChange[]): void {
  if (changes.length >= MOST || sameJson(a.value, b.value)) return
  const [inA, inB] = [fieldsOf(a), fieldsOf(b)]
  if (inA === undefined || inB === undefined || Array.isArray(a.value) !== Array.isArray(b.value)) {
    changes.push({ path, ...sideOf('a', a), ...sideOf('b', b) })
    return
  }
  for (const key of new Set([...Object.keys(inA), ...Object.keys(inB)])) {
    const inside = Array.isArray(a.value) ? `${path}[${key}]` : `${path}${keyText(key)}`
    compare(field(a, key), field(b, key), inside, changes)
  }
}

const sideOf = (side: 'a' | 'b', { value, shown }: Masked): object =>
  value === ABSENT || value === undefined ? {} : { [side]: shown }

/** The fields of what can be looked into; what is masked as a whole cannot. */
function fieldsOf({ value, shown }: Masked): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (typeof shown !== 'object' || shown === null) return undefined
  // A tag for what JSON does not have is one value.
  return Object.keys(value).length === 1 && Object.hasOwn(value, '$') ? undefined : value
}

function field({ value, shown }: Masked, key: string): Masked {
  const of = (from: unknown): unknown =>
    Object.hasOwn(Object(from), key) ? (Object(from) as { [key: string]: unknown })[key] : ABSENT
  return { value: of(value), shown: of(shown) }
}

const keyText = (key: string): string =>
  /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`

function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object') return false
  return JSON.stringify(a) === JSON.stringify(b)
}
