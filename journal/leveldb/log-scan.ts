import { type FileHandle, open } from 'node:fs/promises'
import { readSlice } from './file-slice.ts'
import {
  BLOCK_BYTES,
  checksumFits,
  FIRST,
  FULL,
  fragmentDamage,
  fragmentEnd,
  HEADER_BYTES,
  holdsFragment,
  isPlausible,
  LAST,
  type LogDamage,
} from './log-format.ts'

/** How a log ends; offsets and sizes in bytes. */
type LogEnd =
  | { readonly kind: 'clean' }
  /** The last record is incomplete and nothing valid follows: what a crash leaves behind. */
  | { readonly kind: 'torn'; readonly offset: number; readonly bytes: number }
  /** Bytes inside the log are not the bytes that were written. */
  | { readonly kind: 'damaged'; readonly offset: number; readonly why: LogDamage }

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
 * `source` is the bytes, or a file or its path; a file is read in slices of 512 KiB.
 */
export async function scanLog<Why extends string = never>(
  source: Uint8Array | FileHandle | string,
  visit?: RecordVisitor<Why>,
): Promise<LogScan<Why>> {
  const reader = new LogReader(visit)
  if (source instanceof Uint8Array) return reader.finish(source.length, reader.take(source, 0))
  if (typeof source !== 'string') return scanFile(source, reader)
  const file = await open(source, 'r')
  try {
    return await scanFile(file, reader)
  } finally {
    await file.close()
  }
}

async function scanFile<Why extends string>(
  file: FileHandle,
  reader: LogReader<Why>,
): Promise<LogScan<Why>> {
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
}

const SLICE_BYTES = 16 * BLOCK_BYTES
/** What a file system loses at once: a power cut leaves whole pages of zeros, never a part. */
const PAGE_BYTES = 4096

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

/** Where the run of zeros starts that ends the block. */
function zerosFrom(block: Uint8Array): number {
  let at = block.length
  while (at > 0 && block[at - 1] === 0) at--
  return at
}
