import { PerdureError } from '../../journal/error.ts'
import { type LoadedReader, loadInMemory } from '../../journal/load.ts'
import { verify } from '../../journal/verify.ts'
import { StoredSource } from '../../src/inspect/stored-source.ts'
import { TimelineFold } from '../../src/inspect/timeline.ts'
import { soon } from './bounds.ts'
import { diceOf } from './dice.ts'
import { fileOf } from './dumps.ts'
import type { Trials } from './trials.ts'

const REFUSED = ['JOURNAL_UNUSABLE', 'JOURNAL_CORRUPT', 'JOURNAL_FORMAT']

/** Reads dumps that nobody wrote: each is refused, or is a journal in which all can be read. */
export class DumpTrials implements Trials {
  readonly counts = { loaded: 0, refused: 0 }
  readonly #dumps: readonly string[]

  constructor(dumps: readonly string[]) {
    this.#dumps = dumps
  }

  async try(seed: number): Promise<number> {
    const dice = diceOf(seed)
    const file = fileOf(this.#dumps, dice)
    const at = dice(file.length + 1)
    const pieces = [file.subarray(0, at), file.subarray(at)]
    await soon(() => this.#read(pieces))
    return 1
  }

  async end(): Promise<void> {}

  async #read(pieces: readonly Buffer[]): Promise<void> {
    let opened: LoadedReader
    try {
      opened = await loadInMemory(pieces)
    } catch (error) {
      if (!(error instanceof PerdureError) || !REFUSED.includes(error.code)) throw error
      this.counts.refused++
      return
    }
    this.counts.loaded++
    try {
      await readAll(opened)
    } finally {
      await opened.close()
    }
  }
}

async function readAll({ reader, tip, store }: LoadedReader): Promise<void> {
  const source = new StoredSource(reader, () => tip)
  const lists = [
    source.timers(),
    source.waits(),
    source.events({}),
    source.commits({ after: 0 }),
    source.runs({ order: 'newest' }),
  ]
  for (const list of lists) for await (const _ of list);
  await Promise.all([source.about(), source.schedules(), source.census()])
  for await (const heads of source.runs({ order: 'id' })) {
    for (const { run } of heads) {
      const fold = new TimelineFold(run)
      for await (const page of source.records(run)) for (const record of page) fold.add(record)
      fold.timeline()
      await source.why(run)
    }
  }
  for await (const finding of verify(store)) throw new Error(`unsound: ${JSON.stringify(finding)}`)
}
