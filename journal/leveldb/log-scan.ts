import { open } from 'node:fs/promises'
import { crc32c, maskCrc } from './crc32c.ts'
import { readSlice } from './file-slice.ts'

/*
 * A LevelDB log (NNNNNN.log, MANIFEST-NNNNNN), all numbers little-endian:
 *
 *   log      = block*                      every block 32768 bytes, the last may be shorter
 *   block    = fragment* trailer           trailer: up to 6 bytes that no fragment header fits in
 *   fragment = crc:u32 length:u16 type:u8 payload[length]
 *   type     = 1 FULL | 2 FIRST | 3 MIDDLE | 4 LAST
 *   crc      = masked CRC-32C of type and payload
 *   record   = FULL | FIRST MIDDLE* LAST
 */

/** How a log ends; offsets and sizes in bytes. */
type LogEnd =
  | { readonly kind: 'clean' }
  /** The last record is incomplete and nothing valid follows: what a crash leaves behind. */
  | { readonly kind: 'torn'; readonly offset: number; readonly bytes: number }
  /** Bytes inside the log are not the bytes that were written. */
  | { readonly kind: 'damaged'; readonly offset: number; readonly why: LogDamage }

type LogDamage =
  | 'bad checksum'
  | 'bad length'
  | 'zeroed'
  | 'unknown fragment type'
  | 'missing fragment'
  | 'valid records after an incomplete one'

/** Sees each whole record; a returned text is damage found in it, and ends the scan. */
export type RecordVisitor<Why extends string = string> = (
  payload: Uint8Array,
  offset: number,
) => Why | undefined

export type LogScan<Why extends string = never> = {
  readonly records: number
  readonly bytes: number
  readonly end: LogEnd | { readonly kind: 'damaged'; readonly offset: number; readonly why: Why }
}

/**
 * Reads a log as LevelDB would and says where LevelDB would silently drop something.
 *
 * `source` is the bytes, or the path of a file, which is read in slices of 512 KiB.
 */
export async function scanLog<Why extends string = never>(
  source: Uint8Array | string,
  visit?: RecordVisitor<Why>,
): Promise<LogScan<Why>> {
  const reader = new LogReader(visit)
  if (typeof source !== 'string') return reader.finish(source.length, reader.take(source, 0))
  const file = await open(source, 'r')
  try {
    const { size } = await file.stat()
    let verdict: Verdict<Why>
    let at = 0
    while (verdict === undefined && at < size) {
      const slice = await readSlice(file, at, Math.min(SLICE_BYTES, size - at))
      verdict = reader.take(slice, at)
      at += slice.length
      if (slice.length === 0) break
    }
    return reader.finish(verdict === undefined ? at : size, verdict)
  } finally {
    await file.close()
  }
}

const HEADER_BYTES = 7
const BLOCK_BYTES = 32 * 1024
const SLICE_BYTES = 16 * BLOCK_BYTES
/** What a file system loses at once: a power cut leaves whole pages of zeros, never a part. */
const PAGE_BYTES = 4096
const FULL = 1
const FIRST = 2
const MIDDLE = 3
const LAST = 4

type Verdict<Why extends string> = LogScan<Why>['end'] | undefined

class LogReader<Why extends string> {
  readonly #visit: RecordVisitor<Why> | undefined
  #records = 0
  /** The record begun and not ended. */
  #open: { readonly offset: number; readonly parts: Uint8Array[] } | undefined
  /** Where the zeros began that may go on to the end of the file. */
  #zerosSince: { readonly offset: number; readonly why: LogDamage } | undefined

  constructor(visit: RecordVisitor<Why> | undefined) {
    this.#visit = visit
  }

  /** `slice` starts at a block boundary, and only the last one may end elsewhere. */
  take(slice: Uint8Array, base: number): Verdict<Why> {
    for (let at = 0; at < slice.length; at += BLOCK_BYTES) {
      const verdict = this.#block(slice.subarray(at, at + BLOCK_BYTES), base + at)
      if (verdict !== undefined) return verdict
    }
    return undefined
  }

  finish(size: number, verdict: Verdict<Why>): LogScan<Why> {
    const torn = this.#zerosSince?.offset ?? this.#open?.offset
    const atEnd: LogEnd =
      torn === undefined ? { kind: 'clean' } : { kind: 'torn', offset: torn, bytes: size - torn }
    const end = verdict?.kind === 'torn' ? { ...verdict, bytes: size - verdict.offset } : verdict
    return { records: this.#records, bytes: size, end: end ?? atEnd }
  }

  #block(block: Uint8Array, base: number): Verdict<Why> {
    if (this.#zerosSince !== undefined) {
      return zerosFrom(block) === 0 ? undefined : { kind: 'damaged', ...this.#zerosSince }
    }
    let at = 0
    while (at + HEADER_BYTES <= block.length) {
      const end = fragmentEnd(block, at)
      if (end > block.length) return this.#overrun(block, base, at)
      const why = fragmentDamage(block, at, end)
      if (why !== undefined) return this.#suspect(block, base, at, why)
      const verdict = this.#fragment(
        block.subarray(at + HEADER_BYTES, end),
        block[at + 6]!,
        base + at,
      )
      if (verdict !== undefined) return verdict
      at = end
    }
    // In a whole block this is the trailer; at the end of the file, a header cut short.
    const cut = block.length < BLOCK_BYTES && at < block.length
    return cut ? this.#torn(base + at) : undefined
  }

  #fragment(payload: Uint8Array, type: number, offset: number): Verdict<Why> {
    const starts = type === FULL || type === FIRST
    if (starts === (this.#open !== undefined)) {
      return { kind: 'damaged', offset: this.#open?.offset ?? offset, why: 'missing fragment' }
    }
    this.#open ??= { offset, parts: [] }
    this.#open.parts.push(payload)
    if (type !== FULL && type !== LAST) return undefined
    const record = this.#open
    this.#open = undefined
    this.#records++
    const whole = record.parts.length === 1 ? payload : Buffer.concat(record.parts)
    const why = this.#visit?.(whole, record.offset)
    return why === undefined ? undefined : { kind: 'damaged', offset: record.offset, why }
  }

  /** A fragment that claims more bytes than are left: cut short, unless its header is the lie. */
  #overrun(block: Uint8Array, base: number, at: number): Verdict<Why> {
    const damaged = (why: LogDamage): LogEnd => ({ kind: 'damaged', offset: base + at, why })
    if (!isPlausible(block, at, this.#open !== undefined)) {
      return this.#suspect(block, base, at, 'bad length')
    }
    if (checksumFits(block, at, block.length)) return damaged('bad length')
    if (holdsFragment(block, at + 1)) return damaged('valid records after an incomplete one')
    return this.#torn(base + at)
  }

  /**
   * A power cut may leave whole pages of zeros behind the last synced byte. So a bad fragment is
   * torn, not damaged, when nothing but such pages follows what is left of it.
   */
  #suspect(block: Uint8Array, base: number, at: number, why: LogDamage): Verdict<Why> {
    const zeros = zerosFrom(block)
    const page = Math.ceil((base + zeros) / PAGE_BYTES) * PAGE_BYTES - base
    const reached = page < Math.min(block.length, fragmentEnd(block, at))
    if (zeros > at && !reached) return { kind: 'damaged', offset: base + at, why }
    this.#zerosSince = { offset: this.#open?.offset ?? base + at, why }
    return undefined
  }

  #torn(offset: number): LogEnd {
    return { kind: 'torn', offset: this.#open?.offset ?? offset, bytes: 0 }
  }
}

function fragmentDamage(block: Uint8Array, at: number, end: number): LogDamage | undefined {
  const type = block[at + 6]!
  if (type === 0 && end === at + HEADER_BYTES) return 'zeroed'
  if (!checksumFits(block, at, end)) return 'bad checksum'
  return type < FULL || type > LAST ? 'unknown fragment type' : undefined
}

/** Whether a writer could have begun this fragment here: what goes on in the next block fills this one. */
function isPlausible(block: Uint8Array, at: number, continues: boolean): boolean {
  const end = fragmentEnd(block, at)
  switch (block[at + 6]) {
    case FULL:
      return !continues && end <= BLOCK_BYTES
    case FIRST:
      return !continues && end === BLOCK_BYTES
    case MIDDLE:
      return continues && end === BLOCK_BYTES
    case LAST:
      return continues && end <= BLOCK_BYTES
    default:
      return false
  }
}

/** Looks at every offset, because a lie about a length hides where the next fragment starts. */
function holdsFragment(block: Uint8Array, from: number): boolean {
  for (let at = from; at + HEADER_BYTES <= block.length; at++) {
    const type = block[at + 6]!
    if (type < FULL || type > LAST) continue
    const end = fragmentEnd(block, at)
    if (end <= block.length && checksumFits(block, at, end)) return true
  }
  return false
}

const fragmentEnd = (block: Uint8Array, at: number): number =>
  at + HEADER_BYTES + (block[at + 4]! | (block[at + 5]! << 8))

function checksumFits(block: Uint8Array, at: number, end: number): boolean {
  const stored =
    block[at]! | (block[at + 1]! << 8) | (block[at + 2]! << 16) | (block[at + 3]! << 24)
  return maskCrc(crc32c(block, at + 6, end)) === stored >>> 0
}

/** Where the run of zeros starts that ends the block. */
function zerosFrom(block: Uint8Array): number {
  let at = block.length
  while (at > 0 && block[at - 1] === 0) at--
  return at
}
