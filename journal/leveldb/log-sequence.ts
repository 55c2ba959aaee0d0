import { Cursor, Malformed, malformed } from './cursor.ts'

/*
 * Each record of a NNNNNN.log is one write batch:
 *
 *   batch     = sequence:u64 count:u32 operation*      little-endian
 *   operation = 1 key value | 0 key                    put | delete; each preceded by its length
 *
 * LevelDB numbers its operations densely, across logs too, and never looks at that again; a batch
 * it cannot read it leaves out, and goes on. Looking shows what checksums cannot: records cut off at
 * their border, repeated, or put from elsewhere, blocks missing inside a record, and a log that is
 * missing between two others.
 */

/** Follows the sequence numbers through the logs of one store, in the order they are replayed. */
export class LogSequence {
  #next: bigint | undefined
  readonly #firstAtMost: bigint

  /** `loggedAfter`: see Manifest. */
  constructor(loggedAfter: number) {
    this.#firstAtMost = BigInt(loggedAfter) + 1n
  }

  /** A record was seen: a torn tail may not be followed by another. */
  get begun(): boolean {
    return this.#next !== undefined
  }

  /** What is wrong with `record`, if anything. */
  follow(record: Uint8Array): string | undefined {
    if (record.length < HEADER_BYTES) return 'record too short for a write batch'
    const view = new DataView(record.buffer, record.byteOffset, HEADER_BYTES)
    const sequence = view.getBigUint64(0, true)
    const count = view.getUint32(8, true)
    const expected = this.#next
    this.#next = sequence + BigInt(count)
    if (operationsIn(record) !== count) return 'record holds no whole write batch'
    if (expected === undefined) {
      if (sequence <= this.#firstAtMost) return undefined
      return `records before it are missing: write ${sequence} follows ${this.#firstAtMost - 1n}`
    }
    if (sequence === expected) return undefined
    const fault = sequence > expected ? 'records before it are missing' : 'record out of place'
    return `${fault}: write ${sequence} where ${expected} is due`
  }
}

const HEADER_BYTES = 12

/** How many operations a batch holds; `undefined` when its lengths do not add up. */
function operationsIn(record: Uint8Array): number | undefined {
  let count = 0
  try {
    for (const cursor = new Cursor(record, HEADER_BYTES); !cursor.done; count++) {
      const kind = cursor.varint()
      if (kind > PUT) malformed('unknown operation')
      cursor.skip(cursor.varint())
      if (kind === PUT) cursor.skip(cursor.varint())
    }
    return count
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

const PUT = 1
