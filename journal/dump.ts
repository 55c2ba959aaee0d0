import { entryFacts } from './entry-json.ts'
import { corrupt } from './envelope.ts'
import { keys } from './keys.ts'
import type { OpenedReader } from './open-reader.ts'
import type { StoredRecord } from './reader.ts'
import { readPages } from './run-pages.ts'

/*
 * A dump is NDJSON: one JSON object a line, properties always in this order.
 *
 *   dump    = header entry* trailer
 *   header  = {"kind":"header","format":1,"journal","createdAt","durability",
 *              "epoch","commit","at","run"?}       as of this commit; `run`: only that run
 *   entry   = {"kind":"entry","run","seq","at","elapsed","type",...}    facts as in entry-json.ts
 *   trailer = {"kind":"trailer","runs","entries"}  how many came before it: without it the dump is cut
 *
 * Entries come in order of run id (by its UTF-8 bytes), then of seq. Times are milliseconds.
 */

/** What a dump is made from; `openReader` gives it. */
export type Dumpable = Pick<OpenedReader, 'store' | 'meta' | 'tip'>

export interface DumpOptions {
  /** Only this run. */
  readonly run?: string
}

/**
 * The journal as NDJSON (format above), in pieces of many lines. Throws JOURNAL_CORRUPT where the
 * damage is, after all that comes before it and without a trailer.
 */
export async function* dump(opened: Dumpable, { run }: DumpOptions = {}): AsyncGenerator<string> {
  yield header(opened, run)
  let runs = 0
  let entries = 0
  for await (const pages of readPages(opened.store, run)) {
    let text = ''
    try {
      for (const { records } of pages) {
        if (records[0]?.seq === 0) runs++
        for (const record of records) {
          text += recordLines(record)
          entries += record.entries.length
        }
      }
    } finally {
      if (text !== '') yield text
    }
  }
  yield line({ kind: 'trailer', runs, entries })
}

function header({ meta, tip }: Dumpable, run: string | undefined): string {
  const { id: journal, createdAt, durability } = meta
  const { epoch = 0, commit = 0, at = createdAt } = tip ?? {}
  const own = { journal, createdAt, durability, epoch, commit, at, run }
  return line({ kind: 'header', format: 1, ...own })
}

function recordLines({ run, seq, at, elapsed, entries }: StoredRecord): string {
  let text = ''
  let place = seq
  try {
    for (const entry of entries) {
      const { type } = entry
      text += line({ kind: 'entry', run, seq: place, at, elapsed, type, ...entryFacts(entry) })
      place++
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw corrupt(keys.record(run, seq), `its entry ${place} cannot be read: ${why}`)
  }
  return text
}

const line = (object: object): string => `${JSON.stringify(object)}\n`
