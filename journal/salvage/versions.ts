import { Level } from 'level'
import type { KeyRange } from '../keys.ts'
import type { Version } from './version.ts'

/*
 * Everything that was found, put in order by a store of its own, so that memory does not grow with it:
 *
 *   key   = key NUL rank:16        rank: falls as the sequence grows, so that the newest comes first
 *   value = 0 | 1 value | 2        deleted | whole | damaged
 */

const DELETED = 0
const WHOLE = 1
const DAMAGED = 2
const ROWS = 1_000
const NEWEST = Number.MAX_SAFE_INTEGER

/** The newest version of a key, and the newest one that is whole. */
export interface Row {
  readonly key: string
  readonly newest: Uint8Array | 'deleted' | 'damaged'
  readonly whole: Uint8Array | undefined
}

/** Versions of keys, put in any order and read in order of the keys. */
export class Versions {
  readonly #db: Level<string, Uint8Array>
  #rows: { type: 'put'; key: string; value: Uint8Array }[] = []

  private constructor(db: Level<string, Uint8Array>) {
    this.#db = db
  }

  static async open(path: string): Promise<Versions> {
    const db = new Level<string, Uint8Array>(path, { keyEncoding: 'utf8', valueEncoding: 'view' })
    await db.open()
    return new Versions(db)
  }

  async put({ key, sequence, value }: Version): Promise<void> {
    const rank = String(NEWEST - sequence).padStart(16, '0')
    this.#rows.push({ type: 'put', key: `${key}\0${rank}`, value: packed(value) })
    if (this.#rows.length >= ROWS) await this.write()
  }

  async write(): Promise<void> {
    const rows = this.#rows
    this.#rows = []
    await this.#db.batch(rows)
  }

  async *scan({ gte, lt }: KeyRange): AsyncGenerator<Row> {
    let row: Row | undefined
    for await (const [place, bytes] of this.#db.iterator({
      gte,
      lt,
      highWaterMarkBytes: 1 << 20,
    })) {
      const key = place.slice(0, place.indexOf('\0'))
      const value = unpacked(bytes)
      if (row?.key !== key) {
        if (row !== undefined) yield row
        row = { key, newest: value, whole: typeof value === 'string' ? undefined : value }
      } else if (row.whole === undefined && typeof value !== 'string')
        row = { ...row, whole: value }
    }
    if (row !== undefined) yield row
  }

  close(): Promise<void> {
    return this.#db.close()
  }
}

function packed(value: Version['value']): Uint8Array {
  if (value === 'deleted') return Uint8Array.of(DELETED)
  if (value === 'damaged') return Uint8Array.of(DAMAGED)
  return Buffer.concat([Uint8Array.of(WHOLE), value])
}

function unpacked(bytes: Uint8Array): Row['newest'] {
  if (bytes[0] === DELETED) return 'deleted'
  return bytes[0] === WHOLE ? bytes.subarray(1) : 'damaged'
}
