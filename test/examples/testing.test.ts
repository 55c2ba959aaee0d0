import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { check } from 'perdure/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
// Their tests are run here as well.
import '../../examples/testing/order.test.ts'
import '../../examples/testing/search.test.ts'
import { broken } from '../../examples/testing/specs.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const EXAMPLES = join(ROOT, 'examples/testing')
const guide = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8')

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'perdure-testing-'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** What a stranger sees who runs a program of ours in an empty directory. */
async function output(program: string, ...args: string[]): Promise<string> {
  const tsx = join(ROOT, 'node_modules/tsx/dist/loader.mjs')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', tsx, join(ROOT, program), ...args],
    { cwd: directory, env: { ...process.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json') } },
  )
  return stdout
}

/** The fenced blocks of the guide in one language, in their order. */
const blocks = (language: string): string[] =>
  [...guide.matchAll(/^```(\S*)\n(.*?)^```$/gms)]
    .filter(([, found]) => found === language)
    .map(([, , text = '']) => text)

describe('the guide to testing', () => {
  test('shows code of its examples, and nothing else', () => {
    const sources = readdirSync(EXAMPLES).map(name =>
      unindented(readFileSync(join(EXAMPLES, name), 'utf8')),
    )
    const shown = blocks('ts').map(unindented)
    expect(shown.length).toBeGreaterThan(8)
    for (const code of shown) {
      expect(sources.filter(source => source.includes(code)).length, code).toBeGreaterThan(0)
    }
    expect(new Set(guide.match(/^```.*/gm))).toEqual(
      new Set(['```ts', '```text', '```sh', '```gitignore', '```']),
    )
  })

  test('says the same as the README', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const [, section = ''] = readme.split('## Test every order and every crash')
    const [, spec = '', story = ''] = /```ts\n(.*?)```.*?```\n(.*?)```/s.exec(section) ?? []
    const [, body = ''] = /check\(\{\n(.*?)^ *\}\)/ms.exec(spec) ?? []
    expect(body.split('\n')).toHaveLength(4)
    expect(unindented(guide)).toContain(unindented(body))
    expect(story.split('\n').length).toBeGreaterThan(5)
    expect(guide).toContain(story)
  })

  test('shows what they print, and what is kept', async () => {
    const [report = '', journal = '', explored = '', ...audited] = blocks('text')
    const printed = await output('examples/testing/main.ts')
    const nothing = 'mended: nothing was found in 100 schedules\n'
    const shown = [report, `${nothing}${explored}`, ...audited].join('\n')
    expect(withoutCounts(printed)).toBe(withoutCounts(shown))

    const kept = '.perdure/order.journal'
    expect(await output('src/cli/main.ts', 'dump', kept)).toBe(journal)
    expect(blocks('sh').join('')).toBe(`npx perdure dump ${kept}\n`)
    expect(readFileSync(join(directory, '.perdure/order.tapes'), 'utf8')).toBe(
      `${replayOf(report)}  # always: charged once\n`,
    )
    expect(guide.split(replayOf(report)).length).toBeGreaterThan(2)
    expect(
      guide.match(/\bp1\.\S+?\.[\w-]{6}\b/g)?.filter(tape => tape !== replayOf(report)),
    ).toEqual([])
  })

  test('what was kept is run first, and found again', async () => {
    const regressions = join(directory, 'again')
    const searched = () => check(broken, { regressions }).catch((error: Error) => error.message)
    const [first, second] = [await searched(), await searched()]
    expect(first).toMatch(/found in \d\d?\d? schedules, made small in \d+ more$/)
    expect(second).toMatch(/found in 1 schedule, made small in \d+ more$/)
    expect(blocks('text')[0]).toContain(String(second).split('  seed')[0])
  })
})

const replayOf = (report: string): string => /^ {2}replay {2}(\S+)$/m.exec(report)?.[1] ?? ''

/** How many schedules a search takes changes with the engine, and nobody learns anything from it. */
const withoutCounts = (text: string): string =>
  text.replace(/[\d,]+(?= (more|schedules|states))/g, 'some')

const unindented = (code: string): string => code.replace(/^ +/gm, '')
