// The package's own entry is the same with streams and a native addon.
import { Packr, RESERVE_START_SPACE } from 'msgpackr/pack'

/**
 * msgpackr with everything clever turned off: no records, no structures, no toJSON, no extensions of
 * our own (those are global to the process). It only ever sees nodes and bytes the guard has passed.
 */
const packr = new Packr({
  useRecords: false,
  variableMapSize: true,
  mapsAsObjects: true,
  useToJSON: false,
  copyBuffers: true,
  int64AsType: 'bigint',
})

/**
 * Small values are unpacked from here: msgpackr keeps a DataView on the bytes it reads, and making
 * both anew costs more than the reading. Nothing decoded points into it.
 */
const desk = Buffer.alloc(2048)

/** What can be left free before a node: msgpackr takes it from the low byte of its options. */
export const MOST_SPACE = 255

/** msgpackr writes into memory it shares out in pieces of this size, and grows for a large value. */
const POOL = 8192

/**
 * Packs a node behind so many bytes, at most 255, which are the caller's to fill. A small result is
 * a view on memory that later results share, but do not write to.
 */
export function packBehind(space: number, node: unknown): Buffer {
  if (space > MOST_SPACE) throw new RangeError(`at most ${MOST_SPACE} bytes fit before a node`)
  const bytes = packr.pack(node, RESERVE_START_SPACE | space)
  if (bytes.length <= POOL) return bytes
  // What a large value needed would stay the size of every later pool, held by the smallest view.
  packr.useBuffer(Buffer.allocUnsafeSlow(POOL))
  return Buffer.from(bytes)
}

/** Unpacks what follows the first `space` bytes. */
export function unpackBehind(space: number, bytes: Uint8Array): unknown {
  const length = bytes.length
  if (length > desk.length) {
    return packr.unpack(Buffer.from(bytes.buffer, bytes.byteOffset + space, length - space))
  }
  desk.set(bytes)
  return packr.unpack(desk, { start: space, end: length })
}
