import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Metafile } from 'esbuild'
import { type WorkflowOptions, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle, bundledPackages } from '../scripts/bundle.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

let temp: string
/** The package as it is published, with nothing installed beside it. */
let alone: string
/** The same, with its dependencies. */
let installed: string
let metafile: Metafile

beforeAll(async () => {
  temp = realpathSync(mkdtempSync(join(tmpdir(), 'perdure-package-')))
  alone = join(temp, 'alone')
  installed = join(temp, 'installed')
  metafile = await bundle(join(alone, 'dist'))
  copyFileSync(join(ROOT, 'package.json'), join(alone, 'package.json'))
  cpSync(alone, installed, { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(installed, 'node_modules'), 'junction')
})

afterAll(() => rmSync(temp, { recursive: true, force: true }))

describe('importing the built package', () => {
  test('opens few files', () => {
    const { files, bytes } = loadedBy('alone/dist/src/index.js')
    expect(files.length).toBeLessThanOrEqual(9)
    expect(bytes).toBeLessThanOrEqual(1_250_000)
  })

  test('loads no other package', () => {
    expect(loadedBy('alone/dist/src/index.js').packages).toEqual([])
    const program = "const { openEngine } = await import('perdure'); console.log(typeof openEngine)"
    expect(run(alone, program)).toBe('function')
  })

  test('loads no engine for the journal, and no command for either', () => {
    const engine = [/src\/engine\//, /src\/run\//, /src\/cli\//, /xstate/]
    const { sources } = loadedBy('alone/dist/journal/index.js')
    expect(sources.filter(path => engine.some(part => part.test(path)))).toEqual([])
    expect(loadedBy('alone/dist/src/index.js').sources.join()).not.toMatch(/src\/cli\//)
  })

  test('loads for help of the command only what it is made of', () => {
    const { sources, packages, bytes, files } = loadedBy('alone/dist/src/cli/main.js')
    const own = /commander|string-width|east-asian-width|ansi|src\/cli\//
    const ours = /journal\/(error|call-site)|src\/(inspect\/secrets|control\/version)/
    expect(sources.filter(path => !own.test(path) && !ours.test(path))).toEqual([])
    expect(packages).toEqual([])
    expect(sources.join()).not.toMatch(/records\/|\/opened\.ts/)
    expect(bytes).toBeLessThanOrEqual(200_000)
    expect(files.length).toBeLessThanOrEqual(16)
  })

  test('loads vitest for the matchers only', () => {
    expect(loadedBy('alone/dist/src/testing/index.js').packages).not.toContain('vitest')
    expect(loadedBy('alone/dist/src/testing/vitest.js').packages).toContain('vitest')
  })

  test('has a part of these packages, and the rest is installed', () => {
    expect(bundledPackages(metafile)).toEqual([
      '@marcbachmann/cel-js',
      'abstract-level',
      'ansi-regex',
      'classic-level',
      'commander',
      'croner',
      'get-east-asian-width',
      'level-supports',
      'level-transcoder',
      'maybe-combine-errors',
      'module-error',
      'msgpackr',
      'node-gyp-build',
      'string-width',
      'strip-ansi',
      'xstate',
      'zod',
    ])
    expect(installedPackages().length).toBeLessThanOrEqual(28)
  })
})

describe('the built package', () => {
  test('has each class once', () => {
    const program = `
      import * as engine from 'perdure'
      import * as journal from 'perdure/journal'
      const isOurs = await journal.openReader('absent').catch(e => e instanceof engine.JournalError)
      console.log(engine.PerdureError === journal.PerdureError, isOurs)`
    expect(run(installed, program)).toBe('true true')
  })

  test('says what is wrong with an option in the words of the sources', () => {
    const text = '{"id":"a b","retries":-1,"backoff":{"factor":"x"},"colour":"red"}'
    const options: WorkflowOptions<unknown> = JSON.parse(text)
    const program = `
      import { workflow } from 'perdure'
      try { workflow(${text}, async () => {}) } catch ({ message }) { console.log(message) }`
    const said = run(installed, program)
    expect(said).toContain('colour: there is no such option')
    expect(() => workflow(options, async () => {})).toThrow(
      expect.objectContaining({ message: said }),
    )
  })

  test('runs a workflow, and tells its own frames from those of the user', () => {
    const program = `
import { openEngine, workflow } from 'perdure'
const sites = []
const warn = facts => facts.site && sites.push(facts.site)
const odd = workflow({ id: 'odd' }, async ({ step }) => {
  await new Promise(resolve => setImmediate(resolve))
  return step.run('late', () => 'done')
})
const logger = { debug() {}, info() {}, warn, error() {} }
const engine = await openEngine({ path: process.argv[2], workflows: [odd], logger })
const result = await (await engine.start(odd, undefined)).result()
await engine.close()
console.log(result, ...sites)`
    const file = join(installed, 'program.mjs')
    writeFileSync(file, program)
    for (const path of [':memory:', join(temp, 'journal')]) {
      const output = execFileSync(process.execPath, [file, path], { encoding: 'utf8' })
      expect(output).toMatch(new RegExp(`^done ${escaped(file)}:7:\\d+\n$`))
    }
  })

  test('has a command that reads the journal then', () => {
    const command = join(installed, 'dist/src/cli/main.js')
    const args = [command, 'list', '-d', join(temp, 'journal'), '-o', 'ndjson']
    const listed = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
    expect(listed).toMatchObject({ kind: 'run', workflow: 'odd', status: 'completed' })
  })

  test('has a command', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const command = join(installed, 'dist/src/cli/main.js')
    const output = execFileSync(process.execPath, [command, '--version'], { encoding: 'utf8' })
    expect(output).toBe(`${version}\n`)
    expect(statSync(command).mode & 0o100).toBe(process.platform === 'win32' ? 0 : 0o100)
  })
})

interface Loaded {
  readonly files: string[]
  readonly bytes: number
  /** What the files were made of, relative to the root. */
  readonly sources: string[]
  readonly packages: string[]
}

/** What an import of a built file loads at once. */
function loadedBy(entry: string): Loaded {
  const outputs = new Map(
    Object.entries(metafile.outputs).map(([path, output]) => [resolve(ROOT, path), output]),
  )
  const files = new Set<string>()
  const sources: string[] = []
  const packages = new Set<string>()
  let bytes = 0
  const visit = (file: string): void => {
    const output = outputs.get(file)
    if (output === undefined) throw new Error(`${file} was not built`)
    if (files.has(file)) return
    files.add(file)
    bytes += output.bytes
    sources.push(...Object.keys(output.inputs))
    for (const { path, kind, external } of output.imports) {
      if (kind !== 'import-statement') continue
      if (external !== true) visit(resolve(ROOT, path))
      else if (!path.startsWith('node:')) packages.add(path)
    }
  }
  visit(join(temp, entry))
  return { files: [...files], bytes, sources, packages: [...packages] }
}

function run(directory: string, program: string): string {
  const args = ['--input-type=module', '--eval', program]
  return execFileSync(process.execPath, args, { cwd: directory, encoding: 'utf8' }).trim()
}

/** All that comes along with the package, whatever the platform. */
function installedPackages(): string[] {
  const lock: { packages: Record<string, { dev?: boolean; devOptional?: boolean }> } = JSON.parse(
    readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
  )
  return Object.entries(lock.packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path]) => path)
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

test('what the long program runs is there', () => {
  const program = readFileSync(join(ROOT, 'scripts/long.mjs'), 'utf8')
  const paths = [...program.matchAll(/'(test\/[^']+)'/g)].map(([, path = '']) => path)
  expect(paths).toContain('test/fuzz/main.ts')
  for (const path of paths) expect(statSync(join(ROOT, path)), path).toBeDefined()
})
