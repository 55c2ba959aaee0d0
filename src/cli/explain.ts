import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { isLike } from '../testing/typo.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { pageText } from './page-text.ts'
import { plain } from './plain.ts'
import { VERSION } from './records/record.ts'
import type { Column } from './table.ts'
import { UsageError } from './usage.ts'

/** `perdure explain [code]`. Throws USAGE_INVALID. */
export async function explain({ output }: Context, code?: string): Promise<Exit> {
  if (code === undefined) await output.list('code', codes(), COLUMNS)
  else {
    const name = nameOf(code)
    const markdown = explainPage(name)
    if (markdown === undefined) throw unknown(code)
    const record = { v: VERSION, kind: 'code', code: name, summary: summary(markdown), markdown }
    await output.one(record, () => pageText(markdown, output.looks))
  }
  return exit.ok
}

/**
 * What an error code means, in Markdown: a title, one paragraph, its causes, the fix, a bad and a good
 * example. Takes it in small letters, and with blanks or hyphens. `undefined`: there is no such code.
 */
export function explainPage(code: string): string | undefined {
  const known = nameOf(code)
  if (!errorCodes().includes(known)) return undefined
  return readFileSync(join(pages(), `${known}.md`), 'utf8')
}

/** All codes, in alphabetical order. */
export const errorCodes = (): readonly string[] =>
  readdirSync(pages())
    .filter(name => name.endsWith('.md'))
    .map(name => name.slice(0, -'.md'.length))
    .sort()

const COLUMNS: readonly Column[] = [{ name: 'CODE' }, { name: 'MEANING', grows: true }]

function* codes() {
  for (const code of errorCodes()) {
    const told = summary(explainPage(code) ?? '')
    const record = { v: VERSION, kind: 'code', code, summary: told }
    yield { record, cells: () => [{ text: code }, { text: told }] }
  }
}

/** The first sentence below the title. */
const summary = (page: string): string => plain(/^# \w+\n\n(.*?\.)(?:\s|$)/s.exec(page)?.[1] ?? '')

const nameOf = (code: string): string =>
  code
    .trim()
    .toUpperCase()
    .replace(/[\s-]+/g, '_')

const MOST_GUESSES = 4

function unknown(code: string): UsageError {
  const meant = codesLike(code)
  const guess = meant.length === 0 ? '' : `Did you mean ${meant.join(' or ')}? `
  return new UsageError('USAGE_INVALID', `There is no code ${JSON.stringify(code)}.`, {
    hint: `${guess}perdure explain lists them all.`,
    facts: { code, meant },
  })
}

/** Those that a code which there is not may be meant for: by its letters, else by its words. */
function codesLike(code: string): readonly string[] {
  const all = errorCodes()
  const alike = all.filter(known => isLike(code, known))
  const words = nameOf(code).split('_')
  const sharing = all.filter(known => known.split('_').some(word => words.includes(word)))
  const isExact = alike.length > 0 && words.length > 1
  const meant = isExact ? alike : [...new Set([...alike, ...sharing])]
  return meant.length > MOST_GUESSES ? [] : meant
}

// By the package's own name: the file is at another depth before and after the build.
const pages = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('perdure/package.json')), 'docs/errors')
