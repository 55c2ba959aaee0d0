import { createHash } from 'node:crypto'
import { Anonymous } from './dump/anonymous.ts'
import { headerLine } from './dump/header.ts'
import { otherLines } from './dump/other-lines.ts'
import { SECTIONS } from './dump/sections.ts'
import { entryFacts } from './entry-json.ts'
import { corrupt } from './envelope.ts'
import { keys } from './keys.ts'
import type { OpenedReader } from './open-reader.ts'
import type { StoredRecord } from './reader.ts'
import { readPages } from './run-pages.ts'
import { noCounts } from './tip.ts'

/*
 * A dump is NDJSON: one JSON object a line, properties always in this order. This is format 2.
 *
 *   dump     = header entry* schedule* limit* event* eventId* input* trailer
 *   header   = {"kind":"header","format":2,"journal","createdAt","durability","epoch","commit",
 *               "chain","at","elapsed","counts":{"inputs","events","queued"},"secrets"?,"run"?,
 *               "anonymized"?}
 *              as of this commit, whose row has the hash `chain`, in hex, "" if there is no commit;
 *              `counts`: the next numbers of an input, an event and a place in a lane; `run`: only
 *              that run, its inputs and the events that they name, so the dump is partial
 *   entry    = {"kind":"entry","run","seq","record","at","elapsed","type",...}
 *              facts as in entry-json.ts; `record`: seq of the first entry of its record
 *   schedule = {"kind":"schedule","id","workflow","handled","calendar","buffered","paused"?,"own"?}
 *   own      = {"expression","tz","missed","overlap","jitter","data"}
 *   limit    = {"kind":"limit","id","state"}
 *   event    = {"kind":"event","name","at","n","id","ts","v"?,"data"}
 *   eventId  = {"kind":"eventId","id","at"}
 *   input    = {"kind":"input","run","n","type",...}
 *              facts as in entry-json.ts, or {"of","key","row"} of an `event.delivered`
 *   trailer  = {"kind":"trailer","runs","entries","schedules","limits","events","eventIds",
 *               "inputs","sha256"}
 *              how many came before it, and the SHA-256 of all lines before it, each with its line
 *              feed, in hex: without it the dump is cut, and what does not fit it was changed
 *
 * Entries come in order of run id, then of seq; the others in order of the keys of their rows, all by
 * bytes. Times are milliseconds. Values of users are tagged JSON (codec/json.ts). What follows from the
 * rest is not there: heads, timers, waits, places in lanes, what runs hold.
 *
 * Format 1 had no "chain", "elapsed" and "counts" in the header, no "record" in entries, nothing but
 * entries between header and trailer, and only "runs" and "entries" in the trailer.
 */

/** What a dump is made from; `openReader` gives it. */
export type Dumpable = Pick<OpenedReader, 'store' | 'meta' | 'tip'> &
  Partial<Pick<OpenedReader, 'lostTail'>>

export interface DumpOptions {
  /** Only this run. */
  readonly run?: string
  /**
   * What fakes are derived from that stand for all that users put into the journal, so that the dump may
   * be shown around: give it chance, and keep it to yourself or forget it. Absent: all is as it is.
   */
  readonly anonymize?: string
}

/**
 * The journal as NDJSON (format above), in pieces of many lines. `load` makes a journal of it again.
 * Throws JOURNAL_CORRUPT where the damage is, after all that comes before it and without a trailer; and
 * JOURNAL_TAIL_LOST in place of a trailer.
 */
export async function* dump(
  opened: Dumpable,
  { run, anonymize }: DumpOptions = {},
): AsyncGenerator<string> {
  const fakes = anonymize === undefined ? undefined : await Anonymous.of(opened.store, anonymize)
  const hash = createHash('sha256')
  const counts = new Map<string, number>(SECTIONS.map(([kind]) => [kind, 0]))
  const count = (kind: string, more: number): void => {
    counts.set(kind, (counts.get(kind) ?? 0) + more)
  }
  const hashed = (text: string): string => {
    hash.update(text)
    return text
  }
  yield hashed(header(opened, run, fakes))
  let runs = 0
  for await (const pages of readPages(opened.store, run)) {
    let text = ''
    try {
      for (const { records } of pages) {
        if (records[0]?.seq === 0) runs++
        for (const record of records) {
          text += recordLines(record, fakes)
          count('entry', record.entries.length)
        }
      }
    } finally {
      if (text !== '') yield hashed(text)
    }
  }
  for await (const lines of otherLines(opened.store, run, fakes)) {
    let text = ''
    for (const { kind, facts } of lines) {
      text += line(facts)
      count(kind, 1)
    }
    if (text !== '') yield hashed(text)
  }
  // With a trailer it would be the dump of a journal that lost nothing.
  if (opened.lostTail !== undefined) throw opened.lostTail
  const found = Object.fromEntries(SECTIONS.map(([kind, name]) => [name, counts.get(kind)]))
  yield line({ kind: 'trailer', runs, ...found, sha256: hash.digest('hex') })
}

function header({ meta, tip }: Dumpable, run: string | undefined, fakes?: Anonymous): string {
  const { id: journal, createdAt, durability, secrets } = meta
  const { epoch = 0, commit = 0, at = createdAt, elapsed = createdAt } = tip ?? {}
  const chain = tip === undefined ? '' : tip.chain.toString('hex')
  const counts = tip?.counts ?? noCounts()
  const own = { journal, createdAt, durability, epoch, commit, chain, at, elapsed, counts }
  const hidden = secrets !== undefined && { secrets }
  const only = run !== undefined && { run: fakes?.run(run) ?? run }
  const changed = fakes !== undefined && ({ anonymized: true } as const)
  return line(headerLine({ ...own, ...hidden, ...only, ...changed }))
}

function recordLines(
  { run, seq: record, at, elapsed, entries }: StoredRecord,
  fakes: Anonymous | undefined,
): string {
  let text = ''
  let seq = record
  try {
    for (const entry of entries) {
      const { type } = entry
      const common = { kind: 'entry', run, seq, record, at, elapsed, type }
      const facts = { ...common, ...entryFacts(entry) }
      text += line(fakes === undefined ? facts : fakes.facts(facts))
      seq++
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw corrupt(keys.record(run, record), `its entry ${seq} cannot be read: ${why}`)
  }
  return text
}

const line = (object: object): string => `${JSON.stringify(object)}\n`
