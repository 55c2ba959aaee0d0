import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Page, type Part, parts } from './pages.ts'

/** The folder of the pages. */
export const DOCS = fileURLToPath(new URL('..', import.meta.url))

const NOT_PAGES = new Set(['node_modules', '.vitepress', 'public'])

/** The paths of all pages there are, relative to `docs`, sorted. */
export function pagesIn(folder: string = DOCS): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap(entry => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return NOT_PAGES.has(entry.name) ? [] : pagesIn(path)
      return entry.name.endsWith('.md') ? [relative(DOCS, path).replaceAll('\\', '/')] : []
    })
    .sort()
}

export interface Listed extends Page {
  /** Of a folder: its pages. */
  readonly pages: readonly Page[]
}

export interface ListedPart {
  readonly title: string
  readonly pages: readonly Listed[]
}

/** The parts of the site with the pages that are there, each folder with those of its pages. */
export function listed(existing: readonly string[] = pagesIn()): readonly ListedPart[] {
  return parts.map(part => ({ title: part.title, pages: listedIn(part, existing) }))
}

function listedIn(part: Part, existing: readonly string[]): readonly Listed[] {
  const byName = new Set(parts.flatMap(({ pages }) => pages).map(({ path }) => path))
  return part.pages.flatMap(page => {
    if (!page.path.endsWith('/'))
      return existing.includes(page.path) ? [{ ...page, pages: [] }] : []
    const inside = existing.filter(path => path.startsWith(page.path) && !byName.has(path))
    const pages = inside.map(path => ({ path, title: titleOf(path), about: '' }))
    return pages.length === 0 ? [] : [{ ...page, pages }]
  })
}

/** The text of a page, without what stands before its first heading. */
export const textOf = (path: string): string =>
  readFileSync(join(DOCS, path), 'utf8').replace(/^---\n.*?\n---\n+/s, '')

export const titleOf = (path: string): string =>
  /^# (.*)$/m.exec(textOf(path))?.[1]?.replaceAll(/[`*]/g, '') ?? path

/** Where the site has a page: `guides/steps.md` is `/guides/steps`. */
export const linkOf = (path: string): string =>
  `/${path.replace(/(^|\/)(README|index)\.md$/, '$1').replace(/\.md$/, '')}`
