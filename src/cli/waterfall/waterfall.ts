import type { Timeline } from '../../inspect/timeline.ts'
import { type Looks, paint } from '../looks.ts'
import { plain } from '../plain.ts'
import { cut, pad, widthOf } from '../width.ts'
import { MOST_ROWS, type Row, rowsOf } from './rows.ts'
import { type Scale, scaleOf } from './scale.ts'
import { type Ink, inkLook } from './span-look.ts'
import { type Stroke, strokesOf } from './strokes.ts'
import { ticksOf } from './ticks.ts'

export interface WaterfallOptions {
  /** Wall clock, ms: how far what is open is drawn. */
  readonly now: number
  /** Idle gaps are drawn as long as they were. Default: collapsed. */
  readonly collapse?: boolean
  /** Many rows are not folded. */
  readonly all?: boolean
}

const LABEL_LEAST = 14
const LABEL_MOST = 28
const LANE_LEAST = 10
const TOOK = 7
/** Narrower ones have no numbers. */
const NUMBERED = 60

/** Draws the spans of a run as lines; nothing for one without any. */
export function waterfall(timeline: Timeline, looks: Looks, options: WaterfallOptions): string {
  const { collapse = true, all = false } = options
  if (timeline.spans.length === 0) return ''
  const now = nowOf(timeline, options)
  const rows = rowsOf(timeline, looks, now, all)
  const layout = layoutOf(rows, looks)
  const scale = scaleOf(timesOf(timeline, now), layout.lane, collapse)
  const head = `${' '.repeat(layout.label)}${paint(looks, 'dim', ticksOf(scale, looks.ascii))}`
  const lines = rows.map(row => lineOf(row, layout, scale, looks))
  const note = cut(foldNote(timeline, rows), looks.columns, looks.ascii)
  return [head, ...lines, legend(rows, scale, looks), ...(note === '' ? [] : [note])]
    .map(line => `${line.trimEnd()}\n`)
    .join('')
}

/** What is open goes on until now; nothing else does. */
function nowOf({ newest, spans }: Timeline, { now }: WaterfallOptions): number {
  const isOpen = spans.some(({ ended }) => ended === undefined)
  return isOpen ? Math.max(now, newest.at) : newest.at
}

function timesOf(
  { scheduled, newest, spans }: Timeline,
  now: number,
): Parameters<typeof scaleOf>[0] {
  const strokes = spans.flatMap(span => strokesOf(span, now))
  const busy = strokes.filter(({ ink }) => ink === 'running' || ink === 'late')
  const moments = strokes.flatMap(({ from, to }) => [from, to])
  return { moments: [scheduled.at, newest.at, ...moments], busy }
}

interface Layout {
  readonly numbers: number
  /** Columns in front of the lanes. */
  readonly label: number
  readonly lane: number
}

function layoutOf(rows: readonly Row[], { columns }: Looks): Layout {
  const numbers = columns < NUMBERED ? 0 : Math.max(3, String(rows.length).length) + 1
  const front = numbers + 3
  const widest = rows.reduce((most, row) => Math.max(most, widthOf(textOf(row))), 0)
  const most = Math.min(LABEL_MOST, columns - front - 1 - LANE_LEAST - 1 - TOOK)
  const label = front + Math.max(Math.min(LABEL_LEAST, most), Math.min(widest, most)) + 1
  return { numbers, label, lane: columns - label - 1 - TOOK }
}

/** What it is stands behind what it is called, unless it says the same. */
const textOf = ({ name, told }: Row): string => {
  const [called, is] = [plain(name), plain(told)]
  return is === '' || is.startsWith(`${called} `) ? is || called : `${called}  ${is}`
}

function lineOf(row: Row, layout: Layout, scale: Scale, looks: Looks): string {
  const { numbers, label, lane } = layout
  const number = numbers === 0 ? '' : `${String(row.number).padStart(numbers - 1)} `
  const name = cut(textOf(row), label - numbers - 4, looks.ascii)
  const mark = paint(looks, row.look.style, row.look.mark)
  const front = `${number}${row.bracket}${mark} ${pad(name, label - numbers - 3)}`
  const drawn =
    typeof row.lane === 'string'
      ? pad(cut(row.lane, lane, looks.ascii), lane)
      : laneOf(row.lane, scale, looks)
  return `${front}${drawn} ${pad(row.took, TOOK, 'right')}`
}

function laneOf(strokes: readonly Stroke[], scale: Scale, looks: Looks): string {
  const cells: (Ink | undefined)[] = new Array(scale.columns).fill(undefined)
  for (const { from, to, ink } of strokes) {
    const begin = scale.columnOf(from)
    const end = Math.max(begin + 1, scale.columnOf(to))
    cells.fill(ink, begin, end)
  }
  let lane = ''
  for (let at = 0; at < cells.length; ) {
    const ink = cells[at]
    let end = at
    while (end < cells.length && cells[end] === ink) end++
    const { mark, style } =
      ink === undefined ? { mark: ' ', style: 'reset' as const } : inkLook(ink, looks)
    const run = mark.repeat(end - at)
    lane += ink === undefined ? run : paint(looks, style, run)
    at = end
  }
  return lane
}

/** Only of what is to be seen. */
function legend(rows: readonly Row[], scale: Scale, looks: Looks): string {
  const seen = new Set(
    rows.flatMap(({ lane }) => (typeof lane === 'string' ? [] : lane.map(({ ink }) => ink))),
  )
  const told = [...seen].map(ink => {
    const { mark, told } = inkLook(ink, looks)
    return `${mark} ${told}`
  })
  if (scale.pieces.some(({ collapsed }) => collapsed)) {
    told.push(`${looks.ascii ? '//' : '≈'} idle, collapsed`)
  }
  let line = ''
  const lines: string[] = []
  for (const each of told) {
    if (line !== '' && widthOf(`   ${line}  ${each}`) > looks.columns) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? `   ${each}` : `  ${each}`
  }
  return paint(looks, 'dim', [...lines, line].join('\n'))
}

function foldNote({ spans }: Timeline, rows: readonly Row[]): string {
  return spans.length > MOST_ROWS && rows.length < spans.length
    ? `   ${spans.length} rows, folded by name: --all shows each`
    : ''
}
