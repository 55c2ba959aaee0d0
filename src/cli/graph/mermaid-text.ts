import { plain } from '../plain.ts'

/** Text in a label of Mermaid, in quotes; what it would take for its own is written as an entity. */
export const quoted = (lines: readonly string[]): string =>
  `"${lines.map(line => escaped(plain(line))).join('<br>')}"`

export const escaped = (text: string): string =>
  text.replace(/[#"<>&`;{}|\\]/g, sign => `#${sign.codePointAt(0)};`)
