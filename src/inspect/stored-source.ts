import { JournalSource } from './journal-source.ts'
import type { Why } from './why.ts'

/** A journal without an engine: a copy of its directory, or a dump of it. */
export class StoredSource extends JournalSource {
  async why(id: string): Promise<Why> {
    // It takes expressions to tell, and few ask.
    const { storedWhy } = await import('./stored-why.ts')
    return storedWhy(this.reader, await this.headOf(id), this.tip()?.at ?? 0)
  }
}
