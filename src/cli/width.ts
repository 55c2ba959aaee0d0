import stringWidth from 'string-width'

/** Characters of one column each, whatever is beside them: nearly all that is ever printed. */
const NARROW = /^[\x20-\x7e\xa1-\xac\xae-\xff\u2010-\u2027\u2190-\u2319\u2500-\u25fc\u2713\u2717]*$/

/** How many columns a text takes. */
export const widthOf = (text: string): number => (isNarrow(text) ? text.length : stringWidth(text))

/** Cuts a text of one line to so many columns, with a mark where something is missing. */
export function cut(text: string, columns: number, ascii = false): string {
  if (widthOf(text) <= columns) return text
  const mark = ascii ? '~' : '…'
  if (columns <= 1) return columns === 1 ? mark : ''
  let kept = ''
  let width = 0
  if (isNarrow(text)) return `${text.slice(0, columns - 1)}${mark}`
  // Made when it is needed: the first one takes 20 ms.
  for (const { segment } of new Intl.Segmenter().segment(text)) {
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

const isNarrow = (text: string): boolean => NARROW.test(text)
