import { resolve } from 'node:path'
import type { Kept, KeptRows, Salvaged, SalvageProgress } from '../../journal/salvage/report.ts'
import { salvage as save } from '../../journal/salvage.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { journalPlace } from './journal-dir.ts'
import { type Looks, paint } from './looks.ts'
import { isFile, mustBeThere } from './opened.ts'
import { plain } from './plain.ts'
import { Progress } from './progress.ts'
import type { SalvagedRecord } from './records/loaded.ts'
import { withScratch } from './scratch.ts'
import { table } from './table.ts'
import { UsageError } from './usage.ts'
import { fromHere } from './wrap.ts'

export interface SalvageCommandOptions {
  readonly into: string
}

/** `perdure salvage` */
export async function salvage(
  context: Context,
  dir: string | undefined,
  options: SalvageCommandOptions,
): Promise<Exit> {
  const { io, globals, output } = context
  const from = journalPlace(dir === undefined ? globals : { ...globals, dir }, io)
  mustBeDirectory(from)
  const into = resolve(io.cwd, options.into)
  const steps = {
    reading: { progress: new Progress(context, 'reading'), unit: 'kB', by: 1_000 },
    saving: { progress: new Progress(context, 'saving'), unit: 'entries', by: 1 },
  }
  const onProgress = ({ phase, done, total }: SalvageProgress): void => {
    const { progress, unit, by } = steps[phase]
    progress.at(Math.round(done / by), Math.round(total / by), unit)
  }
  const saved = await withScratch(io.scratch, scratch =>
    save(from, { into, now: io.now(), scratch, onProgress }),
  ).finally(() => {
    for (const { progress } of Object.values(steps)) progress.clear()
  })
  const record = recordOf(saved, from, into)
  await output.one(record, () => fromHere(textOf(record, output.looks), io.cwd))
  await context.tell(nextOf(record))
  return record.complete ? exit.ok : exit.damaged
}

/** Throws NOT_FOUND, and USAGE_INVALID for a dump. */
function mustBeDirectory(place: string): void {
  if (!isFile(place)) return mustBeThere(place)
  throw new UsageError('USAGE_INVALID', `${place} is a file: only directories can be salvaged.`, {
    hint: 'Of a dump, `perdure load` makes a journal; of one that is cut or changed nothing is taken.',
    facts: { place },
  })
}

function recordOf(saved: Salvaged, from: string, into: string): SalvagedRecord {
  const { cut, lost, mayBeMore, events, inputs, schedules, limits, damage, ...rest } = saved
  const complete =
    cut.length + lost.length + events.lost + inputs.lost === 0 &&
    !mayBeMore &&
    [schedules, limits].every(rows => rows.lost.length === 0 && !rows.mayBeOld)
  return {
    ...{ v: 1, kind: 'salvaged', from, into, complete, ...rest, mayBeMore },
    ...{ cut: [...cut], lost: [...lost], damage: [...damage] },
    ...{ events, inputs, schedules: rowsOf(schedules), limits: rowsOf(limits) },
  }
}

const rowsOf = ({ kept, lost, mayBeOld }: KeptRows) => ({ kept, lost: [...lost], mayBeOld })

/** Those that are told one by one; the record has all of them. */
const TOLD = 20

function textOf(record: SalvagedRecord, looks: Looks): string {
  const { complete, whole, cut, lost, mayBeMore, damage } = record
  const title = complete
    ? 'nothing was lost'
    : `saved what there is: ${runs(whole)} whole, ${cut.length} cut, ${lost.length} lost`
  const parts = [
    `${paint(looks, ['bold', complete ? 'green' : 'yellow'], title)}\n`,
    `  ${countsOf(record)}\n  into ${plain(record.into)}\n`,
    cutText(record, looks),
    ...more('lost run', lost),
    mayBeMore ? '\nCommits are missing: more may be lost, of which nothing tells.\n' : '',
    ...more(
      'damage in',
      damage.map(({ file, offset, why }) => `${file}, byte ${offset}: ${why}`),
    ),
  ]
  return parts.join('')
}

function countsOf({ whole, cut, entries, events, inputs, schedules, limits }: SalvagedRecord) {
  const told = [
    `${runs(whole + cut.length)}, ${entries} entries`,
    keptText('event', events),
    keptText('waiting input', inputs),
    rowsText('schedule', schedules),
    rowsText('limit', limits),
  ]
  return told.filter(text => text !== '').join(', ')
}

const runs = (count: number): string => (count === 1 ? '1 run' : `${count} runs`)

function keptText(what: string, { kept, lost }: Kept): string {
  if (kept + lost === 0) return ''
  if (lost > 0) return `${kept} of ${kept + lost} ${what}s`
  return `${kept} ${what}${kept === 1 ? '' : 's'}`
}

function rowsText(what: string, { kept, lost, mayBeOld }: KeptRows): string {
  const counted = keptText(what, { kept, lost: lost.length })
  return mayBeOld ? `${counted === '' ? `no ${what}s` : counted} (may be old)` : counted
}

function cutText({ cut }: SalvagedRecord, looks: Looks): string {
  if (cut.length === 0) return ''
  const columns = [
    { name: 'CUT RUN' },
    { name: 'ENTRIES', align: 'right' },
    { name: 'NOW' },
    { name: 'WHY', grows: true },
  ] as const
  const rows = cut
    .slice(0, TOLD)
    .map(({ run, entries, parked, why }) => [
      { text: plain(run) },
      { text: String(entries) },
      { text: parked ? 'parked' : '' },
      { text: plain(why) },
    ])
  const rest = cut.length - rows.length
  return `\n${table(columns, rows, looks)}${rest > 0 ? `and ${rest} more\n` : ''}`
}

function more(what: string, found: readonly string[]): readonly string[] {
  const all = [...new Set(found)]
  if (all.length === 0) return []
  const rest = all.length - TOLD
  const lines = all.slice(0, TOLD).map(each => `${what} ${plain(each)}\n`)
  return ['\n', ...lines, ...(rest > 0 ? [`and ${rest} more\n`] : [])]
}

function nextOf({ from, into, cut }: SalvagedRecord): string {
  const parked = cut.some(each => each.parked)
    ? '\nA parked run stands still until `perdure retry <run>`; it may do again what it had done.'
    : ''
  return `${plain(from)} was not changed. Look at what was saved: perdure list -d ${plain(into)}${parked}`
}
