import { join } from 'node:path'
import { isUnanchored } from './anchor-keeper.ts'
import { readAnchor } from './leveldb/anchor.ts'
import type { Place } from './leveldb/damage.ts'
import { tableNames } from './leveldb/file-name.ts'
import { readManifest } from './leveldb/manifest.ts'
import { scanTable } from './leveldb/table-scan.ts'
import { readTip } from './read-tip.ts'
import { type Verified, type VerifyOptions, verify } from './verify.ts'
import type { Finding } from './verify-report.ts'
import { type CopyOptions, copyJournal, placeOf, type WorkingCopy } from './working-copy.ts'

/**
 * Verifies the journal in `dir`, also beside a running engine: its files, then all that is in them.
 * Works on a copy; nothing in `dir` is changed. Returns how much it read, or `undefined` if damage to
 * the log or the MANIFEST kept it from reading more.
 *
 * Throws JOURNAL_UNUSABLE when there is no journal.
 *
 * @example
 * for await (const { place, what } of verifyDirectory('./data')) console.log(`${place}: ${what}`)
 */
export async function* verifyDirectory(
  dir: string,
  options: CopyOptions & Pick<VerifyOptions, 'onProgress'> = {},
): AsyncGenerator<Finding, Verified | undefined> {
  let copy: WorkingCopy | undefined
  try {
    copy = await copyJournal(dir, options)
    await copy.checked
  } catch (error) {
    await copy?.remove()
    yield fileFinding(error)
    return undefined
  }
  try {
    yield* verifyTables(copy.path)
    return yield* verifyRows(copy, options)
  } finally {
    await copy.remove()
  }
}

async function* verifyTables(path: string): AsyncGenerator<Finding> {
  const { tables } = await readManifest(path)
  for (const table of tables) {
    for (const name of tableNames(table.number)) {
      for (const place of await scanTable(join(path, name), table)) yield fromPlace(place)
    }
  }
}

const NO_ANCHOR = {
  place: 'ANCHOR.a',
  what: 'it is missing, and so is ANCHOR.b: an end of the journal that is missing cannot be told',
}

async function* verifyRows(
  copy: WorkingCopy,
  { onProgress }: Pick<VerifyOptions, 'onProgress'>,
): AsyncGenerator<Finding, Verified | undefined> {
  try {
    const anchor = await readAnchor(copy.path)
    const store = await copy.open()
    try {
      const verified = yield* verify(store, {
        ...(anchor !== undefined && { anchor }),
        ...(onProgress !== undefined && { onProgress }),
      })
      const tip = await readTip(store).catch(() => undefined)
      if (isUnanchored(tip, anchor)) yield NO_ANCHOR
      return verified
    } finally {
      await store.close()
    }
  } catch (error) {
    yield fileFinding(error)
    return undefined
  }
}

/** The damage an error is about; any other error goes on its way. */
function fileFinding(error: unknown): Finding {
  const place = placeOf(error)
  if (place === undefined) throw error
  return fromPlace(place)
}

const fromPlace = ({ file, offset, why }: Place): Finding => ({
  place: `${file}, byte ${offset}`,
  what: why,
})
