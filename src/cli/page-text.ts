import { type Looks, paint } from './looks.ts'
import { wrapped } from './wrap.ts'

const NARROWEST = 40
const WIDEST = 100
const CODE = '    '

/** A page of the documentation as text for a terminal: paragraphs as wide as that, code indented. */
export function pageText(markdown: string, looks: Pick<Looks, 'columns' | 'colors'>): string {
  const width = Math.min(WIDEST, Math.max(NARROWEST, looks.columns))
  const told = blocksOf(markdown).map(({ kind, text }) => {
    if (kind === 'heading') return paint(looks, 'bold', text)
    if (kind === 'code') return paint(looks, 'cyan', text.replace(/^(?=.)/gm, CODE))
    return wrapped(text, width, { rest: kind === 'item' ? '  ' : '' }).join('\n')
  })
  return `${told.join('\n\n').replace(/^(- .*)\n\n(?=- )/gm, '$1\n')}\n`
}

interface Block {
  readonly kind: 'heading' | 'code' | 'item' | 'text'
  readonly text: string
}

/** Of Markdown only what our pages are written in. */
function blocksOf(markdown: string): Block[] {
  const pattern =
    /^```.*\n(?<code>(?:.*\n)*?.*)\n```$|^#+ (?<heading>.*)$|^(?<text>(?:(?!```|#).+\n?)+)/gm
  return [...markdown.matchAll(pattern)].flatMap(({ groups = {} }): Block[] => {
    const { code, heading, text = '' } = groups
    if (code !== undefined) return [{ kind: 'code', text: code }]
    if (heading !== undefined) return [{ kind: 'heading', text: heading }]
    const items = text.split(/\n(?=- )/)
    return items.map(item => ({
      kind: item.startsWith('- ') ? 'item' : 'text',
      text: item.replace(/\s+/g, ' ').trim(),
    }))
  })
}
