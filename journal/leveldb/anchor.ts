import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { corrupt, systemCode } from './damage.ts'

/*
 * ANCHOR.a and ANCHOR.b, written by turns, so that a write cut short never costs both:
 *
 *   file    = crc " " content spaces "\n"     512 bytes
 *   crc     = CRC-32 of content, 8 hex digits
 *   content = JSON {"turn","epoch","commit","chain","clean"}; the higher turn is the newer
 */

/** A commit that is known to be on disk: the journal's tip must be this one or a later one. */
export interface Anchor {
  readonly epoch: number
  readonly commit: number
  /** The link of that commit, in hex. */
  readonly chain: string
  /** Written by a close: nothing followed `commit`. Believe it only if the tip is `commit`. */
  readonly clean: boolean
}

/**
 * The newer of the two copies that is whole; `undefined` before the first was ever written.
 *
 * If the newer one is damaged this is the older: still a true lower bound, only a less sharp one.
 *
 * @throws JournalError JOURNAL_CORRUPT when both copies exist and neither is whole
 */
export async function readAnchor(dir: string): Promise<Anchor | undefined> {
  const copies = await readCopies(dir)
  const newest = newestOf(copies)
  if (newest === undefined) {
    if (copies.every(copy => copy.exists)) {
      throw corrupt(dir, { file: FILES[0], offset: 0, why: 'is damaged, and so is ANCHOR.b' })
    }
    return undefined
  }
  const { turn: _, ...anchor } = newest.mark
  return anchor
}

/**
 * Writes `anchor` over the older or damaged copy; resolves when it is on disk.
 *
 * One write at a time: two at once could both choose the same copy.
 */
export async function writeAnchor(dir: string, anchor: Anchor): Promise<void> {
  const copies = await readCopies(dir)
  const newest = newestOf(copies)
  const target = newest?.file === FILES[0] ? FILES[1] : FILES[0]
  const turn = (newest?.mark.turn ?? 0) + 1
  const created = !copies.find(copy => copy.file === target)?.exists
  const file = await openForWriting(join(dir, target), created)
  try {
    const bytes = encode({ turn, ...anchor })
    await file.write(bytes, 0, bytes.length, 0)
    await file.datasync()
  } finally {
    await file.close()
  }
  if (created) await syncNames(dir)
}

const FILES = ['ANCHOR.a', 'ANCHOR.b'] as const
const FILE_BYTES = 512
const CRC_DIGITS = 8

interface Mark extends Anchor {
  /** From 1. */
  readonly turn: number
}

type Copy = {
  readonly file: (typeof FILES)[number]
  readonly exists: boolean
  readonly mark?: Mark
}
type WholeCopy = Copy & { readonly mark: Mark }

const readCopies = (dir: string): Promise<Copy[]> =>
  Promise.all(FILES.map(file => readCopy(dir, file)))

async function readCopy(dir: string, file: Copy['file']): Promise<Copy> {
  try {
    const mark = decode(await readFile(join(dir, file)))
    return mark === undefined ? { file, exists: true } : { file, exists: true, mark }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { file, exists: false }
    throw error
  }
}

function newestOf(copies: readonly Copy[]): WholeCopy | undefined {
  return copies
    .filter((copy): copy is WholeCopy => copy.mark !== undefined)
    .sort((a, b) => b.mark.turn - a.mark.turn)[0]
}

function encode(mark: Mark): Buffer {
  if (!isMark(mark)) throw new Error(`${JSON.stringify(mark)} is no anchor`)
  const { turn, epoch, commit, chain, clean } = mark
  const content = JSON.stringify({ turn, epoch, commit, chain, clean })
  const line = `${checksum(content)} ${content}`
  return Buffer.from(`${line.padEnd(FILE_BYTES - 1)}\n`, 'latin1')
}

/** Only what `encode` writes: a flip in the filling is damage like any other. */
function decode(bytes: Buffer): Mark | undefined {
  const text = bytes.toString('latin1')
  const content = text.slice(CRC_DIGITS + 1).trimEnd()
  if (text.slice(0, CRC_DIGITS) !== checksum(content)) return undefined
  const mark: unknown = JSON.parse(content)
  return isMark(mark) && encode(mark).equals(bytes) ? mark : undefined
}

const HEX = /^[0-9a-f]{0,256}$/
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

// By hand: a list of runs would have to load a library for it.
function isMark(value: unknown): value is Mark {
  if (typeof value !== 'object' || value === null) return false
  const { turn, epoch, commit, chain, clean } = value as Record<keyof Mark, unknown>
  const isChain = typeof chain === 'string' && HEX.test(chain)
  const areCounts = isCount(turn) && turn !== 0 && isCount(epoch) && isCount(commit)
  return areCounts && isChain && typeof clean === 'boolean'
}

const checksum = (content: string): string => crc32(content).toString(16).padStart(CRC_DIGITS, '0')

const openForWriting = (path: string, create: boolean): Promise<FileHandle> =>
  open(path, create ? 'wx' : 'r+', 0o600)

/** A new file is only there after a power cut if its directory was synced. */
async function syncNames(dir: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
