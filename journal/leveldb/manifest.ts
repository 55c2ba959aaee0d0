import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cursor, Malformed, malformed } from './cursor.ts'
import { corrupt, systemCode } from './damage.ts'
import { scanLog } from './log-scan.ts'

/*
 * CURRENT holds "MANIFEST-" digits "\n". The file it names is a LevelDB log of edits:
 *
 *   edit = ( 1 comparator:bytes | 2 logNumber | 3 nextFileNumber | 4 lastSequence
 *          | 5 level key:bytes | 6 level fileNumber
 *          | 7 level fileNumber fileSize smallest:bytes largest:bytes | 9 previousLogNumber )*
 *
 * Numbers are varints, bytes are preceded by their length; a key ends in 8 bytes of sequence and
 * kind. The edits, folded in order, are what the store consists of.
 */

/** A table the store consists of; `bytes` is its exact size. */
export interface LiveTable {
  readonly number: number
  readonly bytes: number
  readonly smallest: Uint8Array
  readonly largest: Uint8Array
}

/** What the store consists of, as its MANIFEST says. */
export interface Manifest {
  readonly file: string
  readonly tables: readonly LiveTable[]
  /** Logs from this number on are replayed; 0 only before the first opening is complete. */
  readonly logNumber: number
  /** The last write when that log was named: the first one in it came next, or before. */
  readonly loggedAfter: number
  /** The last write when the last edit was made. */
  readonly lastSequence: number
}

/**
 * Reads the MANIFEST that CURRENT names.
 *
 * A last edit cut short is dropped, as LevelDB does: its writer died before it deleted any file
 * the state before it needs, so that state is whole exactly if all of its files are there.
 *
 * @throws JournalError JOURNAL_CORRUPT
 */
export async function readManifest(dir: string): Promise<Manifest> {
  const current = await readFile(join(dir, 'CURRENT'), 'latin1')
  const file = /^(MANIFEST-\d+)\n$/.exec(current)?.[1]
  if (file === undefined) {
    throw corrupt(dir, { file: 'CURRENT', offset: 0, why: 'names no MANIFEST' })
  }
  const bytes = await readFile(join(dir, file)).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error
    throw corrupt(dir, { file: 'CURRENT', offset: 0, why: `names ${file}, which is missing` })
  })
  return parseManifest(dir, file, bytes)
}

/** Folds the edits in `bytes`, the content of `file`. */
export async function parseManifest(
  dir: string,
  file: string,
  bytes: Uint8Array,
): Promise<Manifest> {
  const state: State = { tables: new Map(), numbers: new Map(), loggedAfter: 0 }
  const { end } = await scanLog(bytes, edit => apply(state, edit))
  if (end.kind === 'damaged') throw corrupt(dir, { file, offset: end.offset, why: end.why })
  const missing = REQUIRED.find(tag => !state.numbers.has(tag))
  if (missing !== undefined) {
    const offset = end.kind === 'torn' ? end.offset : bytes.length
    throw corrupt(dir, { file, offset, why: 'ends before the state of the store is complete' })
  }
  return {
    file,
    tables: [...state.tables.values()],
    logNumber: state.numbers.get(Tag.logNumber) ?? 0,
    loggedAfter: state.loggedAfter,
    lastSequence: state.numbers.get(Tag.lastSequence) ?? 0,
  }
}

const Tag = {
  comparator: 1,
  logNumber: 2,
  nextFileNumber: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLogNumber: 9,
} as const

const REQUIRED: readonly number[] = [Tag.logNumber, Tag.nextFileNumber, Tag.lastSequence]

interface State {
  /** By level and number: moving a table deletes it from one level and adds it to another. */
  readonly tables: Map<string, LiveTable>
  readonly numbers: Map<number, number>
  loggedAfter: number
}

function apply(state: State, edit: Uint8Array): string | undefined {
  const added = new Map<string, LiveTable>()
  const named = state.numbers.get(Tag.logNumber)
  try {
    for (const cursor = new Cursor(edit); !cursor.done; ) applyField(state, added, cursor)
  } catch (error) {
    if (error instanceof Malformed) return `unreadable edit: ${error.message}`
    throw error
  }
  for (const [place, table] of added) state.tables.set(place, table)
  if (state.numbers.get(Tag.logNumber) !== named) {
    state.loggedAfter = state.numbers.get(Tag.lastSequence) ?? 0
  }
  return undefined
}

function applyField(state: State, added: Map<string, LiveTable>, cursor: Cursor): void {
  const tag = cursor.varint()
  switch (tag) {
    case Tag.comparator:
      cursor.prefixed()
      return
    case Tag.logNumber:
    case Tag.nextFileNumber:
    case Tag.lastSequence:
    case Tag.previousLogNumber:
      state.numbers.set(tag, cursor.varint())
      return
    case Tag.compactPointer:
      cursor.varint()
      cursor.prefixed()
      return
    case Tag.deletedFile:
      state.tables.delete(`${cursor.varint()}/${cursor.varint()}`)
      return
    case Tag.newFile: {
      const level = cursor.varint()
      const number = cursor.varint()
      const bytes = cursor.varint()
      const [smallest, largest] = [cursor.prefixed(), cursor.prefixed()]
      added.set(`${level}/${number}`, { number, bytes, smallest, largest })
      return
    }
    default:
      malformed(`field ${tag}`)
  }
}
