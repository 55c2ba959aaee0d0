import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandLine } from '../../src/cli/program.ts'
import { perdure, type Said, silentIo } from '../cli/perdure.ts'
import { sampleEngine } from '../journal/sample.ts'
import { commandLineOf, diceOf, mutated } from './command-lines.ts'

const { PERDURE_RUNS = '1', PERDURE_SEED } = process.env
const INPUTS = 400 * Number(PERDURE_RUNS)
/** The few of each day are always the same; those of a long run never were tried before. */
const ANY = Number(PERDURE_RUNS) > 1 ? Math.floor(Math.random() * 2 ** 31) : 1
const FIRST = PERDURE_SEED === undefined ? ANY : Number(PERDURE_SEED)
/** Of ours, within which it answers whatever it is asked; other work may take the rest. */
const HANG_MS = 5_000
const MEMORY_BYTES = 256e6
/** Each that is documented, but for an unexpected failure. */
const DOCUMENTED = [0, 2, 3, 4, 5, 6, 7, 8]
const FILES = 12

/** They wait for what does not come. */
const ENDLESS = ['tail', 'watch', 'wait']

let root: string
let before: string
let dumped: string
const places: string[] = []

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'perdure-fuzz-'))
  before = process.cwd()
  // Whatever is written by a name that was made up stays in here.
  process.chdir(root)
  const journal = join(root, 'journal')
  const { engine } = await sampleEngine({ path: journal })
  await engine.close()
  dumped = (await perdure(['dump', journal, '--json', '-q'], { scratch: root })).out
  places.push(journal, journal, journal, root, join(root, 'nowhere'), '-')
  for (let at = 0; at < FILES; at++) places.push(join(root, `file-${at}`))
})

afterAll(() => {
  process.chdir(before)
  rmSync(root, { recursive: true, force: true })
})

test(`answers ${INPUTS} command lines that nobody would write, from seed ${FIRST}`, async () => {
  const commands = commandLine(silentIo(root)).commands.filter(
    command => !ENDLESS.includes(command.name()),
  )
  const runs = ['a-greeting', 'b-payment', 'e-broken', 'nobody', '@last', '@failed', 'next-1']
  let slowest = { ms: 0, args: [''] }
  for (let seed = FIRST; seed < FIRST + INPUTS; seed++) {
    if ((seed - FIRST) % 100 === 0) writeFiles(seed)
    const args = commandLineOf(commands, { runs, places }, diceOf(seed))
    const begun = performance.now()
    const said = await soon(args)
    const ms = performance.now() - begun
    if (ms > slowest.ms) slowest = { ms, args }
    mustBeAnAnswer(args, said, seed)
  }
  expect(heapKept()).toBeLessThan(MEMORY_BYTES)
  console.log(
    `slowest: ${Math.round(slowest.ms)} ms, ${JSON.stringify(slowest.args).slice(0, 200)}`,
  )
}, 3_600_000)

/** Bytes that are still used when all garbage is gone. */
function heapKept(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

/** Dumps that were damaged, and files of anything. */
function writeFiles(seed: number): void {
  const dice = diceOf(seed)
  for (let at = 0; at < FILES; at++) {
    let text = dumped
    for (let times = dice(4); times >= 0; times--) text = mutated(text, dice)
    const bytes = Buffer.from(Array.from({ length: dice(2_000) }, () => dice(256)))
    writeFileSync(join(root, `file-${at}`), at % 3 === 0 ? bytes : text)
  }
}

function soon(args: readonly string[]): Promise<Said> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${JSON.stringify(args)} hangs`)), HANG_MS)
  })
  return Promise.race([perdure(args, { scratch: root }), late]).finally(() => clearTimeout(timer))
}

function mustBeAnAnswer(args: readonly string[], { status, out, err }: Said, seed: number): void {
  const told = `PERDURE_SEED=${seed} ${JSON.stringify(args).slice(0, 2_000)}\n${err.slice(0, 2_000)}`
  const isDoctor = args.includes('doctor')
  expect([...DOCUMENTED, ...(isDoctor ? [1] : [])], told).toContain(status)
  expect(err, told).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)$|\bINTERNAL\b/m)
  if (status !== 0 && !isDoctor && out === '') expect(err, told).not.toBe('')
  for (const line of jsonIn(args, out)) expect(() => JSON.parse(line), told).not.toThrow()
  for (const line of err.split('\n')) {
    if (line.startsWith('{"v"')) expect(() => JSON.parse(line), told).not.toThrow()
  }
}

/** What is to be JSON: where it was asked for, once, and nothing else was. */
function jsonIn(args: readonly string[], out: string): readonly string[] {
  const asked = args.join(' ')
  if (out === '' || /help|-h|--as|schema|completion|plain|table|-V|version/.test(asked)) return []
  return /--json|-o ndjson|-o json/.test(asked) ? out.trimEnd().split('\n') : []
}
