import type { KeyRange } from '../../journal/keys.ts'
import type { ScanOptions, Store } from '../../journal/store.ts'

export const EVERYTHING: KeyRange = { gte: '', lt: '\u{10ffff}' }

/** One batch: a value of null deletes. */
export async function write(
  store: Store,
  rows: Iterable<readonly [string, Uint8Array | string | null]>,
): Promise<void> {
  const batch = store.batch()
  for (const [key, value] of rows) {
    if (value === null) batch.del(key)
    else batch.put(key, typeof value === 'string' ? Buffer.from(value) : value)
  }
  await batch.write()
}

export async function read(
  store: Store,
  range: KeyRange = EVERYTHING,
  options?: ScanOptions,
): Promise<[string, string][]> {
  const rows: [string, string][] = []
  for await (const chunk of store.scan(range, options)) {
    for (const [key, value] of chunk) rows.push([key, textOf(value)])
  }
  return rows
}

export const keysOf = async (...args: Parameters<typeof read>): Promise<string[]> =>
  (await read(...args)).map(([key]) => key)

export const textOf = (value: Uint8Array): string =>
  Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')

export const byBytes = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b))

// Ordered by UTF-16 units, as JavaScript does, the last two of the planes would change places.
export const KEYS = [
  '',
  ' ',
  '!',
  '"',
  '0',
  'A',
  'a',
  'a!',
  'a!b',
  'a"',
  'é',
  'ﬀ',
  '\u{ffff}',
  '\u{1f600}',
]

export const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => String(at).padStart(6, '0'))
