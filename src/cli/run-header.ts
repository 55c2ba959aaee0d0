import { maskedLimit } from '../inspect/masked-limit.ts'
import type { Secrets } from '../inspect/secrets.ts'
import type { Origin, Timeline } from '../inspect/timeline.ts'
import { type Looks, paint } from './looks.ts'
import { namesOf } from './names-of.ts'
import { said } from './said.ts'
import { statusLook } from './status.ts'
import { isoText, momentIn, tookText } from './times.ts'
import { dataText, valueText } from './value-text.ts'
import { cut, widthOf } from './width.ts'

/** Column in which facts begin. */
const FACTS = 10

/** What there is to say of a run before its steps. */
export function runHeader(
  timeline: Timeline,
  looks: Looks,
  now: number,
  secrets: Pick<Secrets, 'mask'>,
): string[] {
  const fact = factLine(looks)
  const { origin, scheduled } = timeline
  const given = dataText(origin.data, namesOf(origin.event, timeline.workflow), secrets)
  const when = looks.time === 'relative' ? ` (${momentIn(scheduled.at, now, looks)})` : ''
  return [
    ...titleLines(timeline, looks, now),
    fact('trigger', given === 'undefined' ? originText(origin) : `${originText(origin)} ${given}`),
    fact('at', `${looks.time === 'epoch' ? scheduled.at : isoText(scheduled.at)}${when}`),
    ...outcomeFacts(timeline, secrets).map(([name, told]) => fact(name, told)),
  ]
}

const factLine =
  (looks: Looks) =>
  (name: string, told: string): string =>
    paint(looks, 'dim', name.padEnd(FACTS)) +
    cut(said(told, looks), looks.columns - FACTS, looks.ascii)

/** As many of its parts on a line as there is room for. */
function titleLines(timeline: Timeline, looks: Looks, now: number): string[] {
  const { workflow, run, status, scheduled, ended } = timeline
  const { mark, style } = statusLook(status, looks)
  const took = tookText((ended?.at ?? Math.max(now, timeline.newest.at)) - scheduled.at)
  const words: readonly (readonly [string, (text: string) => string])[] = [
    [said(workflow, looks), text => paint(looks, 'bold', text)],
    [said(run, looks), text => text],
    [`${mark} ${status}`, text => paint(looks, style, text)],
    [took, text => text],
    ...countWords(timeline, looks).map(
      count => [count, (text: string) => paint(looks, 'dim', text)] as const,
    ),
  ]
  const lines: string[] = []
  let [line, width] = ['', 0]
  for (const [word, painted] of words) {
    const text = cut(word, looks.columns, looks.ascii)
    const own = widthOf(text)
    if (width > 0 && width + 2 + own > looks.columns) {
      lines.push(line)
      ;[line, width] = ['', 0]
    }
    line += (width > 0 ? '  ' : '') + painted(text)
    width += (width > 0 ? 2 : 0) + own
  }
  return [...lines, line]
}

/** On one line, where there is room for it. */
function countWords(timeline: Timeline, { columns, ascii }: Looks): string[] {
  const counts = countsOf(timeline)
  const line = counts.join(ascii ? ' - ' : ' · ')
  return widthOf(line) <= columns ? [line] : counts
}

function countsOf({ spans, entries, bytes }: Timeline): string[] {
  const steps = spans.filter(({ kind }) => kind === 'step')
  const attempts = steps.reduce((sum, { attempts }) => sum + attempts.length, 0)
  return [
    counted(steps.length, 'step'),
    ...(attempts === steps.length ? [] : [counted(attempts, 'attempt')]),
    entries === 1 ? '1 entry' : `${entries} entries`,
    sizeText(bytes),
  ]
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** What started it. */
export function originText({ event, schedule, continues, parents }: Origin): string {
  const [parent] = parents
  const told = [
    ...(event === undefined ? [] : [`${event.name} ${event.id}`]),
    ...(schedule === undefined ? [] : [`schedule ${schedule}`]),
    ...(parent === undefined
      ? []
      : [`child of ${parent.run}${parents.length > 1 ? ' and others' : ''}`]),
    ...(continues === undefined ? [] : [`goes on for ${continues}`]),
  ]
  return told.length === 0 ? 'start' : told.join(', ')
}

function outcomeFacts(
  { outcome, cancelRequested, parked, marks }: Timeline,
  secrets: Pick<Secrets, 'mask'>,
): [name: string, told: string][] {
  const facts: [string, string][] = []
  for (const { entry } of marks) {
    if (entry.type === 'slot.set') {
      facts.push(['holds', entry.holds.map(id => maskedLimit(id, secrets)).join(', ')])
    }
    if (entry.type === 'run.joined') facts.push(['joined', counted(entry.events.length, 'event')])
  }
  if (cancelRequested !== undefined) facts.push(['cancel', cancelRequested.reason || 'requested'])
  if (parked !== undefined) facts.push(['parked', parked.code])
  switch (outcome?.kind) {
    case 'completed':
      return [...facts, ['output', valueText(outcome.output, secrets)]]
    case 'continued':
      return [...facts, ['goes on', `as ${outcome.successor}`]]
    case 'cancelled':
      return cancelRequested === undefined ? [...facts, ['cancelled', outcome.reason]] : facts
    case 'skipped':
      return [
        ...facts,
        ['skipped', `${outcome.reason}${outcome.by === undefined ? '' : `, by ${outcome.by}`}`],
      ]
    case 'failed':
    case undefined:
      return facts
    default:
      return outcome satisfies never
  }
}
