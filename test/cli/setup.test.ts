import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import stringWidth from 'string-width'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { cliPage } from '../../scripts/cli-page.ts'
import { commands } from '../../src/cli/commands/all.ts'
import { clockCheck } from '../../src/cli/doctor/clock.ts'
import { copiesCheck, nodeCheck } from '../../src/cli/doctor/installation.ts'
import { directoryCheck } from '../../src/cli/doctor/journal.ts'
import { run } from '../../src/cli/program.ts'
import { records } from '../../src/cli/records/all.ts'
import { doctorRecord } from '../../src/cli/records/doctor.ts'
import { schemaOf } from '../../src/cli/schema.ts'
import { widthOf } from '../../src/cli/width.ts'
import { sampleEngine } from '../journal/sample.ts'
import { terminal } from './hand-terminal.ts'
import { perdure as inProcess, type Said } from './perdure.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

let root: string
let journal: string

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'perdure-setup-'))
  journal = join(root, 'journal')
  const { engine } = await sampleEngine({ path: journal })
  await engine.close()
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

const perdure = (...args: readonly string[]): Promise<Said> => inProcess(args, { scratch: root })

describe('completion', () => {
  let script: string
  beforeAll(async () => {
    // The shell calls a command of this name for ids of runs.
    const bin = join(root, 'bin')
    await mkdir(bin)
    const ids = await perdure('__complete', 'run', '', 'perdure', 'show', '-d', journal)
    writeFileSync(join(bin, 'perdure'), `#!/bin/sh\necho '${ids.out}'\n`, { mode: 0o755 })
    script = join(root, 'completion.bash')
    writeFileSync(script, (await perdure('completion', 'bash')).out)
  })

  /** What bash offers where the line ends. */
  function offered(...lines: readonly string[]): string[][] {
    const asked = lines.map(
      line => `COMP_LINE='${line}' COMP_POINT=${line.length}; _perdure; echo "\${COMPREPLY[*]}"`,
    )
    const program = `PATH='${join(root, 'bin')}':$PATH; source '${script}'; ${asked.join('; ')}`
    const said = execFileSync('bash', ['--norc', '-c', program], { encoding: 'utf8' })
    return said
      .trimEnd()
      .split('\n')
      .map(line => line.split(' ').filter(word => word !== ''))
  }

  test('of bash knows commands, flags and what they take', () => {
    const [all = [], some, flags = [], choices, inline, before, shells, help = []] = offered(
      'perdure ',
      'perdure li',
      'perdure list --',
      'perdure list -o ',
      'perdure list --status=f',
      'perdure --output js',
      'perdure completion ',
      'perdure -d x l',
    )
    expect(all).toEqual([...commands.map(({ name }) => name), 'help'])
    expect(some).toEqual(['list'])
    expect(flags).toEqual(expect.arrayContaining(['--status', '--json', '--help']))
    expect(flags.filter(flag => !flag.startsWith('--'))).toEqual([])
    expect(choices).toEqual(['table', 'plain', 'json', 'ndjson'])
    expect(inline).toEqual(['failed'])
    expect(before).toEqual(['json'])
    expect(shells).toEqual(['bash', 'zsh', 'fish'])
    expect(help).toContain('list')
  })

  test('of bash asks for ids of runs', () => {
    const [runs] = offered('perdure dump --run ')
    expect(runs).toEqual(expect.arrayContaining(['a-greeting', 'e-broken']))
  })

  test('answers with what begins so, of the journal that the line names', async () => {
    const line = ['perdure', 'list', `--dir=${journal}`]
    expect(await perdure('__complete', 'run', 'b-', ...line)).toEqual({
      ...{ status: 0, out: 'b-payment\n', err: '' },
    })
    expect((await perdure('__complete', 'run', '@', ...line)).out).toMatch(/^@last\n@failed\n/)
    expect((await perdure('__complete', 'workflow', 'e', ...line)).out).toBe('endless\n')
  })

  test('says nothing where there is no journal', async () => {
    const nothing = { status: 0, out: '', err: '' }
    expect(await perdure('__complete', 'run', '', 'perdure', '-d', 'nowhere')).toEqual(nothing)
    expect(await perdure('__complete')).toEqual(nothing)
  })

  test.each(['zsh', 'fish'])('of %s names all commands and their flags', async shell => {
    const { out, status } = await perdure('completion', shell)
    expect(status).toBe(0)
    for (const { name } of commands) expect(out).toContain(name)
    expect(out).toMatch(/-l status|--status=\[/)
    if (isThere(shell)) execFileSync(shell, ['-n'], { input: out })
  })
})

test('flags stand before the command, too, and what they say is handed on', async () => {
  const zsh = (await perdure('completion', 'zsh')).out
  const before = zsh.slice(zsh.indexOf('_arguments -C'), zsh.indexOf("'(-)1: :->command'"))
  expect(before).toMatch(/'\(-d --dir\)-d\[.*: :_files' \\\n/)
  expect(before).toContain("'(--snapshot)--snapshot[")
  // Behind the name there are no words but those of the command.
  expect(zsh).toMatch(
    /asked=\("\$\{\(@\)words\}"\)[\s\S]*__complete "\$1" "\$PREFIX" "\$\{\(@\)asked\}"/,
  )
  const fish = (await perdure('completion', 'fish')).out
  expect(fish).toMatch(/^complete .* 'not __fish_seen_subcommand_from list ls .*' -l snapshot -d/m)
  expect(fish).toMatch(/^ {6}case -d --dir .*\n {8}set is_value 1$/m)
})

/** Where these shells are not: quotes and blocks of zsh are those of bash, but for flags of expansions. */
test('the script of zsh is whole, and each flag is told once in each command', async () => {
  const { out } = await perdure('completion', 'zsh')
  execFileSync('bash', ['--norc', '-n'], { input: out.replace(/\$\{\(@f?\)/g, '${') })
  const specs = [...out.matchAll(/'\(([^)']*)\)(-[\w-]+)(=?)\[(?:[^\]\\]|\\.)*\](: :.*)?'/g)]
  expect(specs.length).toBeGreaterThan(commands.length * 10)
  for (const [spec, flags = '', flag = '', glued, takes] of specs) {
    expect(flags.split(' '), spec).toContain(flag)
    expect(glued === '=', spec).toBe(takes !== undefined && flag.startsWith('--'))
  }
})

test('each line of the script of fish is one command, with quotes that end', async () => {
  const { out } = await perdure('completion', 'fish')
  const lines = out.split('\n').filter(line => line.startsWith('complete '))
  const word = String.raw`(?:'(?:[^'\\]|\\['\\])*'|[\w-]+)`
  const known = /^(-[cnasldrfxF]|complete|perdure|'.*'|[\w-]+)$/
  for (const line of lines) {
    expect(line).toMatch(new RegExp(`^${word}(?: ${word})*$`))
    for (const [each] of line.matchAll(new RegExp(word, 'g'))) expect(each, line).toMatch(known)
  }
  const named = new Set(lines.flatMap(line => /-a '([\w-]+)' -d/.exec(line)?.[1] ?? []))
  for (const { name } of commands) expect(named).toContain(name)
})

function isThere(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('schema', () => {
  test('has all records there are', async () => {
    const folder = join(ROOT, 'src/cli/records')
    const kinds: string[] = []
    for (const file of readdirSync(folder)) {
      const module: object = await import(pathToFileURL(join(folder, file)).href)
      for (const [name, made] of Object.entries(module)) {
        if (!name.endsWith('Record') || !(made instanceof z.ZodObject)) continue
        const { kind } = made.shape
        if (kind instanceof z.ZodLiteral) kinds.push(String(kind.value))
      }
    }
    expect(records.map(({ shape }) => shape.kind.value).sort()).toEqual(kinds.sort())
  })

  test('is one document whose references all lead somewhere', () => {
    const document = schemaOf()
    const names = Object.keys(document.$defs)
    const references = [...JSON.stringify(document).matchAll(/"#\/\$defs\/([^"]+)"/g)]
    for (const [, name] of references) expect(names).toContain(name)
    for (const { shape } of records) expect(names).toContain(shape.kind.value)
    expect(document.$id).toBe('urn:perdure:records:1')
  })

  test('of one kind is a document, too; of what is none an error', async () => {
    const { out } = await perdure('schema', 'run', '--json')
    expect(Object.keys(JSON.parse(out).$defs)).toContain('run')
    expect(await perdure('schema', 'rum')).toMatchObject({ status: 2, out: '' })
  })

  test('fits what commands print', async () => {
    const anyRecord = z.fromJSONSchema(JSON.parse(JSON.stringify(schemaOf())))
    const said = [
      ...(await perdure('list', '-d', journal, '-o', 'ndjson')).out.trim().split('\n'),
      (await perdure('list', '-d', journal, '--json')).out,
      (await perdure('doctor', '-d', journal, '--json')).out,
      (await perdure('explain', 'JOURNAL_LOCKED', '--json')).out,
      (await perdure('list', '-d', journal, '--since', 'x', '--json')).err,
    ]
    for (const text of said) {
      const record = JSON.parse(text)
      expect(anyRecord.safeParse(record).error, text).toBeUndefined()
      expect(anyRecord.safeParse({ ...record, v: 2 }).success).toBe(false)
    }
  })
})

describe('doctor', () => {
  test('finds nothing wrong with a sound directory', async () => {
    const { status, out, err } = await perdure('doctor', '-d', journal)
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out).toMatch(/✓ node: \d+\.\d+\.\d+ on /)
    expect(out).toMatch(/✓ directory: \S+journal, \d+(\.\d)? kB, mode 0700\n/)
    expect(out).toMatch(/✓ engine: none has it open\n/)
  })

  test('says what to do where others may write', async () => {
    await chmod(journal, 0o777)
    try {
      const { status, out } = await perdure('doctor', '-d', journal, '--json')
      expect(status).toBe(1)
      const { checks, status: worst } = doctorRecord.parse(JSON.parse(out))
      expect(worst).toBe('failed')
      expect(checks.find(({ name }) => name === 'directory')).toMatchObject({
        status: 'failed',
        fix: `chmod 700 ${journal}`,
      })
    } finally {
      await chmod(journal, 0o700)
    }
  })

  test('fails for a directory that is not there, and warns where none is named', async () => {
    expect(await perdure('doctor', '-d', join(root, 'nowhere'))).toMatchObject({
      status: 1,
      out: expect.stringMatching(/✗ directory: .* cannot be read: ENOENT\n {2}Name another/),
    })
    expect(await perdure('doctor')).toMatchObject({
      status: 0,
      out: expect.stringMatching(/! directory: No journal is named/),
    })
  })

  test('knows the engine that has the directory', async () => {
    const path = join(root, 'held')
    const { engine } = await sampleEngine({ path })
    try {
      const { out } = await perdure('doctor', '-d', path, '--report', '--ascii')
      expect(out).toMatch(new RegExp(`ok {7}engine: process ${process.pid} answers, release`))
    } finally {
      await engine.close()
    }
  })

  test.each([
    ['20.18.9', 'failed'],
    ['20.19.0', 'ok'],
    ['22.1.0', 'ok'],
    ['18.20.0', 'failed'],
  ])('of node %s: %s', (version, status) => expect(nodeCheck(version).status).toBe(status))

  test.each([
    [{ mode: 0o40700, uid: 7 }, 7, 'ok'],
    [{ mode: 0o40750, uid: 7 }, 7, 'warning'],
    [{ mode: 0o40770, uid: 7 }, 7, 'failed'],
    [{ mode: 0o40700, uid: 8 }, 7, 'failed'],
    [{ mode: 0o40777, uid: 8 }, undefined, 'ok'],
  ])('of a directory %j of user %j: %s', (facts, self, status) =>
    expect(directoryCheck('/x', facts, 1, self).status).toBe(status),
  )

  test.each([
    [Date.UTC(2027, 0, 1), 1_000, 'ok'],
    [Date.UTC(1999, 0, 1), 1_000, 'failed'],
    [Date.UTC(2027, 0, 1), 61_000, 'warning'],
  ])('of a clock at %d, %d ms after the start: %s', (now, since, status) =>
    expect(clockCheck(now, now - 1_000, since).status).toBe(status),
  )

  test('counts copies of the package', async () => {
    const add = async (folder: string, version: string): Promise<void> => {
      await mkdir(folder, { recursive: true })
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'perdure', version }))
    }
    const app = join(root, 'app')
    await add(join(app, 'node_modules/perdure'), '0.4.0')
    expect(copiesCheck(app)).toMatchObject({ status: 'ok' })
    await add(join(app, 'node_modules/@x/y/node_modules/perdure'), '0.3.9')
    const { status, what } = copiesCheck(app)
    expect(status).toBe('warning')
    expect(what).toMatch(/^2 of perdure: 0\.4\.0 in .*, 0\.3\.9 in /)
  })
})

describe('help', () => {
  test.each([[['help', 'list']], [['list', '--help']], [['list', '-h']], [['ls', '--help']]])(
    '%j is of the command',
    async args => {
      const { status, out, err } = await perdure(...args)
      expect({ status, err }).toEqual({ status: 0, err: '' })
      expect(out).toMatch(/^Examples:\n {2}perdure list/)
      expect(out).toContain('--status <names>')
      expect(out).toContain('Of all commands:')
    },
  )

  test('of what is no command is an error, with what may be meant', async () => {
    const { status, out, err } = await perdure('help', 'lst')
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toMatch(/unknown command 'lst'\n\(Did you mean one of list, ls\?\)/)
  })

  test.each(commands.map(({ name }) => name))('of %s is as wide as the terminal', async name => {
    const { io, text } = terminal({ columns: 80 })
    expect(await run([name, '--help'], io)).toBe(0)
    for (const line of text().split('\n')) {
      // What is lined up by hand, or is one command, stays as it is.
      if (/^ {2}(perdure|source|--redact) /.test(line)) continue
      expect(widthOf(line), line).toBeLessThanOrEqual(80)
    }
  })

  test('of all of them is the same as nothing but --help', async () => {
    const { status, out } = await perdure('help')
    expect({ status, out }).toEqual({ status: 0, out: (await perdure('--help')).out })
  })

  test.each([
    [['list', '--statu', 'failed'], "unknown option '--statu'\n(Did you mean --status?)"],
    [['list', '-o', 'yaml'], 'Allowed choices are table, plain, json, ndjson'],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
    [['list', '--width', '3'], 'Give a whole number from 40 to 1000.'],
    [['completion'], "missing required argument 'shell'"],
  ])('%j says what there is', async (args, says) => {
    const { status, out, err } = await perdure(...args)
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain(says)
  })
})

test('docs/cli.md is what the commands say: npm run docs:cli', () => {
  expect(readFileSync(join(ROOT, 'docs/cli.md'), 'utf8')).toBe(cliPage())
})

test('what is narrow at a glance is narrow', () => {
  const wrong: string[] = []
  for (let code = 0x20; code < 0x3000; code++) {
    const text = String.fromCodePoint(code)
    if (widthOf(text) !== stringWidth(text)) wrong.push(code.toString(16))
  }
  expect(wrong).toEqual([])
})
