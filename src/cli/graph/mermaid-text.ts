import { plain } from '../plain.ts'

/** Text in a label of Mermaid, in quotes; what it would take for its own is written as an entity. */
export const quoted = (lines: readonly string[]): string => {
  const told = lines.map(line => unlisted(unmarked(escaped(plain(line)))))
  // Of a line with a word of its own and a colon it takes the end away, where an entity may be.
  const isStyle = /style|classDef/.test(lines.join())
  return `"${told.map(text => (isStyle ? text.replaceAll(':', entity) : text)).join('<br>')}"`
}

const entity = (sign: string): string => `#${sign.codePointAt(0)};`

/** Newer releases take a label for Markdown, and draw no lists: `1. pay`, `- pay`. */
const unlisted = (text: string): string =>
  text.replace(/^(\d*)([.)+-])(?=\s|$)/, (_, number, sign) => `${number}${entity(sign)}`)

/** Nor is a part of it meant to be bold: `__init__`, `a * b * c`. Inside of words they mean nothing. */
const unmarked = (text: string): string =>
  text.replace(/[*~[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, entity)

export const escaped = (text: string): string => text.replace(/[#"<>&`;{}|\\]/g, entity)
