import { type Looks, paint, type Style } from './looks.ts'
import { cut, widthOf } from './width.ts'

export interface Column {
  readonly name: string
  readonly align?: 'right'
  /** Those of a higher number go first where there is too little room. Absent: it stays. */
  readonly gives?: number
  /** Takes what is left over; its text is cut where that is too little. */
  readonly grows?: true
}

export interface Cell {
  readonly text: string
  readonly style?: Style
}

const GAP = 2
/** A column that grows is given up rather than be narrower. */
const LEAST = 12

/** Lines with columns, without a frame; no line is wider than the looks allow. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  looks: Looks,
  { header = true }: { readonly header?: boolean } = {},
): string {
  const widths = columns.map(({ name }, at) =>
    Math.max(widthOf(name), ...rows.map(row => widthOf(row[at]?.text ?? ''))),
  )
  const shown = fitting(columns, widths, looks.columns)
  const names = columns.map(({ name }): Cell => ({ text: name, style: 'dim' }))
  return [...(header ? [names] : []), ...rows]
    .map(row => line(shown.map(({ at, width, align }) => cellText(row[at], width, align, looks))))
    .join('')
}

/** Tabs between, nothing cut: for programs. */
export const plainTable = (rows: readonly (readonly Cell[])[]): string =>
  rows.map(row => `${row.map(({ text }) => text).join('\t')}\n`).join('')

interface Shown {
  readonly at: number
  readonly width: number
  readonly align: 'left' | 'right'
}

function fitting(
  columns: readonly Column[],
  widths: readonly number[],
  total: number,
): readonly Shown[] {
  const kept = new Set(columns.keys())
  const least = (at: number): number =>
    columns[at]?.grows === true ? Math.min(LEAST, widths[at] ?? 0) : (widths[at] ?? 0)
  const taken = (): number =>
    [...kept].reduce((sum, at) => sum + least(at), 0) + GAP * Math.max(0, kept.size - 1)
  const leaving = [...columns.keys()]
    .filter(at => columns[at]?.gives !== undefined)
    .sort((a, b) => (columns[b]?.gives ?? 0) - (columns[a]?.gives ?? 0))
  for (const at of leaving) if (taken() > total) kept.delete(at)
  let rest = Math.max(0, total - taken())
  return [...kept].map(at => {
    const more = Math.min(rest, (widths[at] ?? 0) - least(at))
    rest -= more
    const width = Math.min(least(at) + more, total)
    return { at, width, align: columns[at]?.align ?? 'left' }
  })
}

function cellText(
  cell: Cell | undefined,
  width: number,
  align: 'left' | 'right',
  looks: Looks,
): string {
  const { text = '', style } = cell ?? {}
  const fitted = cut(text, width, looks.ascii)
  const painted = style === undefined ? fitted : paint(looks, style, fitted)
  const blanks = ' '.repeat(Math.max(0, width - widthOf(fitted)))
  return align === 'left' ? painted + blanks : blanks + painted
}

const line = (cells: readonly string[]): string => `${cells.join(' '.repeat(GAP)).trimEnd()}\n`
