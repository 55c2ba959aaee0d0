import { LevelStore } from './level-store.ts'
import type { Store } from './store.ts'

/** An empty store in memory. Loaded when it is needed: few processes have a use for it. */
export async function memoryStore(place: string): Promise<Store> {
  const { MemoryLevel } = await import('memory-level')
  const db = new MemoryLevel<string, Uint8Array>({
    storeEncoding: 'buffer',
    keyEncoding: 'utf8',
    valueEncoding: 'view',
  })
  return new LevelStore({
    place,
    db,
    sync: false,
    aliases: true,
    fence: () => {},
    release: async () => {},
  })
}
