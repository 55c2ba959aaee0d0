import { crc32c, maskCrc } from './crc32c.ts'
import { Cursor, Malformed, malformed } from './cursor.ts'
import { uncompress } from './snappy.ts'

/*
 * A LevelDB table (NNNNNN.ldb), all numbers little-endian:
 *
 *   table   = block* filter? metaindex index footer      no gaps
 *   block   = content type:u8 crc:u32                    crc: masked CRC-32C of content and type
 *   type    = 0 plain | 1 Snappy
 *   content = entry* restart:u32* restarts:u32
 *   entry   = shared:varint unshared:varint size:varint key[unshared] value[size]
 *             the key starts with the first `shared` bytes of the key before it
 *   footer  = metaindex:handle index:handle zeros magic  48 bytes; magic: the last 8
 *   handle  = offset:varint size:varint                  size: of the content
 *
 * Index values are handles of blocks, metaindex values handles of filters; filters have no entries.
 */

export const FOOTER_BYTES = 48
export const TRAILER_BYTES = 5

export interface Handle {
  readonly offset: number
  readonly bytes: number
}

export interface TableEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export const hasTableFooter = (footer: Uint8Array): boolean =>
  footer.length === FOOTER_BYTES &&
  MAGIC.every((byte, at) => footer[FOOTER_BYTES - 8 + at] === byte)

/** @throws Malformed */
export function readFooter(footer: Uint8Array): { metaindex: Handle; index: Handle } {
  if (!hasTableFooter(footer)) malformed('does not end as a table does')
  const cursor = new Cursor(footer.subarray(0, FOOTER_BYTES - 8))
  const handles = { metaindex: readHandle(cursor), index: readHandle(cursor) }
  while (!cursor.done) if (cursor.take(1)[0] !== 0) malformed('footer not filled with zeros')
  return handles
}

export function readHandle(cursor: Cursor): Handle {
  return { offset: cursor.varint(), bytes: cursor.varint() }
}

/** `block` is content and trailer. */
export function checksumHolds(block: Uint8Array): boolean {
  const content = block.length - TRAILER_BYTES
  if (content < 0) return false
  const trailer = new DataView(block.buffer, block.byteOffset + content, TRAILER_BYTES)
  return maskCrc(crc32c(block, 0, content + 1)) === trailer.getUint32(1, true)
}

/** The entries of a block with a good checksum. @throws Malformed */
export function readEntries(block: Uint8Array): readonly TableEntry[] {
  const content = plainContent(block)
  if (content.length < 4) malformed('block without restarts')
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  const end = content.length - 4 - 4 * view.getUint32(content.length - 4, true)
  if (end < 0) malformed('more restarts than block')
  const entries: TableEntry[] = []
  let last: Uint8Array = new Uint8Array()
  for (const cursor = new Cursor(content.subarray(0, end)); !cursor.done; ) {
    const [shared, unshared, size] = [cursor.varint(), cursor.varint(), cursor.varint()]
    if (shared > last.length) malformed('key shares more than there is')
    last = Buffer.concat([last.subarray(0, shared), cursor.take(unshared)])
    entries.push({ key: last, value: cursor.take(size) })
  }
  return entries
}

function plainContent(block: Uint8Array): Uint8Array {
  const content = block.subarray(0, block.length - TRAILER_BYTES)
  switch (block[content.length]) {
    case 0:
      return content
    case 1:
      return uncompress(content, PLAIN_BYTES_MAX)
    default:
      throw new Malformed('unknown compression')
  }
}

/** A block holds at least one entry however large, and no value of ours comes near this. */
const PLAIN_BYTES_MAX = 256 * 1024 * 1024
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]
