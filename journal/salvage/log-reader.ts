import { ownKey } from '../envelope.ts'
import { Cursor, Malformed } from '../leveldb/cursor.ts'
import {
  BLOCK_BYTES,
  checksumFits,
  FIRST,
  FULL,
  fragmentDamage,
  fragmentEnd,
  HEADER_BYTES,
  LAST,
} from '../leveldb/log-format.ts'
import type { FileReader, Loss, Version } from './version.ts'
import { versionOf } from './version-of.ts'

/*
 * A log is read as leveldb/log-scan.ts says, but on behind damage: what a batch holds that is not whole
 * is found by looking at every byte for `1 key value` whose value is sealed under that key.
 */

/** A batch, or what there is of it. */
interface Batch {
  readonly parts: Uint8Array[]
  readonly offset: number
  isWhole: boolean
}

/** All that a log says. What a crash left unfinished at its end is no loss. */
export const logVersions: FileReader = function* (file, bytes, lose) {
  let open: Batch | undefined
  const lost = (offset: number, why: string): void => lose({ file, offset, why })
  for (const { type, payload, offset, why } of fragmentsOf(bytes)) {
    if (why !== undefined) lost(offset, why)
    const begins = type === FULL || type === FIRST
    if (begins && open !== undefined) {
      lost(open.offset, 'missing fragment')
      yield* carved(open)
      open = undefined
    }
    if (!begins && open === undefined) lost(offset, 'missing fragment')
    open ??= { parts: [], offset, isWhole: begins }
    open.parts.push(payload)
    if (why !== undefined) open.isWhole = false
    if (type !== FULL && type !== LAST) continue
    yield* open.isWhole ? operations(open, lose, file) : carved(open)
    open = undefined
  }
  if (open !== undefined) yield* carved(open)
}

interface Fragment {
  readonly type: number
  readonly payload: Uint8Array
  readonly offset: number
  readonly why?: string
}

function* fragmentsOf(bytes: Uint8Array): Generator<Fragment> {
  for (let base = 0; base < bytes.length; base += BLOCK_BYTES) {
    const block = bytes.subarray(base, base + BLOCK_BYTES)
    for (let at = 0; at + HEADER_BYTES <= block.length; ) {
      const end = fragmentEnd(block, at)
      const type = block[at + 6] ?? 0
      const isInside = end <= block.length
      const why = isInside ? fragmentDamage(block, at, end) : 'bad length'
      if (why === undefined) {
        yield { type, payload: block.subarray(at + HEADER_BYTES, end), offset: base + at }
        at = end
        continue
      }
      // Where its length lies, the next one is found by its checksum.
      const next = nextFragment(block, at + 1)
      const payload = block.subarray(at + HEADER_BYTES, next)
      if (payload.some(byte => byte !== 0)) yield { type, payload, offset: base + at, why }
      at = next
    }
  }
}

function nextFragment(block: Uint8Array, from: number): number {
  for (let at = from; at + HEADER_BYTES <= block.length; at++) {
    const type = block[at + 6] ?? 0
    if (type < FULL || type > LAST) continue
    const end = fragmentEnd(block, at)
    if (end <= block.length && checksumFits(block, at, end)) return at
  }
  return block.length
}

const BATCH_HEADER_BYTES = 12
const PUT = 1

function* operations(
  { parts, offset }: Batch,
  lose: (loss: Loss) => void,
  file: string,
): Generator<Version> {
  const batch = Buffer.concat(parts)
  try {
    const cursor = new Cursor(batch, BATCH_HEADER_BYTES)
    let sequence = Number(batch.readBigUInt64LE(0))
    for (; !cursor.done; sequence++) {
      const kind = cursor.varint()
      const key = Buffer.from(cursor.prefixed()).toString()
      yield versionOf(key, sequence, kind === PUT ? cursor.prefixed() : undefined)
    }
  } catch (error) {
    if (!(error instanceof Malformed || error instanceof RangeError)) throw error
    lose({ file, offset, why: 'record holds no whole write batch' })
  }
}

/** Whatever is sealed in a batch that is not whole. Nobody can tell which write it was of. */
function* carved({ parts }: Batch): Generator<Version> {
  const bytes = Buffer.concat(parts)
  for (let at = 0; at + 2 < bytes.length; ) {
    const found = bytes[at] === PUT ? putAt(bytes, at + 1) : undefined
    if (found === undefined) at++
    else {
      yield { key: found.key, sequence: 0, value: found.value }
      at = found.end
    }
  }
}

function putAt(bytes: Buffer, at: number) {
  try {
    const cursor = new Cursor(bytes, at)
    const key = Buffer.from(cursor.prefixed()).toString()
    const value = cursor.prefixed()
    return ownKey(value) === key ? { key, value, end: cursor.at } : undefined
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}
