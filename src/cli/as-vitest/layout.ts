/** Source text, or what may be broken into several lines where it is too long. */
export type Source = string | Group

export interface Group {
  readonly open: string
  readonly items: readonly Source[]
  readonly close: string
  /** Blanks inside the brackets while it is on one line. */
  readonly isSpaced?: true
  /** Arguments: the last one may begin on the line of the call. */
  readonly isCall?: true
}

const WIDTH = 100

export const call = (name: string, ...items: readonly Source[]): Group => ({
  open: `${name}(`,
  items,
  close: ')',
  isCall: true,
})

export const array = (items: readonly Source[]): Group => ({ open: '[', items, close: ']' })

export const object = (items: readonly Source[]): Group => ({
  open: '{',
  items,
  close: '}',
  isSpaced: true,
})

/** The source with something in front. */
export const behind = (text: string, source: Source): Source =>
  typeof source === 'string' ? text + source : { ...source, open: text + source.open }

/** The lines of a statement, `indent` blanks in. */
export function laidOut(source: Source, indent = 0): string {
  const text = broken(source, indent, WIDTH - indent)
  return `${' '.repeat(indent)}${text}\n`
}

function flat(source: Source): string {
  if (typeof source === 'string') return source
  const { open, items, close, isSpaced } = source
  const blank = isSpaced && items.length > 0 ? ' ' : ''
  return `${open}${blank}${items.map(flat).join(', ')}${blank}${close}`
}

/** `room`: how much may stand on the first line. */
function broken(source: Source, indent: number, room: number): string {
  const text = flat(source)
  if (typeof source === 'string' || source.items.length === 0) return text
  if (text.length <= room && !isTable(source)) return text
  const { open, items, close, isCall } = source
  const [beforeLast, last] = [items.at(-2), items.at(-1)]
  if (
    isCall &&
    isLiteral(last) &&
    !items.slice(0, -1).some(isTable) &&
    !isAlike(beforeLast, last)
  ) {
    const before = items.slice(0, -1).map(item => `${flat(item)}, `)
    const lead = open + before.join('')
    const hugged = lead + broken(last, indent, room - lead.length - close.length) + close
    const first = hugged.split('\n', 1)[0] ?? ''
    if (first.length <= room) return hugged
  }
  const inside = indent + 2
  const pad = ' '.repeat(inside)
  const lines = items.map(item => `${pad}${broken(item, inside, WIDTH - inside - 1)},\n`)
  return `${open}\n${lines.join('')}${' '.repeat(indent)}${close}`
}

/** Of arguments only such may begin on the line of the call. */
const isLiteral = (source: Source | undefined): source is Group =>
  typeof source === 'object' && !source.isCall

const isAlike = (a: Source | undefined, b: Group): boolean => isLiteral(a) && a.open === b.open

/** Whether something in it has rows, which always have a line each: arrays of arrays, or of objects. */
function isTable(source: Source): boolean {
  if (typeof source === 'string') return false
  const { open, items } = source
  const isRow = (item: Source): boolean =>
    isLiteral(item) && item.items.length > 1 && /^[[{]$/.test(item.open)
  const [first, ...rest] = items
  const hasRows =
    open.endsWith('[') &&
    first !== undefined &&
    rest.length > 0 &&
    items.every(item => isRow(item) && isAlike(item, first as Group))
  return hasRows || items.some(isTable)
}
