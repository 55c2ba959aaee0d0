import type { Secrets } from '../../inspect/secrets.ts'
import type { Attempt, Span } from '../../inspect/span.ts'
import type { Timeline } from '../../inspect/timeline.ts'
import { maskedJson } from '../masked.ts'
import { namesOf } from '../names-of.ts'
import { originText } from '../run-header.ts'
import { dataNamesOf } from '../span-record.ts'
import { thrownIn } from '../thrown.ts'
import { isoText, tookText } from '../times.ts'
import { labelOf } from '../waterfall/labels.ts'
import { type Scale, scaleOf } from '../waterfall/scale.ts'
import { markOf } from '../waterfall/span-look.ts'
import { strokesOf } from '../waterfall/strokes.ts'
import { timesOf } from '../waterfall/waterfall.ts'
import { escaped } from './escaped.ts'
import { STYLE } from './html-style.ts'

type Masks = Pick<Secrets, 'mask'>

/** Of the lanes, in thousandths of their width. */
const UNITS = 1_000
/** Characters of a value that are shown. */
const LONGEST = 100_000

/** A run as one HTML document: nothing is loaded, nothing is run, all text is escaped. */
export function htmlReport(timeline: Timeline, now: number, secrets: Masks): string {
  const { run, workflow, spans, newest } = timeline
  const end = spans.some(({ ended }) => ended === undefined) ? Math.max(now, newest.at) : newest.at
  const scale = scaleOf(timesOf(timeline, end), UNITS, true)
  const rows = spans.map(span => rowOf(span, timeline, scale, end, secrets))
  const gaps = scale.pieces.filter(({ collapsed }) => collapsed)
  const hidden = gaps.reduce((sum, { from, to }) => sum + to - from, 0)
  const idleText = `${tookText(hidden)} of idle time in ${gaps.length} gaps are drawn shorter than they were.`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(`${workflow} ${run}`)}</title>
<style>${STYLE}</style>
</head>
<body>
${headOf(timeline, end, secrets)}
<h2>Timeline</h2>
${rows.join('\n')}
${gaps.length === 0 ? '' : `<p class="gap">${idleText}</p>`}
${outcomeOf(timeline, secrets)}
</body>
</html>
`
}

function headOf(timeline: Timeline, end: number, secrets: Masks): string {
  const { run, workflow, status, scheduled, ended, origin, entries } = timeline
  const facts: readonly (readonly [string, string])[] = [
    ['run', `<span class="id">${escaped(run)}</span>`],
    ['trigger', escaped(originText(origin))],
    ['data', valueHtml(origin.data, secrets, namesOf(origin.event, workflow))],
    ['scheduled', isoText(scheduled.at)],
    ...(ended === undefined ? [] : [['ended', isoText(ended.at)] as const]),
    ['took', tookText((ended?.at ?? end) - scheduled.at)],
    ['entries', String(entries)],
  ]
  const rows = facts.map(([name, told]) => `<tr><th>${name}</th><td>${told}</td></tr>`)
  return `<h1>${escaped(workflow)} <span class="status-${status}">${status}</span></h1>
<table class="facts">${rows.join('')}</table>`
}

function rowOf(span: Span, timeline: Timeline, scale: Scale, end: number, secrets: Masks): string {
  const { name, told } = labelOf(span, timeline, end)
  const { mark } = markOf(span, { ascii: false })
  const bars = strokesOf(span, end).map(({ from, to, ink }) => {
    const left = scale.columnOf(from) / 10
    const width = Math.max(0.2, scale.columnOf(to) / 10 - left)
    return `<i class="${ink}" style="left:${left}%;width:${Math.round(width * 10) / 10}%"></i>`
  })
  const took = tookText((span.ended?.at ?? end) - span.begun.at)
  const title = `${mark} ${escaped(name)} <small>${escaped(told)}</small>`
  const until = span.ended === undefined ? '' : ` to ${isoText(span.ended.at)}`
  return `<details class="row"><summary><span class="name">${title}</span>\
<span class="lane">${bars.join('')}</span><span class="took">${took}</span></summary>
<div class="inside"><p>${span.kind}, ${span.state}, entry ${span.seq}, ${isoText(span.begun.at)}${until}</p>
${span.attempts.map(attempt => attemptHtml(attempt, secrets)).join('\n')}
${resultHtml(span, secrets)}</div></details>`
}

function attemptHtml(
  { number, state, begun, ended, error, late }: Attempt,
  secrets: Masks,
): string {
  const took = ended === undefined ? '' : ` after ${tookText(ended.at - begun.at)}`
  const failed = error === undefined ? '' : errorHtml(error)
  const came =
    late === undefined
      ? ''
      : `<p>came late, and was not applied</p>${valueHtml(late.value, secrets)}`
  return `<p>attempt ${number}, ${isoText(begun.at)}: ${state}${took}</p>${failed}${came}`
}

function resultHtml(span: Span, secrets: Masks): string {
  const { state, value, kind } = span
  if (value === undefined || (state === 'failed' && kind === 'step')) return ''
  return state === 'failed' || kind === 'code'
    ? errorHtml(value)
    : valueHtml(value, secrets, dataNamesOf(span))
}

function outcomeOf({ outcome, parked, cancelRequested }: Timeline, secrets: Masks): string {
  const cancel =
    cancelRequested === undefined ? '' : `<p>Cancelled: ${escaped(cancelRequested.reason)}</p>`
  if (parked !== undefined) {
    return `<h2>Parked: ${escaped(parked.code)}</h2>${valueHtml(parked.report, secrets)}`
  }
  switch (outcome?.kind) {
    case 'completed':
      return `<h2>Output</h2>${valueHtml(outcome.output, secrets)}`
    case 'failed':
      return `<h2>Error</h2>${errorHtml(outcome.error)}`
    case 'continued':
      return `<p>It goes on as ${escaped(outcome.successor)}.</p>`
    case 'cancelled':
      return cancel === '' ? `<p>Cancelled: ${escaped(outcome.reason)}</p>` : cancel
    case 'skipped':
      return `<p>Skipped: ${escaped(outcome.reason)}</p>`
    case undefined:
      return cancel
    default:
      return outcome satisfies never
  }
}

function valueHtml(bytes: Uint8Array, secrets: Masks, of?: readonly string[]): string {
  // Nothing was returned: one byte says so.
  if (bytes.length === 1) return ''
  const text = JSON.stringify(maskedJson(bytes, secrets, of), undefined, 2)
  return `<pre>${escaped(text.slice(0, LONGEST))}${text.length > LONGEST ? '\n...' : ''}</pre>`
}

function errorHtml(bytes: Uint8Array): string {
  const { title, causes, stack } = thrownIn(bytes)
  const told = [title, ...causes.map(cause => `cause: ${cause}`), stack]
  return `<pre>${escaped(told.filter(text => text !== '').join('\n'))}</pre>`
}
