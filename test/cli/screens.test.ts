import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../../src/cli/commands/all.ts'
import { widthOf } from '../../src/cli/width.ts'
import { ROWS, type Shown, shown, steady } from './caller.ts'
import { type Call, callsOf, FOR_PROGRAMS, screens, UNKEPT } from './screens.ts'
import { NOW, Showcase } from './showcase.ts'
import { hasTerminals, inTerminal } from './terminal.ts'

const KEPT = fileURLToPath(new URL('screens', import.meta.url))
const SESSION = fileURLToPath(new URL('engine/session.ts', import.meta.url))
const LOADER = import.meta.resolve('tsx')

/** The first shows every situation, the others no more than one: what they add is the same in all. */
const LOOKS = [
  { name: '1', columns: 80, colors: false, where: 'everywhere' },
  { name: '2', columns: 120, colors: false, where: 'once' },
  { name: '3', columns: 80, colors: true, where: 'once' },
  { name: '4', columns: 120, colors: true, where: 'once' },
] as const
const [IN_TERMINAL, IN_PIPE] = ['5', '6']

const TERM = { TERM: 'xterm-256color', PAGER: 'cat' }

let shop: Showcase
/** What was seen, by the look. */
const seen = new Map<string, readonly Shown[]>()

beforeAll(async () => {
  shop = await Showcase.open()
  for (const { name, columns, colors, where } of LOOKS) {
    await shop.situations(name)
    const env = colors ? TERM : { ...TERM, NO_COLOR: '1' }
    seen.set(name, await shown(callsOf(name, where), { columns, env, ...about() }))
  }
}, 60_000)

afterAll(() => shop.end())

const about = () => ({ cwd: shop.root, now: NOW })

test('every command is looked at', () => {
  expect(Object.keys(screens).toSorted()).toEqual(commands.map(({ name }) => name).toSorted())
  const files = Object.keys(screens).filter(name => !UNKEPT.includes(name))
  expect(readdirSync(KEPT).toSorted()).toEqual(files.map(name => `${name}.txt`).toSorted())
})

test.each(LOOKS)('exits as is said, at $columns columns, colours: $colors', ({ name }) => {
  for (const { call, status } of seen.get(name)!)
    expect(status, call.args.join(' ')).toBe(call.exits)
})

test('no line is wider than the terminal', () => {
  for (const { name, columns } of LOOKS) {
    for (const { call, text } of seen.get(name)!) {
      if (FOR_PROGRAMS.includes(call.command) || call.line === 'explain SCHEDULE_NOT_FOUND')
        continue
      for (const line of plain(text).split('\n')) {
        expect(widthOf(line), `${call.line}\n${line}`).toBeLessThanOrEqual(columns)
      }
    }
  }
})

test('colours are all that they add', () => {
  for (const [without, colored] of [
    ['1', '3'],
    ['2', '4'],
  ] as const) {
    for (const { call, text } of seen.get(colored)!) {
      if (!UNKEPT.includes(call.command)) expect(plain(text), call.line).toBe(textIn(without, call))
    }
  }
})

const isSame = (a: Call, b: Call): boolean => a.line === b.line && a.situation === b.situation

/** What a call has shown in this look, if it was made there. */
function textIn(name: string, call: Call): string | undefined {
  const found = seen.get(name)!.find(({ call: other }) => isSame(call, other))
  return found && plain(found.text)
}

describe.each(Object.keys(screens).filter(name => !UNKEPT.includes(name)))('%s', command => {
  test('looks as it did', async () => {
    await expect(pageOf(command)).toMatchFileSnapshot(join(KEPT, `${command}.txt`))
  })
})

/** All that a command prints, the same only once; in colour only what has some. */
function pageOf(command: string): string {
  const lines = new Set(screens[command]!.map(({ line }) => line))
  const pages = [...lines].map(line => {
    const plain = shownBy(line, false)
    const colored = [...shownBy(line, true)].filter(([text]) => !plain.has(text))
    const told = (text: string, where: readonly string[]): string =>
      `--- ${where.join('; ')}\n${text}`
    return [
      `$ perdure ${line}\n`,
      ...[...plain].map(([text, where]) => told(text, where)),
      ...colored.map(([text, where]) => told(text, ['in colour', ...where])),
    ].join('')
  })
  return pages.join('\n')
}

function shownBy(line: string, colors: boolean): ReadonlyMap<string, readonly string[]> {
  const shown = new Map<string, string[]>()
  for (const { name, columns } of LOOKS.filter(look => look.colors === colors)) {
    for (const [text, where] of textsOf(name, line)) {
      shown.set(text, [...(shown.get(text) ?? []), `${columns} columns${where}`])
    }
  }
  return shown
}

/** What the call shows in this look, and in which situations. */
function textsOf(name: string, line: string): readonly (readonly [text: string, where: string])[] {
  const found = new Map<string, string[]>()
  for (const { call, text, status } of seen.get(name)!) {
    if (call.line !== line) continue
    const told = readable(text) + (status === 0 ? '' : `[exit ${status}]\n`)
    found.set(told, [...(found.get(told) ?? []), ...(call.situation ? [call.situation] : [])])
  }
  return [...found].map(([text, all]) => [text, all.length === 0 ? '' : `, ${all.join(' and ')}`])
}

describe.runIf(hasTerminals())('in a terminal', () => {
  test('every command shows in every situation what it shows here', async () => {
    await shop.situations(IN_TERMINAL)
    const { out, status } = await inTerminal([process.execPath, ...session(IN_TERMINAL)], {
      ...{ columns: 80, rows: ROWS, env: TERM },
    })
    expect(status, out.slice(-1_000)).toBe(0)
    const there = saidIn(out.replaceAll('\r\n', '\n'))
    const calls = callsOf(IN_TERMINAL)
    expect(there.map(({ status }) => status)).toEqual(calls.map(({ exits }) => exits))
    for (const [at, call] of calls.entries()) {
      if (UNKEPT.includes(call.command)) continue
      const { text = '' } = there[at] ?? {}
      expect(plain(text), call.line).toBe(textIn('1', call))
      const painted = seen.get('3')!.find(({ call: other }) => isSame(call, other))
      if (painted !== undefined) expect(text, call.line).toBe(painted.text)
    }
  }, 60_000)
})

test('in a pipe every command prints in every situation, without colours, times as ISO 8601', async () => {
  await shop.situations(IN_PIPE)
  const args = ['-c', '"$@" 2>&1 | cat', 'sh', process.execPath, ...session(IN_PIPE)]
  const env = { ...process.env, FORCE_COLOR: '', COLUMNS: '' }
  const { stdout } = await promisify(execFile)('sh', args, { env, maxBuffer: 64 << 20 })
  expect(stdout).not.toContain('\u001b')
  const calls = callsOf(IN_PIPE)
  const there = saidIn(stdout)
  expect(there.map(({ status }) => status)).toEqual(calls.map(({ exits }) => exits))
  for (const [at, call] of calls.entries()) {
    const { text = '' } = there[at] ?? {}
    expect(text.length > 0, call.line).toBe(textIn('1', call) !== '')
    expect(text, call.line).not.toMatch(/\d[smhd] ago/)
  }
}, 60_000)

const session = (name: string): readonly string[] => {
  const calls = callsOf(name).map(({ args }) => args)
  return ['--import', LOADER, SESSION, JSON.stringify({ calls, ...about() })]
}

function saidIn(out: string): { readonly status: number; readonly text: string }[] {
  const parts = out.split('\u001e').slice(0, -1)
  return Array.from({ length: parts.length / 2 }, (_, at) => ({
    status: Number(parts[at * 2 + 1]),
    text: steady(parts[at * 2] ?? '', shop.root),
  }))
}

const plain = (text: string): string => stripVTControlCharacters(text)

/** Colours as they can be read: `[31]red[39]`. */
const readable = (text: string): string =>
  text
    .replaceAll('\u001b[K', '')
    .replaceAll('\u001b[J', '')
    .replaceAll('\u001b[', '[')
    .replace(/\[(\d+)m/g, '[$1]')
