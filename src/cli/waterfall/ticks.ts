import { tookText } from '../times.ts'
import { widthOf } from '../width.ts'
import type { Piece, Scale } from './scale.ts'

const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000],
  ...[60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000],
  ...[43_200_000, 86_400_000, 172_800_000, 604_800_000, 2_592_000_000, 31_536_000_000],
]
/** Columns from one label to the next. */
const APART = 9

interface Label {
  readonly column: number
  readonly text: string
}

/** The line above the lanes: how long after the beginning. What would touch another is left out. */
export function ticksOf(scale: Scale, ascii: boolean): string {
  const start = scale.pieces[0]?.from ?? 0
  const gaps = scale.pieces.filter(({ collapsed }) => collapsed).map(piece => gapOf(piece, ascii))
  const own = scale.pieces.filter(({ collapsed }) => !collapsed)
  const labels = own.flatMap((piece, at) => labelsIn(piece, start, at > 0))
  const [first, ...others] = labels
  let line = ''.padEnd(scale.columns)
  for (const label of [...(first === undefined ? [] : [first]), ...gaps, ...others]) {
    line = withLabel(line, label)
  }
  return line.trimEnd()
}

function gapOf({ from, to, column, columns }: Piece, ascii: boolean): Label {
  const mark = ascii ? '//' : '≈'
  const full = `${mark}${tookText(to - from)}${mark}`
  const text = widthOf(full) <= columns ? full : mark.slice(0, columns)
  return { column: column + Math.floor((columns - widthOf(text)) / 2), text }
}

function labelsIn(
  { from, to, column, columns }: Piece,
  start: number,
  behindGap: boolean,
): Label[] {
  const sign = behindGap ? '+' : ''
  const labelled = (at: number, where: number): Label => ({
    column: where,
    text: `${sign}${tookText(at - start).replace(' ', '')}`,
  })
  const labels = [labelled(from, column)]
  const step = STEPS.find(each => ((to - from) / each) * APART <= columns) ?? to - from
  const begin = (Math.floor((from - start) / step) + 1) * step + start
  for (let at = begin; at < to; at += step) {
    labels.push(labelled(at, column + Math.floor(((at - from) / (to - from)) * columns)))
  }
  return labels
}

function withLabel(line: string, { column, text }: Label): string {
  const end = column + text.length
  const around = line.slice(Math.max(0, column - 1), end + 1)
  if (around.trim() !== '' || end > line.length) return line
  return line.slice(0, column) + text + line.slice(end)
}
