import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let temp: string
let program: ChildProcess
let output: string
let isOver: boolean
/** Every process that writes to the program's output has ended: itself and all it has started. */
let over: Promise<number | null>

beforeEach(() => {
  temp = mkdtempSync(join(tmpdir(), 'perdure-npm-start-'))
  output = ''
  isOver = false
  program = spawn(process.execPath, ['--import', 'tsx', 'examples/billing/main.ts'], {
    env: { ...process.env, TMPDIR: temp },
  })
  for (const stream of [program.stdout, program.stderr]) {
    stream?.setEncoding('utf8').on('data', text => {
      output += text
    })
  }
  over = new Promise(resolve => {
    program.once('close', code => {
      isOver = true
      resolve(code)
    })
  })
})

afterEach(async () => {
  program.kill('SIGKILL')
  if (!isOver) for (const pid of pids()) kill(pid)
  await over
  rmSync(temp, { recursive: true, force: true })
})

/** The processes the program told of: the service, and each life of the engine. */
const pids = (): number[] => [...output.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid))

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

test('the engine is killed in the middle, and every customer is charged at most once', async () => {
  expect(await over, output).toBe(0)

  const [service, first, second] = pids()
  expect(new Set([service, first, second, program.pid]).size, output).toBe(4)
  expect(output).toContain(`3. kill -9 ${first}: the money is taken`)
  const [before = '', after = ''] = output.split('3. kill -9')
  expect(before).toMatch(/barbara +\/charge +59\.00 EUR +charged, but no answer\n/)
  expect(after).toMatch(/barbara +\/charge +59\.00 EUR +same request: same answer\n/)
  expect(output).toMatch(/grace +\/charge +29\.00 EUR +error 503\n/)
  expect(output).toMatch(/grace +\/charge +29\.00 EUR +no answer\n/)

  const verdicts = [
    ...output.matchAll(/^ +(\w+) .* (\d+) charges?, (\S+) EUR \(.* (ok|WRONG.*)$/gm),
  ]
  expect(verdicts.map(verdict => verdict.slice(1))).toEqual([
    ['ada', '1', '19.00', 'ok'],
    ['grace', '1', '29.00', 'ok'],
    ['alan', '1', '39.00', 'ok'],
    ['edsger', '0', '0.00', 'ok'],
    ['barbara', '1', '59.00', 'ok'],
  ])
  expect(output).toMatch(/^ +\+\d\.\d{3} s +step\.succeeded +charge +\{ succeeded: true/m)
  expect(output).toContain('Every customer who paid was charged once')

  const journal = join(
    temp,
    readdirSync(temp).find(name => name.startsWith('perdure-billing-')) ?? '',
  )
  expect(output).toContain(`npx perdure dump ${journal}`)
  expect(output).toContain(`npx perdure verify ${journal}`)
  expect(existsSync(join(journal, 'CURRENT'))).toBe(true)
})

test.each(['SIGINT', 'SIGKILL'] as const)('%s leaves no process behind', async signal => {
  while (!output.includes('2. The engine runs') && !isOver) {
    await Promise.race([over, new Promise(resolve => program.stdout?.once('data', resolve))])
  }
  expect(pids(), output).toHaveLength(2)
  program.kill(signal)
  expect(await over).toBe(signal === 'SIGINT' ? 130 : null)
})
