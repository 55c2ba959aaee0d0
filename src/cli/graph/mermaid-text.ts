import { plain } from '../plain.ts'

/** Text in a label of Mermaid, in quotes; what it would take for its own is written as an entity. */
export const quoted = (lines: readonly string[]): string =>
  `"${lines.map(line => unlisted(escaped(plain(line)))).join('<br>')}"`

/** Newer releases take a label for Markdown, and draw no lists: `1. pay`, `- pay`. */
const unlisted = (text: string): string =>
  text.replace(/^(\d*)([.)*+-])(?=\s|$)/, (_, number, sign) => `${number}#${sign.codePointAt(0)};`)

export const escaped = (text: string): string =>
  text.replace(/[#"<>&`;{}|\\]/g, sign => `#${sign.codePointAt(0)};`)
