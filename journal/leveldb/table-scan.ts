import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { Cursor, Malformed, malformed } from './cursor.ts'
import { type Place, systemCode } from './damage.ts'
import { readSlice } from './file-slice.ts'
import type { LiveTable } from './manifest.ts'
import {
  checksumHolds,
  FOOTER_BYTES,
  type Handle,
  readEntries,
  readFooter,
  readHandle,
  TRAILER_BYTES,
} from './table-format.ts'

/** Damage in a table: `file` is its name, `offset` where the damaged block starts. */
export type Finding = Place

/**
 * Verifies a table byte by byte: footer, index and filters, the checksum of every block, and that
 * the blocks leave no gap. Given what the MANIFEST knows of it, also that it is that very table:
 * its size, its first and its last key.
 *
 * Reads 256 KiB at a time, so it blocks the event loop for about a millisecond and can run beside
 * a working engine. A table that is deleted meanwhile has no findings: LevelDB has replaced it.
 */
export async function scanTable(path: string, expected?: LiveTable): Promise<Finding[]> {
  try {
    const file = await open(path, 'r')
    try {
      return await new TableScan(file, basename(path), expected).run()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}

const WINDOW_BYTES = 256 * 1024

class TableScan {
  readonly #file: FileHandle
  readonly #name: string
  readonly #expected: LiveTable | undefined
  readonly #findings: Finding[] = []

  constructor(file: FileHandle, name: string, expected: LiveTable | undefined) {
    this.#file = file
    this.#name = name
    this.#expected = expected
  }

  async run(): Promise<Finding[]> {
    const { size } = await this.#file.stat()
    const bytes = this.#expected?.bytes ?? size
    if (size !== bytes) this.#find(size, `has ${size} bytes instead of ${bytes}`)
    const footer = size - FOOTER_BYTES
    const blocks = await this.#guard(Math.max(0, footer), () => this.#layout(footer))
    if (blocks !== undefined && this.#withoutGaps(blocks, footer)) {
      await this.#checkBlocks(blocks)
      await this.#checkRange(blocks)
    }
    return this.#findings
  }

  /** Where every block is, in file order: data, filters, metaindex, index. */
  async #layout(footer: number): Promise<Layout | undefined> {
    const { metaindex, index } = readFooter(
      await readSlice(this.#file, Math.max(0, footer), FOOTER_BYTES),
    )
    // The footer has no checksum of its own; nothing may be allocated on its word alone.
    if (index.offset + index.bytes + TRAILER_BYTES !== footer) malformed('footer leads astray')
    if (metaindex.offset + metaindex.bytes + TRAILER_BYTES !== index.offset) {
      malformed('footer leads astray')
    }
    const data = await this.#handles(index)
    const filters = await this.#handles(metaindex)
    if (data === undefined || filters === undefined) return undefined
    return { data, others: [...filters, metaindex, index] }
  }

  async #handles(handle: Handle): Promise<readonly Handle[] | undefined> {
    const block = await readSlice(this.#file, handle.offset, handle.bytes + TRAILER_BYTES)
    if (!checksumHolds(block) || block.length !== handle.bytes + TRAILER_BYTES) {
      this.#find(handle.offset, 'bad checksum')
      return undefined
    }
    return this.#guard(handle.offset, async () =>
      readEntries(block).map(entry => readHandle(new Cursor(entry.value))),
    )
  }

  #withoutGaps({ data, others }: Layout, footer: number): boolean {
    let at = 0
    for (const block of [...data, ...others]) {
      if (block.offset !== at) break
      at += block.bytes + TRAILER_BYTES
    }
    if (at !== footer) this.#find(at, 'blocks leave a gap or overlap')
    return at === footer
  }

  async #checkBlocks({ data, others }: Layout): Promise<void> {
    let window: Uint8Array = new Uint8Array()
    let from = 0
    for (const { offset, bytes } of [...data, ...others]) {
      const length = bytes + TRAILER_BYTES
      if (offset < from || offset + length > from + window.length) {
        window = await readSlice(this.#file, offset, Math.max(length, WINDOW_BYTES))
        from = offset
      }
      const block = window.subarray(offset - from, offset - from + length)
      if (block.length !== length || !checksumHolds(block)) this.#find(offset, 'bad checksum')
    }
  }

  /** A whole, valid table in the place of another one has another first or last key. */
  async #checkRange({ data }: Layout): Promise<void> {
    const [first, last] = [data[0], data.at(-1)]
    const expected = this.#expected
    if (expected === undefined || this.#findings.length > 0) return
    if (first === undefined || last === undefined) return this.#find(0, 'holds no entries')
    const same =
      equal((await this.#entries(first))?.[0]?.key, expected.smallest) &&
      equal((await this.#entries(last))?.at(-1)?.key, expected.largest)
    if (!same) this.#find(0, 'is another table than the MANIFEST names')
  }

  async #entries(handle: Handle): Promise<ReturnType<typeof readEntries> | undefined> {
    return this.#guard(handle.offset, async () =>
      readEntries(await readSlice(this.#file, handle.offset, handle.bytes + TRAILER_BYTES)),
    )
  }

  async #guard<Result>(offset: number, read: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.#find(offset, error.message)
      return undefined
    }
  }

  #find(offset: number, why: string): void {
    this.#findings.push({ file: this.#name, offset, why })
  }
}

interface Layout {
  readonly data: readonly Handle[]
  readonly others: readonly Handle[]
}

const equal = (key: Uint8Array | undefined, expected: Uint8Array): boolean =>
  key !== undefined && Buffer.compare(key, expected) === 0
