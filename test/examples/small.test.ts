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

test('onboarding.ts shows all three endings', async () => {
  const lines = await output('onboarding')
  expect(lines.filter(line => line.startsWith('to ')).sort()).toEqual([
    'to ada@example.com: welcome',
    'to bob@example.com: welcome',
    'to cleo@example.com: welcome',
    'to cleo@example.com: your profile is waiting',
  ])
  expect(lines.filter(line => !line.startsWith('to ')).sort()).toEqual([
    'Cancelled: event app/user.deleted',
    'completed',
    'followed up',
  ])
})

test('fan-out.ts starts whom an event concerns', async () => {
  expect((await output('fan-out')).sort()).toEqual([
    'declared at customs',
    'o1: mail to ada@example.com',
    'o1: one less in stock',
    'o2: mail to blaise@example.fr',
    'o2: one less in stock',
  ])
})

test('approval.ts waits for what a person says', async () => {
  expect(await output('approval')).toEqual([
    'paid',
    'approved by Grace',
    'refused by Grace',
    'nobody decided in time',
  ])
})

test('family.ts gathers what its children made', async () => {
  expect(await output('family')).toEqual([
    'Loomings: 3 pages',
    "Epilogue: 'Epilogue' is empty",
    'The Whiteness: 7 pages',
  ])
})

test('cron-digest.ts lists its schedules and sends two digests', async () => {
  expect(await output('cron-digest')).toEqual([
    'digest/0 * * * * * * trigger',
    'nightly @daily runtime',
    'eu: 3 orders',
    'eu: 3 orders',
  ])
})
