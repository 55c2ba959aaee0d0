import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { badLine, cutDump, type DumpName } from './fault.ts'

/** Pieces of a dump: text or its UTF-8 bytes, cut anywhere, and packed with gzip or not. */
export type DumpPieces = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

/** A line without its end. */
export interface DumpLine {
  /** Counts from 1. */
  readonly number: number
  readonly bytes: Buffer
}

/** No line that was ever written is longer: it holds one entry. */
const LONGEST = 256 << 20
const LF = 0x0a
const CR = 0x0d

/** The lines of a dump, many at a time: a promise a line would cost more than reading it. */
export async function* dumpLines(
  pieces: DumpPieces,
  dump: DumpName,
): AsyncGenerator<readonly DumpLine[]> {
  let number = 0
  let rest: Buffer[] = []
  let waiting = 0
  const line = (bytes: Buffer): DumpLine => {
    const all = rest.length === 0 ? bytes : Buffer.concat([...rest, bytes])
    rest = []
    waiting = 0
    const end = all.at(-1) === CR ? all.length - 1 : all.length
    return { number: ++number, bytes: all.subarray(0, end) }
  }
  for await (const piece of plainPieces(pieces, dump)) {
    const lines: DumpLine[] = []
    let from = 0
    for (let to = piece.indexOf(LF); to >= 0; to = piece.indexOf(LF, from)) {
      lines.push(line(piece.subarray(from, to)))
      from = to + 1
    }
    if (from < piece.length) {
      rest.push(piece.subarray(from))
      waiting += piece.length - from
    }
    if (lines.length > 0) yield lines
    if (waiting > LONGEST) throw badLine(dump, number + 1, `it is longer than ${LONGEST} bytes`)
  }
  if (rest.length > 0) yield [line(Buffer.alloc(0))]
}

async function* plainPieces(pieces: DumpPieces, dump: DumpName): AsyncGenerator<Buffer> {
  const source = bytesOf(pieces)
  const first = await source.next()
  if (first.done) return
  const all = rejoined(first.value, source)
  yield* isGzip(first.value) ? unpacked(all, dump) : all
}

/** Never an empty piece, and at first no single byte: it takes two to tell gzip. */
async function* bytesOf(pieces: DumpPieces): AsyncGenerator<Buffer> {
  let first: Buffer | undefined = Buffer.alloc(0)
  for await (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : bufferOn(piece)
    if (first === undefined) {
      if (bytes.length > 0) yield bytes
      continue
    }
    first = Buffer.concat([first, bytes])
    if (first.length < 2) continue
    yield first
    first = undefined
  }
  if (first !== undefined && first.length > 0) yield first
}

const bufferOn = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

async function* rejoined(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}

async function* unpacked(packed: AsyncGenerator<Buffer>, dump: DumpName): AsyncGenerator<Buffer> {
  // Whoever stops reading, or a source that fails, ends them both.
  const gunzip = pipeline(Readable.from(packed), createGunzip(), () => {})
  try {
    for await (const piece of gunzip) yield piece as Buffer
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw isZlib(error) ? cutDump(dump, 0, `gzip says "${why}"`) : error
  }
}

const isZlib = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
