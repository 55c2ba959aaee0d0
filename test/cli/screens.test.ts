import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../../src/cli/commands/all.ts'
import { widthOf } from '../../src/cli/width.ts'
import { ROWS, type Shown, shownIn, steady } from './caller.ts'
import { callsOf, FOR_PROGRAMS, screens, UNKEPT } from './screens.ts'
import { NOW, Showcase } from './showcase.ts'
import { hasTerminals, inTerminal } from './terminal.ts'

const KEPT = fileURLToPath(new URL('screens', import.meta.url))
const SESSION = fileURLToPath(new URL('engine/session.ts', import.meta.url))
const LOADER = import.meta.resolve('tsx')

const LOOKS = [
  { name: '1', columns: 80, colors: false },
  { name: '2', columns: 120, colors: false },
  { name: '3', columns: 80, colors: true },
  { name: '4', columns: 120, colors: true },
] as const
const [IN_TERMINAL, IN_PIPE, PIPED] = ['5', '6', '7']

const TERM = { TERM: 'xterm-256color', PAGER: 'cat' }

let shop: Showcase
/** What was seen, by the look. */
const seen = new Map<string, readonly Shown[]>()

beforeAll(async () => {
  shop = await Showcase.open()
  for (const { name, columns, colors } of LOOKS) {
    await shop.situations(name)
    const env = colors ? TERM : { ...TERM, NO_COLOR: '1' }
    seen.set(name, await shownIn(name, { columns, env, isTerminal: true, ...about() }))
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
  const told = seen.get(name)!.map(({ call, status }) => ({ args: call.args, status }))
  expect(told).toEqual(callsOf(name).map(({ args, exits: status }) => ({ args, status })))
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
    for (const [at, { call, text }] of seen.get(without)!.entries()) {
      if (UNKEPT.includes(call.command)) continue
      const painted = seen.get(colored)![at]!.text
      expect(plain(painted), call.line).toBe(plain(text))
    }
  }
})

describe.each(Object.keys(screens).filter(name => !UNKEPT.includes(name)))('%s', command => {
  test('looks as it did', async () => {
    await expect(pageOf(command)).toMatchFileSnapshot(join(KEPT, `${command}.txt`))
  })
})

/** All that a command prints, the same only once. */
function pageOf(command: string): string {
  const pages = screens[command]!.map(({ line }) => {
    const parts: string[] = []
    for (const { name, columns, colors } of LOOKS) {
      for (const [text, where] of groups(name, line)) {
        const title = `${columns} columns${colors ? ', in colour' : ''}${where}`
        parts.push(`${`--- ${title} `.padEnd(columns, '-')}\n${text}`)
      }
    }
    return `$ perdure ${line}\n${parts.join('')}`
  })
  return `${pages.join('\n')}`
}

function groups(name: string, line: string): ReadonlyMap<string, string> {
  const found = new Map<string, string[]>()
  for (const { call, text, status } of seen.get(name)!) {
    if (call.line !== line) continue
    const told = readable(text) + (status === 0 ? '' : `[exit ${status}]\n`)
    found.set(told, [...(found.get(told) ?? []), ...(call.situation ? [call.situation] : [])])
  }
  return new Map(
    [...found].map(([text, where]) => [text, where.length > 0 ? `: ${where.join(', ')}` : '']),
  )
}

describe.runIf(hasTerminals())('in a terminal', () => {
  test('every command shows in every situation what it shows here', async () => {
    await shop.situations(IN_TERMINAL)
    const { out, status } = await inTerminal([process.execPath, ...session(IN_TERMINAL)], {
      ...{ columns: 80, rows: ROWS, env: TERM },
    })
    expect(status, out.slice(-1500)).toBe(0)
    const here = seen.get('3')!
    const there = saidIn(out.replaceAll('\r\n', '\n'))
    expect(there.length).toBe(here.length)
    for (const [at, { call, text, status }] of here.entries()) {
      const told = { line: call.line, status, text: unmachined(call.command, text) }
      const shown = there[at]!
      expect({ ...shown, line: call.line, text: unmachined(call.command, shown.text) }).toEqual(
        told,
      )
    }
  }, 60_000)
})

test('in a pipe every command prints in every situation what it prints here, without colours', async () => {
  await shop.situations(IN_PIPE)
  await shop.situations(PIPED)
  const env: NodeJS.ProcessEnv = { ...process.env, FORCE_COLOR: '', COLUMNS: '' }
  const ended = await promisify(execFile)(
    'sh',
    [...['-c', '"$@" 2>&1 | cat', 'sh', process.execPath, ...session(IN_PIPE)]],
    { env, maxBuffer: 64 << 20 },
  )
  const here = await shownIn(PIPED, { env, isTerminal: false, ...about() })
  const there = saidIn(ended.stdout)
  expect(ended.stdout).not.toContain('\u001b')
  expect(there.length).toBe(here.length)
  for (const [at, { call, status, text }] of here.entries()) {
    const told = { line: call.line, status, text: unmachined(call.command, text) }
    const shown = there[at]!
    expect({ ...shown, line: call.line, text: unmachined(call.command, shown.text) }).toEqual(told)
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

/** Of what is of the machine, how much there is. */
const unmachined = (command: string, text: string): string =>
  command === 'doctor' ? text.replace(/ .*/g, '') : text

const plain = (text: string): string => stripVTControlCharacters(text)

/** Colours as they can be read: `[31]red[39]`. */
const readable = (text: string): string =>
  text
    .replaceAll('\u001b[K', '')
    .replaceAll('\u001b[J', '')
    .replaceAll('\u001b[', '[')
    .replace(/\[(\d+)m/g, '[$1]')
