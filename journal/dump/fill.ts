import type { Meta } from '../meta.ts'
import type { Store } from '../store.ts'
import type { Tip } from '../tip.ts'
import { badLine, type DumpName } from './fault.ts'
import type { DumpHeader } from './header.ts'
import type { DumpItem } from './item.ts'
import type { DumpPieces } from './lines.ts'
import { Loading } from './loading.ts'
import { readDump } from './reader.ts'
import { Misshapen } from './shape.ts'

/** A store that was filled from a dump. */
export interface Filled {
  readonly header: DumpHeader
  readonly meta: Meta
  readonly tip: Tip
  readonly runs: number
  readonly entries: number
}

/** Given how many entries were loaded so far, now and then. */
export type OnProgress = (entries: number) => void

/** Makes a journal on an empty store of a dump. When it throws, what is in the store is none. */
export async function fillStore(
  store: Store,
  pieces: DumpPieces,
  dump: DumpName,
  onProgress: OnProgress | undefined,
): Promise<Filled> {
  let loading: Loading | undefined
  let header: DumpHeader | undefined
  try {
    for await (const items of readDump(pieces, dump)) {
      for (const item of items) {
        if (item.kind === 'header') {
          header = item.header
          loading = new Loading(store, header)
        } else if (loading !== undefined) {
          take(loading, item, dump)
          if (loading.isFull) await loading.write()
        }
      }
      onProgress?.(loading?.entries ?? 0)
    }
    // The reader has seen that there is a header.
    if (loading === undefined || header === undefined) throw new Error('there was no header')
    for (const { run, row, line } of await loading.undelivered()) {
      throw badLine(dump, line, `the event ${row} is missing, which is on its way to ${run}`)
    }
    const reached = await loading.finish()
    return { header, ...reached, runs: loading.runs, entries: loading.entries }
  } catch (error) {
    await loading?.discard()
    throw error
  }
}

function take(loading: Loading, item: DumpItem, dump: DumpName): void {
  switch (item.kind) {
    case 'header':
      return
    case 'damage':
      throw item.error
    case 'record':
      try {
        return loading.addRecord(item.record)
      } catch (error) {
        if (!(error instanceof Misshapen)) throw error
        const { run, seq } = item.record
        throw badLine(dump, item.line, `entry ${seq} of run ${run}: ${error.message}`, { run, seq })
      }
    default:
      return loading.add(item)
  }
}
