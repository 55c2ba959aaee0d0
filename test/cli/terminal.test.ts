import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { bundle } from '../../scripts/bundle.ts'
import type { CommandSpec } from '../../src/cli/command-spec.ts'
import { commands } from '../../src/cli/commands/all.ts'
import { commandLine } from '../../src/cli/program.ts'
import { schemaOf } from '../../src/cli/schema.ts'
import { widthOf } from '../../src/cli/width.ts'
import { perdure as inProcess, type Said, silentIo } from './perdure.ts'
import { hasTerminals, inTerminal, type Shown, type TerminalOptions } from './terminal.ts'

const CHILD = fileURLToPath(new URL('engine/child.ts', import.meta.url))
const LOADER = import.meta.resolve('tsx')

let root: string
let journal: string
let dumped: string
let main: string
let child: ChildProcess

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'perdure-terminal-'))
  journal = join(root, 'journal')
  dumped = join(root, 'all.ndjson')
  await bundle(join(root, 'dist'))
  main = join(root, 'dist/src/cli/main.js')
  // The bundle finds LevelDB as the sources do.
  const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
  symlinkSync(modules, join(root, 'node_modules'), 'junction')
  child = spawn(process.execPath, ['--import', LOADER, CHILD, journal], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const _ of createInterface(child.stdout ?? process.stdin)) break
}, 60_000)

afterAll(() => {
  child?.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

const perdure = (...args: readonly string[]): Promise<Said> => inProcess(args, { scratch: root })

/** They follow, or wait for what does not come. */
const ENDLESS = ['tail', 'watch']

/** Diagrams are as wide as they are. */
const WIDE = ['graph']

/** What each argument of a command is called in the sample. */
const NAMED: { readonly [argument: string]: string } = {
  ...{ run: 'b-payment', step: 'charge', a: 'a-greeting', b: 'e-broken', workflow: 'payment' },
}

/** The two runs that are compared differ. */
const statusOf = (told: string): number => (told.startsWith('diff') ? 6 : 0)

/** Commands that only read, with arguments. */
const reads = (): readonly (readonly string[])[] =>
  commands
    .filter(({ group, name }) => group === 'Inspect' && !ENDLESS.includes(name))
    .map(({ name }) => [name, ...argumentsOf(name)])

function argumentsOf(name: CommandSpec['name']): readonly string[] {
  const command = commandLine(silentIo(root)).commands.find(other => other.name() === name)
  const required = command?.registeredArguments.filter(argument => argument.required) ?? []
  const named = required.map(argument => NAMED[argument.name()] ?? argument.name())
  return name === 'graph' ? ['payment'] : named
}

describe('every command that reads', () => {
  const said = new Map<string, string>()
  const anyRecord = z.fromJSONSchema(JSON.parse(JSON.stringify(schemaOf())))

  async function readAll(...where: readonly string[]): Promise<void> {
    for (const command of reads()) {
      const told = command.join(' ')
      for (const columns of ['80', '120']) {
        const { status, out, err } = await perdure(...command, ...where, '--width', columns)
        expect({ told, status, err: err.replace(/^perdure: (read|a crash|as).*\n/gm, '') }).toEqual(
          { told, status: statusOf(told), err: expect.not.stringMatching(/^perdure:|^ +at /m) },
        )
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
        expect(out, told).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f\ufffd]/)
        if (!WIDE.includes(command[0] ?? '')) {
          const widest = Math.max(...out.split('\n').map(widthOf))
          expect(widest, out).toBeLessThanOrEqual(Number(columns))
        }
      }
      const { status, out } = await perdure(...command, ...where, '-o', 'ndjson')
      expect({ told, status }).toEqual({ told, status: statusOf(told) })
      const lines = out.split('\n').slice(0, -1)
      for (const line of lines) {
        expect(anyRecord.safeParse(JSON.parse(line)).error, `${told}: ${line}`).toBeUndefined()
      }
      const kinds = lines.map(line => JSON.parse(line).kind).join()
      // The same, wherever it is read.
      expect(`${told} ${said.get(told) ?? kinds}`).toBe(`${told} ${kinds}`)
      said.set(told, kinds)
    }
  }

  test('asks an engine that runs', () => readAll('-d', journal))

  test('reads a copy beside it', () => readAll('-d', journal, '--snapshot'))

  test('reads a copy after kill -9', async () => {
    const { out } = await perdure('dump', journal, '--json')
    writeFileSync(dumped, out)
    child.kill('SIGKILL')
    await new Promise(resolve => child.once('exit', resolve))
    await readAll('-d', journal)
  })

  test('reads a dump', async () => {
    expect(existsSync(dumped)).toBe(true)
    await readAll('-d', dumped)
  })
})

describe.runIf(hasTerminals())('in a terminal', () => {
  const shown = (args: readonly string[], options?: TerminalOptions): Promise<Shown> =>
    inTerminal([process.execPath, main, ...args, '-d', journal], options)

  test('a table has colours, its width, and times as people tell them', async () => {
    const { status, out } = await shown(['list', '--no-pager'], { columns: 60 })
    expect(status).toBe(0)
    expect(out).toContain('\u001b[32m✓\u001b[39m')
    expect(out).toMatch(/ ago|in \d/)
    for (const line of out.split('\r\n')) expect(widthOf(line)).toBeLessThanOrEqual(60)
  })

  test.each([
    ['NO_COLOR', { NO_COLOR: '1' }],
    ['TERM=dumb', { TERM: 'dumb' }],
  ])('with %s there are no colours', async (_, env) => {
    const { status, out } = await shown(['list'], { env })
    expect(status).toBe(0)
    expect(out).not.toContain('\u001b[')
  })

  test('what is longer than it goes through the pager, and the rest does not', async () => {
    const pager = join(root, 'pager')
    writeFileSync(pager, '#!/bin/sh\necho "[paged"; cat; echo "]"\n')
    chmodSync(pager, 0o755)
    const env = { PAGER: pager }
    const { out, status } = await shown(['list'], { rows: 5, env })
    expect(status).toBe(0)
    expect(out).toMatch(/^\[paged\r\n.*a-greeting.*\r\n\]\r\n/s)
    expect((await shown(['list'], { rows: 50, env })).out).not.toContain('[paged')
    expect((await shown(['list', '--no-pager'], { rows: 5, env })).out).not.toContain('[paged')
  })

  test('a pager that is not there is missed by nobody', async () => {
    const { out, status } = await shown(['list'], { rows: 5, env: { PAGER: 'no-such-pager' } })
    expect(status).toBe(0)
    expect(out).toContain('a-greeting')
  })

  test('Ctrl-C ends it with nothing left behind', async () => {
    const scratch = mkdtempSync(join(root, 'scratch-'))
    // Copying waits for ever for who would write into it.
    const stuck = join(root, 'stuck')
    cpSync(journal, stuck, { recursive: true, filter: name => !/ANCHOR|LOCK|sock/.test(name) })
    execFileSync('mkfifo', [join(stuck, 'ANCHOR.a')])
    const { status, signal } = await inTerminal([process.execPath, main, 'list', '-d', stuck], {
      typed: [[`@${scratch}`, '\u0003']],
      env: { TMPDIR: scratch },
    })
    // Which shells tell as 130.
    expect({ status, signal }).toEqual({ status: null, signal: 2 })
    expect(readdirSync(scratch)).toEqual([])
  })
})

describe('in a pipe', () => {
  function piped(command: string): Promise<{ status: number; out: string; err: string }> {
    const shell = `set -o pipefail; perdure() { '${process.execPath}' '${main}' "$@"; }; ${command}`
    return new Promise(resolve => {
      execFile('bash', ['-c', shell], { env: { ...process.env, COLUMNS: '' } }, (error, out, err) =>
        resolve({ status: typeof error?.code === 'number' ? error.code : 0, out, err }),
      )
    })
  }

  test('there are no colours, and times are ISO 8601', async () => {
    const { status, out } = await piped(`perdure list -d '${journal}' | cat`)
    expect(status).toBe(0)
    expect(out).not.toContain('\u001b')
    expect(out).toMatch(/\d{4}-\d\d-\d\dT[\d:.]+Z/)
  })

  test('whoever reads may go: that is no failure', async () => {
    const { status, out, err } = await piped(`perdure dump '${journal}' --json -q | head -1`)
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out.split('\n')).toHaveLength(2)
  })
})
