import { corrupt, unseal } from './envelope.ts'
import { keys } from './keys.ts'
import { type LevelDatabase, LevelStore } from './level-store.ts'
import { unusable } from './leveldb/damage.ts'
import type { Meta } from './meta.ts'
import type { OpenedReader } from './open-reader.ts'
import { readTip } from './read-tip.ts'
import { JournalReader } from './reader.ts'
import type { Store } from './store.ts'
import type { Tip } from './tip.ts'

/** What LevelDB has opened a copy as, which nobody else writes to. */
export const storeOfCopy = (place: string, db: LevelDatabase): Store =>
  new LevelStore({ place, db, sync: false, fence: () => {}, release: async () => {} })

/** What is read of a journal before anything else. Throws JOURNAL_CORRUPT and JOURNAL_UNUSABLE. */
export async function firstLook(
  store: Store,
): Promise<Pick<OpenedReader, 'reader' | 'meta' | 'tip'>> {
  const tip = await readTip(store)
  return { reader: new JournalReader(store), meta: await readMeta(store, tip), tip }
}

async function readMeta(store: Store, tip: Tip | undefined): Promise<Meta> {
  const value = await store.get(keys.meta)
  if (value !== undefined) return unseal(keys.meta, value).body as Meta
  if (tip !== undefined) throw corrupt(keys.meta, 'it is missing')
  throw noJournal(store.place)
}

/** A LevelDB store of somebody else's. */
export const noJournal = (dir: string): Error =>
  unusable(dir, 'holds a store that is no journal', 'Name the directory of a journal.')
