import type { Head } from '../../journal/head.ts'
import { keys } from '../../journal/keys.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import type { Context } from './context.ts'
import { entryRecordOf } from './entry-record.ts'
import { entryText } from './entry-text.ts'
import { type Exit, exit } from './exit.ts'
import type { Looks } from './looks.ts'
import type { Opened } from './opened.ts'
import type { Item } from './output.ts'
import type { EntryRecord } from './records/entry.ts'
import { RunEntries, type RunEntry } from './run-entries.ts'
import { runNamed } from './run-ref.ts'
import type { Cell, Column } from './table.ts'
import { isoText, tookText } from './times.ts'

export interface EventsOptions {
  readonly limit?: number
  readonly raw?: true
}

const COLUMNS: readonly Column[] = [
  { name: 'SEQ', align: 'right' },
  { name: 'TIME', gives: 3 },
  { name: 'TYPE' },
  { name: 'STEP', gives: 1 },
  { name: 'DATA', gives: 2, grows: true },
  { name: 'TOOK', align: 'right', gives: 4 },
]
const RAW: readonly Column[] = [
  { name: 'KEY' },
  { name: 'BYTES', align: 'right' },
  { name: 'CHECK' },
]

/** `perdure events <run>` */
export function events(context: Context, ref: string, options: EventsOptions): Promise<Exit> {
  const { limit = Number.POSITIVE_INFINITY, raw = false } = options
  return context.journal(async opened => {
    const head = await runNamed(ref, opened.source)
    if (raw && opened.reader === undefined) {
      await context.tell('An engine answers, and keeps its rows to itself: --raw needs --snapshot.')
    }
    const items = itemsOf(head, opened, context, { limit, raw })
    const isRaw = raw && opened.reader !== undefined
    const count = await context.output.list('entry', items, isRaw ? [...COLUMNS, ...RAW] : COLUMNS)
    const left = head.seq - count
    if (left > 0) await context.tell(`${left} more: --limit ${count + Math.min(left, count)}`)
    return exit.ok
  })
}

async function* itemsOf(
  head: Head,
  opened: Opened,
  { secrets, output }: Context,
  { limit, raw }: Required<Omit<EventsOptions, 'raw'>> & { readonly raw: boolean },
): AsyncGenerator<Item> {
  const reader = new RunEntries()
  let count = 0
  for await (const page of opened.source.records(head.run)) {
    for (const found of page.flatMap(record => reader.read(record))) {
      if (count++ === limit) return
      const told = recordOf(found, head, secrets)
      const row = raw ? await rawOf(found, opened) : undefined
      const record: EntryRecord = row === undefined ? told : { ...told, raw: row }
      yield { record, cells: () => cellsOf(found, record, output.looks) }
    }
  }
}

/** An entry for programs, with the step that it is of. */
export function recordOf(
  { seq, entry, record, step }: RunEntry,
  { run, workflow }: Pick<Head, 'run' | 'workflow'>,
  secrets: Context['secrets'],
): EntryRecord {
  const placed = { run, workflow, seq, entry, at: record.at }
  return entryRecordOf({ ...placed, ...(step !== undefined && { step }) }, secrets)
}

function cellsOf(
  { seq, entry, record, step, took }: RunEntry,
  told: EntryRecord,
  looks: Looks,
): Cell[] {
  const { raw } = told
  return [
    { text: String(seq) },
    { text: timeText(record.at, looks), style: 'dim' },
    { text: entry.type, ...(/failed$|parked$/.test(entry.type) && { style: 'red' as const }) },
    { text: step ?? '' },
    { text: entryText(entry, told, record.elapsed) },
    { text: took === undefined ? '' : tookText(took) },
    ...(raw === undefined
      ? []
      : [{ text: raw.key }, { text: String(raw.bytes) }, { text: raw.check }]),
  ]
}

/** Of one run, and people look at a day at a time. */
const timeText = (at: number, { time, isTerminal }: Looks): string =>
  time === 'epoch'
    ? String(at)
    : time === 'iso' || !isTerminal
      ? isoText(at)
      : isoText(at).slice(11, 23)

/** The row that holds the entry; several entries may share it. */
async function rawOf(
  { record }: RunEntry<StoredRecord>,
  { reader }: Opened,
): Promise<EntryRecord['raw']> {
  const key = keys.record(record.run, record.seq)
  const bytes = await reader?.store.get(key)
  if (bytes === undefined) return undefined
  return { key, bytes: bytes.length, link: hex(record.link), check: hex(record.check) }
}

const hex = (checksum: number): string => (checksum >>> 0).toString(16).padStart(8, '0')
