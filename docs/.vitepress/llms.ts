import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Listed, linkOf, listed, textOf } from './folder.ts'
import type { Page } from './pages.ts'

const ABOUT = `# Perdure

> A durable workflow engine for TypeScript that is embedded in a Node process: async functions made of
> steps that survive crashes, deploys and month-long sleeps. There is no server; what runs have done lies
> in a journal, a LevelDB directory of the process.
`

/** Writes llms.txt, an index with a line for each page, and llms-full.txt, the pages themselves. */
export function writeLlms(folder: string): void {
  const site = listed()
  const index = site.map(({ title, pages }) => `## ${title}\n\n${pages.map(lines).join('')}`)
  const pages = site.flatMap(part => part.pages.flatMap(all)).map(({ path }) => path)
  writeFileSync(join(folder, 'llms.txt'), [ABOUT, ...index].join('\n'))
  writeFileSync(join(folder, 'llms-full.txt'), [ABOUT, ...pages.map(full)].join('\n'))
}

const lines = (page: Listed): string => all(page).map(line).join('')

const line = ({ path, title, about }: Page): string =>
  `- [${title}](${linkOf(path)})${about === '' ? '' : `: ${about}`}\n`

const all = ({ pages, ...page }: Listed): readonly Page[] => (pages.length === 0 ? [page] : pages)

const full = (path: string): string =>
  `<!-- ${linkOf(path)} -->\n\n${textOf(path).replaceAll(/<!--.*?-->\n*/gs, '')}`
