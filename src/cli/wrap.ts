import { sep } from 'node:path'
import { widthOf } from './width.ts'

/** How the lines of a text begin that is broken into several. */
export interface Indents {
  readonly first?: string
  readonly rest?: string
}

/**
 * Lines of whole words, none wider than so many columns but for a word that is. Those after the first
 * are indented.
 */
export function wrapped(
  text: string,
  columns: number,
  { first = '', rest = '' }: Indents = {},
): readonly string[] {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of text.split(' ')) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line)
      line = rest
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}

/** A part of a text, and the same with its colours, which take no room. */
export interface Part {
  readonly text: string
  readonly painted: string
}

/** Parts one after the other, as many on a line as it has room for; those below are indented. */
export function flowed(
  parts: readonly (Part | string)[],
  columns: number,
  { between, indent }: { readonly between: string; readonly indent: number },
): string {
  let told = ''
  let width = indent
  for (const part of parts) {
    const { text, painted } = typeof part === 'string' ? { text: part, painted: part } : part
    const own = widthOf(text)
    if (told === '') told = painted
    else if (width + widthOf(between) + own > columns) {
      told += `${between.trimEnd()}\n${' '.repeat(indent)}${painted}`
      width = indent
    } else {
      told += between + painted
      width += widthOf(between)
    }
    width += own
  }
  return told
}

/** A text for people, with paths below `cwd` as one would type them there. */
export function fromHere(text: string, cwd: string): string {
  const folder = cwd.endsWith(sep) ? cwd : cwd + sep
  // Of the root everything is below: nothing would be a path any more.
  if (folder === sep) return text
  return text
    .split(folder)
    .reduce((told, next) => told + (/(^|[\s'"`(=:])$/.test(told) ? '' : folder) + next)
}
