import stringWidth from 'string-width'

const SEGMENTS = new Intl.Segmenter()

/** How many columns a text takes. */
export const widthOf = (text: string): number => (isNarrow(text) ? text.length : stringWidth(text))

/** Cuts a text of one line to so many columns, with a mark where something is missing. */
export function cut(text: string, columns: number, ascii = false): string {
  if (widthOf(text) <= columns) return text
  const mark = ascii ? '~' : '…'
  if (columns <= 1) return columns === 1 ? mark : ''
  let kept = ''
  let width = 0
  for (const { segment } of SEGMENTS.segment(text)) {
    const own = widthOf(segment)
    if (width + own > columns - 1) break
    kept += segment
    width += own
  }
  return `${kept}${mark}`
}

/** Fills up with blanks, on the right or on the left. */
export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, columns - widthOf(text)))
  return align === 'left' ? text + blanks : blanks + text
}

const isNarrow = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)
