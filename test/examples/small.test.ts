import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

/** What a stranger sees who runs an example from the root of the project. */
const output = async (example: string): Promise<string[]> => {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', `examples/${example}.ts`])
  return stdout.trimEnd().split('\n')
}

test('hello.ts greets', async () => {
  expect(await output('hello')).toEqual(['Hello, world!'])
})

test('parallel.ts prints the fastest offer', async () => {
  expect((await output('parallel')).join(' ')).toMatch(/winner: { carrier: 'hare', price: 9 }/)
})

test('saga.ts undoes in reverse order what it had done when it was cancelled', async () => {
  expect(await output('saga')).toEqual([
    'book the flight',
    'book the hotel',
    'book the car',
    'cancel the car',
    'cancel the hotel',
    'cancel the flight',
    'Cancelled: we stay at home',
  ])
})

test('endless.ts ends after four weeks', async () => {
  const lines = await output('endless')
  expect(lines.at(-2)).toContain('{ reading: 84, days: 28, ')
  expect(lines.at(-1)).toBe('Cancelled: four weeks are enough for an example')
})
