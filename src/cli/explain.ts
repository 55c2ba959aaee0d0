import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { isLike } from '../testing/typo.ts'
import { type Exit, exit } from './exit.ts'
import type { Io } from './io.ts'
import { pageText } from './page-text.ts'
import { plain } from './plain.ts'

/** `perdure explain [code]` */
export async function explain(code: string | undefined, io: Io): Promise<Exit> {
  if (code === undefined) {
    await io.out.write(table())
    return exit.ok
  }
  const page = explainPage(code)
  if (page !== undefined) {
    await io.out.write(pageText(page, io))
    return exit.ok
  }
  const meant = codesLike(code)
  const guess = meant.length === 0 ? '' : `  Did you mean ${meant.join(' or ')}?\n`
  await io.err.write(
    `perdure: There is no code ${plain(JSON.stringify(code))}.\n${guess}` +
      '  `perdure explain` lists them all.\n',
  )
  return exit.refused
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

const MOST_GUESSES = 4

/** Those that a code which there is not may be meant for: by its letters, else by its words. */
function codesLike(code: string): readonly string[] {
  const all = errorCodes()
  const alike = all.filter(known => isLike(code, known))
  if (alike.length > 0) return alike.slice(0, MOST_GUESSES)
  const words = nameOf(code).split('_')
  const sharing = all.filter(known => known.split('_').some(word => words.includes(word)))
  return sharing.length > MOST_GUESSES ? [] : sharing
}

const nameOf = (code: string): string =>
  code
    .trim()
    .toUpperCase()
    .replace(/[\s-]+/g, '_')

function table(): string {
  const codes = errorCodes()
  const width = Math.max(...codes.map(({ length }) => length))
  return codes.map(code => `${code.padEnd(width)}  ${summary(explainPage(code) ?? '')}\n`).join('')
}

/** The first sentence below the title. */
const summary = (page: string): string => plain(/^# \w+\n\n(.*?\.)(?:\s|$)/s.exec(page)?.[1] ?? '')

// By the package's own name: the file is at another depth before and after the build.
const pages = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('perdure/package.json')), 'docs/errors')
