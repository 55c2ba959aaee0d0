/*
 * A fenced block of a page, with the remarks about it that readers of the page do not see: comments of
 * HTML on the lines before the fence.
 *
 *   <!-- ts: given          what the block needs and does not show, on the lines between
 *   declare const ...
 *   -->
 *   <!-- ts: continues -->  it is the rest of the module that the block before it began
 *   <!-- ts: file x.ts -->  it is a module that others of the page may import; else it has no name
 *   <!-- ts: run -->        its module is run, in memory or in the time it takes: keep that short
 *   <!-- prints -->         before a block of text: what the module that was run last on the page prints
 */
export interface Block {
  readonly language: string
  readonly code: string
  /** The line of the fence, from 1. */
  readonly line: number
  readonly remarks: readonly Remark[]
}

export interface Remark {
  readonly word: string
  readonly rest: string
  /** The line that `rest` begins on, from 1. */
  readonly line: number
}

const FENCE = /^((?:<!--.*?-->\n+)*)```(\w*)[^\n]*\n(.*?)^```$/gms
const REMARK = /<!-- (?:ts: )?(\w+)(?: |\n|(?=-->))(.*?)-->/gs

export function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(FENCE)].map(
    ({ index, 1: before = '', 2: language = '', 3: code = '' }) => ({
      language,
      code,
      line: lineAt(text, index + before.length),
      remarks: [...before.matchAll(REMARK)].map(match => ({
        word: match[1] ?? '',
        rest: match[2] ?? '',
        line: lineAt(text, index + match.index + match[0].indexOf(match[2] ?? '')),
      })),
    }),
  )
}

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length

/** A module that blocks of a page make up. Its lines have the numbers that they have on the page. */
export interface Module {
  readonly file: string
  readonly text: string
  readonly isRun: boolean
  /** What it prints when it is run, if the page says so. */
  readonly prints?: string
}

/** `isShown` tells of a block that it is a part of a file which is compiled anyway. */
export function modulesOf(
  blocks: readonly Block[],
  isShown: (code: string) => boolean,
): readonly Module[] {
  const modules: Module[] = []
  for (const { language, code, line, remarks } of blocks) {
    const rest = new Map(remarks.map(remark => [remark.word, remark.rest.trim()]))
    const last = modules.findLastIndex(({ isRun }) => isRun || language === 'ts')
    const before = modules[last]
    if (language === 'text' && rest.has('prints') && before !== undefined) {
      modules[last] = { ...before, prints: `${before.prints ?? ''}${code}` }
    }
    if (language !== 'ts' || isShown(code)) continue
    const given = remarks.filter(({ word }) => word === 'given')
    const pieces = [
      ...given.map(({ rest: text, line: at }) => ({ text, at })),
      { text: code, at: line + 1 },
    ]
    if (rest.has('continues') && before !== undefined) {
      const isRun = before.isRun || rest.has('run')
      modules[last] = { ...before, text: pieces.reduce(placed, before.text), isRun }
      continue
    }
    const file = rest.get('file') ?? `line-${line}.ts`
    modules.push({ file, text: pieces.reduce(placed, ''), isRun: rest.has('run') })
  }
  return modules
}

/** The text with a piece on its line; two on one line stay beside each other. */
const placed = (text: string, { text: piece, at }: { text: string; at: number }): string =>
  text + '\n'.repeat(Math.max(0, at - text.split('\n').length)) + piece
