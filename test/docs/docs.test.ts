import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { format } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { listed, pagesIn } from '../../docs/.vitepress/folder.ts'
import { blocksOf, type Module, modulesOf } from './blocks.ts'
import { commandsIn, fault } from './commands.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Pages that are made of the sources. */
const MADE = /^docs\/reference\/api\//

const pages = ['README.md', 'CONTRIBUTING.md', ...pagesIn().map(path => `docs/${path}`)].filter(
  path => !MADE.test(path),
)

const unindented = (code: string): string => code.replace(/^ +/gm, '')
const examples = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => unindented(readFileSync(join(ROOT, 'examples', name), 'utf8')))

/** Examples are compiled with everything else, and their own tests run them. */
const isExample = (code: string): boolean =>
  examples.some(example => example.includes(unindented(code)))

const blocks = new Map(
  pages.map(page => [page, blocksOf(readFileSync(join(ROOT, page), 'utf8'))] as const),
)
const modules = pages.flatMap(page =>
  modulesOf(blocks.get(page) ?? [], isExample).map(module => ({ page, ...module })),
)

const temp = mkdtempSync(join(tmpdir(), 'perdure-docs-'))
const cwd = process.cwd()
const fileOf = ({ page, file }: Module & { page: string }): string =>
  join(temp, page.replace(/\.md$/, ''), file)

symlinkSync(join(ROOT, 'node_modules'), join(temp, 'node_modules'), 'junction')
writeFileSync(join(temp, 'package.json'), '{ "type": "module" }')
for (const module of modules) {
  mkdirSync(dirname(fileOf(module)), { recursive: true })
  writeFileSync(fileOf(module), module.text)
}

beforeAll(() => process.chdir(temp))
afterAll(() => {
  process.chdir(cwd)
  rmSync(temp, { recursive: true, force: true })
})

test('all blocks of all pages are correct TypeScript', () => {
  const compilerOptions = {
    // A block ends before what it declares is used.
    ...{ noUnusedLocals: false, noUnusedParameters: false },
    typeRoots: [join(ROOT, 'node_modules/@types')],
    paths: {
      perdure: [join(ROOT, 'src/index.ts')],
      'perdure/testing': [join(ROOT, 'src/testing/index.ts')],
      'perdure/testing/vitest': [join(ROOT, 'src/testing/vitest.ts')],
      'perdure/journal': [join(ROOT, 'journal/index.ts')],
    },
  }
  const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: ['**/*.ts'] }
  writeFileSync(join(temp, 'tsconfig.json'), JSON.stringify(config))
  expect(modules.length).toBeGreaterThan(40)
  expect(compiled(join(temp, 'tsconfig.json'))).toBe('')
}, 120_000)

describe.each(modules.filter(({ isRun }) => isRun))('$page, $file', async module => {
  const { href } = pathToFileURL(fileOf(module))
  if (/ from 'vitest'/.test(module.text)) {
    beforeEach(() => void vi.spyOn(console, 'log').mockImplementation(() => {}))
    afterEach(() => void vi.restoreAllMocks())
    // Its tests are to be found now.
    await import(/* @vite-ignore */ href)
    return
  }
  test(module.prints === undefined ? 'runs' : 'prints what the page says', async () => {
    const printed: string[] = []
    const spy = vi.spyOn(console, 'log').mockImplementation((...line) => {
      printed.push(`${format(...line)}\n`)
    })
    try {
      await import(/* @vite-ignore */ href)
    } finally {
      spy.mockRestore()
    }
    if (module.prints !== undefined) expect(printed.join('')).toBe(module.prints)
  })
})

test('all commands of all pages are commands', () => {
  const all = [...blocks].flatMap(([page, of]) =>
    of
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => commandsIn(code).map(args => ({ page, args }))),
  )
  expect(all.length).toBeGreaterThan(10)
  const faults = all.flatMap(({ page, args }) => {
    const what = fault(args)
    return what === undefined ? [] : [`${page}: perdure ${args.join(' ')}: ${what}`]
  })
  expect(faults).toEqual([])
})

test('the site leads to each page', () => {
  const found = listed().flatMap(part => part.pages.flatMap(page => [page, ...page.pages]))
  const linked = new Set(found.map(({ path }) => path))
  const unlinked = pagesIn().filter(path => path !== 'index.md' && !linked.has(path))
  expect(unlinked).toEqual([])
  for (const { title } of found) expect(title).not.toMatch(/\.md$/)
})

function compiled(project: string): string {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  try {
    return execFileSync(process.execPath, [tsc, '-p', project], { cwd: temp, encoding: 'utf8' })
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
  }
}
