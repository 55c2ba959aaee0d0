import { defineConfig } from 'vitepress'
import { type Listed, linkOf, listed } from './folder.ts'
import { writeLlms } from './llms.ts'

const TEXTS = new Set(['keys', 'rows', 'entries', 'statuses', 'tags', 'lines', 'gitignore'])

const item = (page: Listed) =>
  page.pages.length === 0
    ? { text: page.title, link: linkOf(page.path) }
    : {
        text: page.title,
        collapsed: true,
        items: page.pages.map(({ path, title }) => ({ text: title, link: linkOf(path) })),
      }

export default defineConfig({
  title: 'Perdure',
  description: 'A durable workflow engine that you embed',
  cleanUrls: true,
  // Blocks that only tests read as a language of their own.
  markdown: {
    config: md => {
      const { highlight } = md.options
      md.options.highlight = (code, language, attributes) =>
        highlight?.(code, TEXTS.has(language) ? 'text' : language, attributes) ?? ''
    },
  },
  // Files of a repository are read where they lie, too: there a folder's page is its README.
  rewrites: { 'flow-control/README.md': 'flow-control/index.md' },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Tutorial', link: '/tutorial/first-run' },
      { text: 'Guides', link: '/guides/steps' },
      { text: 'API', link: '/reference/api/' },
    ],
    sidebar: listed().map(({ title, pages }) => ({ text: title, items: pages.map(item) })),
  },
  buildEnd: ({ outDir }) => writeLlms(outDir),
})
