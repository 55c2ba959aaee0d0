import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const EXAMPLES = join(ROOT, 'examples/flow-control')
const DOCS = join(ROOT, 'docs/flow-control')

/** The modules that show a policy, and what is drawn of them. */
const POLICIES = readdirSync(EXAMPLES)
  .filter(name => readFileSync(join(EXAMPLES, name), 'utf8').includes('export const scenes'))
  .map(name => name.slice(0, -'.ts'.length))

let printed: readonly string[]

beforeAll(async () => {
  const tsx = join(ROOT, 'node_modules/tsx/dist/loader.mjs')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', tsx, join(EXAMPLES, 'main.ts')],
    { env: { ...process.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json') } },
  )
  printed = stdout.trimEnd().split('\n\n\n')
}, 60_000)

/** The fenced blocks of a page in one language, in their order. */
const blocks = (page: string, language: string): string[] =>
  [...page.matchAll(/^```(\S*)\n(.*?)^```$/gms)]
    .filter(([, found]) => found === language)
    .map(([, , text = '']) => text.trimEnd())

const page = (name: string): string => readFileSync(join(DOCS, `${name}.md`), 'utf8')

describe.each(POLICIES)('the page of %s', policy => {
  const source = readFileSync(join(EXAMPLES, `${policy}.ts`), 'utf8')

  test('shows code of its example, and nothing else', () => {
    const shown = blocks(page(policy), 'ts')
    expect(shown.length).toBeGreaterThan(0)
    for (const code of shown) expect(source).toContain(code)
  })

  test('has the pictures that are drawn of it', () => {
    const titles = [...source.matchAll(/\btitle: (['"])(.*)\1/g)].map(([, , title]) => title)
    expect(titles.length).toBeGreaterThan(0)
    const drawn = printed.filter(picture => titles.includes(picture.split('\n')[0]))
    expect(drawn).toHaveLength(titles.length)
    expect(blocks(page(policy), 'text')).toEqual(drawn)
  })
})

describe('flow control', () => {
  const readme = page('README')

  test('has a page for each policy, and links to it', () => {
    const pages = readdirSync(DOCS).filter(name => name !== 'README.md')
    expect(pages).toEqual(POLICIES.map(policy => `${policy}.md`))
    for (const name of pages) expect(readme).toContain(`](${name})`)
  })

  test('says what the marks mean, and what the engine says', () => {
    expect(blocks(readme, 'text')).toEqual([printed[0], printed.at(-1)])
    const source = readFileSync(join(EXAMPLES, 'looking.ts'), 'utf8')
    const shown = blocks(readme, 'ts')
    expect(shown.length).toBeGreaterThan(0)
    for (const code of shown) expect(unindented(source)).toContain(unindented(code))
  })

  test('draws no more than eighty columns', () => {
    const lines = printed.slice(0, -1).join('\n').split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
  })
})

const unindented = (code: string): string => code.replace(/^ +/gm, '')
