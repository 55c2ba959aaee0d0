import type { Span } from '../../inspect/span.ts'
import type { Timeline } from '../../inspect/timeline.ts'
import type { Looks } from '../looks.ts'
import { tookText } from '../times.ts'
import { labelOf } from './labels.ts'
import { type Look, markOf } from './span-look.ts'
import { type Stroke, strokesOf } from './strokes.ts'

/** A line of the waterfall. */
export interface Row {
  readonly number: number
  /** Those that were asked for together are bracketed. */
  readonly bracket: string
  readonly look: Look
  readonly name: string
  readonly told: string
  /** What is drawn; or, of many that are folded, what is told in its place. */
  readonly lane: readonly Stroke[] | string
  readonly took: string
}

/** More are folded by name. */
export const MOST_ROWS = 60

export function rowsOf(timeline: Timeline, looks: Looks, now: number, all: boolean): Row[] {
  const { spans } = timeline
  if (all || spans.length <= MOST_ROWS) {
    return spans.map((span, at) => rowOf(span, at, timeline, looks, now))
  }
  return folded(spans).map((same, at) => {
    const [first] = same
    const bracket = ' '
    return same.length === 1 && first !== undefined
      ? { ...rowOf(first, at, timeline, looks, now), bracket }
      : { ...manyOf(same, at, looks, now), bracket }
  })
}

function rowOf(span: Span, at: number, timeline: Timeline, looks: Looks, now: number): Row {
  return {
    number: at + 1,
    bracket: bracketOf(at, timeline.spans, looks),
    look: markOf(span, looks),
    ...labelOf(span, timeline),
    lane: strokesOf(span, now),
    took: span.kind === 'send' ? '' : tookText(endOf(span, now) - span.begun.at),
  }
}

const endOf = ({ ended }: Span, now: number): number => ended?.at ?? now

function bracketOf(at: number, spans: readonly Span[], { ascii }: Looks): string {
  const group = spans[at]?.group
  if (group === undefined) return ' '
  const [before, after] = [spans[at - 1]?.group === group, spans[at + 1]?.group === group]
  if (ascii) return '|'
  if (!before) return after ? '┌' : ' '
  return after ? '├' : '└'
}

/** By what they are and what they are called without the occurrence, in the order of the first. */
function folded(spans: readonly Span[]): Span[][] {
  const all = new Map<string, Span[]>()
  for (const span of spans) {
    const key = `${span.kind} ${baseOf(span)}`
    const same = all.get(key)
    if (same === undefined) all.set(key, [span])
    else same.push(span)
  }
  return [...all.values()]
}

const baseOf = ({ id, kind }: Span): string => (id === '' ? kind : id.replace(/:\d+$/, ''))

function manyOf(spans: readonly Span[], at: number, looks: Looks, now: number): Row {
  const times = spans.map(span => endOf(span, now) - span.begun.at).sort((a, b) => a - b)
  const part = (share: number): string =>
    tookText(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0)
  const failed = spans.filter(({ state }) => state === 'failed').length
  const open = spans.filter(({ ended }) => ended === undefined).length
  const told = [
    `p50 ${part(0.5)}`,
    `p95 ${part(0.95)}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(open > 0 ? [`${open} open`] : []),
  ]
  const worst = spans.find(({ state }) => state === 'failed') ?? spans.at(-1)
  const [first] = spans
  return {
    number: at + 1,
    bracket: ' ',
    look: markOf(worst ?? { state: 'ok' }, looks),
    name: `${first === undefined ? '' : baseOf(first)} ${looks.ascii ? 'x' : '×'}${spans.length}`,
    told: '',
    lane: told.join('  '),
    took: tookText(times.reduce((sum, time) => sum + time, 0)),
  }
}
