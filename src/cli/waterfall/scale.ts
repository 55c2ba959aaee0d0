/** A stretch of time, ms. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** A part of the axis. What is idle may be drawn shorter than it was. */
export interface Piece extends Stretch {
  readonly column: number
  readonly columns: number
  readonly collapsed: boolean
}

/** Where on a line of so many columns a moment is. */
export interface Scale {
  readonly pieces: readonly Piece[]
  readonly columns: number
  readonly columnOf: (at: number) => number
}

export interface Timed {
  /** When anything began or ended: nothing is collapsed across such a moment. */
  readonly moments: readonly number[]
  /** When something ran. */
  readonly busy: readonly Stretch[]
}

const GAP_COLUMNS = 12
const GAP_LEAST = 2
/** A gap is idle for longer than this, in ms, and for more than this part of the whole. */
const LONG = 2_000
const PART = 0.02

/** A scale over all moments; idle gaps are collapsed on demand. */
export function scaleOf({ moments, busy }: Timed, columns: number, collapse: boolean): Scale {
  const points = [...new Set(moments)].sort((a, b) => a - b)
  const [first = 0] = points
  const last = points.at(-1) ?? first
  const gaps = collapse ? longest(gapsIn(points, busy, last - first), columns) : []
  const pieces = laidOut(cutAt(gaps, first, last), columns)
  return { pieces, columns, columnOf: at => columnIn(pieces, columns, at) }
}

function columnIn(pieces: readonly Piece[], columns: number, at: number): number {
  const found = pieces.findLast(({ from }) => from <= at) ?? pieces[0]
  if (found === undefined) return 0
  const { from, to, column, columns: own } = found
  const part = to === from ? 0 : Math.min(1, Math.max(0, (at - from) / (to - from)))
  return Math.min(columns - 1, Math.floor(column + part * own))
}

/** Between moments that follow each other, where nothing runs. */
function gapsIn(points: readonly number[], busy: readonly Stretch[], total: number): Stretch[] {
  const least = Math.max(LONG, total * PART)
  const runs = [...busy].sort((a, b) => a.from - b.from)
  const gaps: Stretch[] = []
  let next = 0
  let until = Number.NEGATIVE_INFINITY
  for (const [at, from] of points.entries()) {
    const to = points[at + 1]
    if (to === undefined) break
    for (let run = runs[next]; run !== undefined && run.from <= from; run = runs[++next]) {
      until = Math.max(until, run.to)
    }
    if (until <= from && to - from > least) gaps.push({ from, to })
  }
  return gaps
}

/** There must be room for what lies between. */
function longest(gaps: readonly Stretch[], columns: number): Stretch[] {
  const most = Math.max(1, Math.floor(columns / 6))
  const kept = new Set([...gaps].sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, most))
  return gaps.filter(gap => kept.has(gap))
}

type Cut = Stretch & { readonly collapsed: boolean }

function cutAt(gaps: readonly Stretch[], first: number, last: number): Cut[] {
  const cuts: Cut[] = []
  let from = first
  for (const gap of gaps) {
    cuts.push({ from, to: gap.from, collapsed: false }, { ...gap, collapsed: true })
    from = gap.to
  }
  return [...cuts, { from, to: last, collapsed: false }]
}

/** Gaps have a fixed width, all else its part of what is left; every piece is to be seen. */
function laidOut(cuts: readonly Cut[], columns: number): Piece[] {
  const gaps = cuts.filter(({ collapsed }) => collapsed).length
  const others = cuts.length - gaps
  const busy = cuts.reduce((sum, { from, to, collapsed }) => sum + (collapsed ? 0 : to - from), 0)
  const share = gaps === 0 ? 0 : Math.floor((columns - others) / (busy === 0 ? 1 : 2) / gaps)
  const gap = Math.max(GAP_LEAST, busy === 0 ? share : Math.min(GAP_COLUMNS, share))
  const rest = Math.max(0, columns - gaps * gap - others)
  let done = 0
  let column = 0
  return cuts.map(({ from, to, collapsed }) => {
    const before = busy === 0 ? 0 : Math.floor((done / busy) * rest)
    if (!collapsed) done += to - from
    const after = busy === 0 ? 0 : Math.floor((done / busy) * rest)
    const own = collapsed ? gap : 1 + after - before
    const piece = { from, to, collapsed, column, columns: own }
    column += own
    return piece
  })
}
