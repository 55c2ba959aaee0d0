import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorRecord } from '../../src/cli/records/error.ts'
import { perdure } from '../cli/perdure.ts'
import { CommandTrials } from './command-trials.ts'
import { DumpTrials } from './dump-trials.ts'
import { MessageTrials } from './message-trials.ts'
import type { Trials } from './trials.ts'
import { World } from './world.ts'

/** The few of each day are always the same: `npm run test:long` tries a million others. */
const FIRST = 0

const world = new World()
beforeAll(() => world.afresh(FIRST))
afterAll(() => world.end())

describe('inputs that nobody would write', () => {
  test.each<[string, number, () => Promise<Trials>]>([
    ['command lines', 200, async () => new CommandTrials(world)],
    ['dumps', 300, async () => new DumpTrials(await world.dumps())],
    ['messages to an engine', 400, async () => new MessageTrials()],
  ])('%s, %i', async (_, inputs, open) => {
    const trials = await open()
    let at = FIRST
    try {
      for (let done = 0; done < inputs; at++) done += await trials.try(at)
    } catch (error) {
      throw new Error(`seed ${at}`, { cause: error })
    } finally {
      await trials.end()
    }
    // They come to all that there is to come to.
    for (const count of Object.values(trials.counts)) expect(count).toBeGreaterThan(inputs / 400)
  })
})

describe('what once went wrong', () => {
  const told = (args: readonly string[], interrupt?: AbortSignal) =>
    perdure(args, { scratch: world.root, ...(interrupt && { interrupt }) })

  test.each([
    ['a flag with controls in it', ['list', '--\u001b[31m'], 2],
    ['a command with controls in it', ['li\u0014st'], 2],
    ['a value that turns lines around', ['list', '--color', '\u202e'], 2],
    ['a dump with a name that is too long', ['load', 'x'.repeat(5_000), '--into', 'new'], 3],
    ['a dump with a name that is none', ['load', '\u0000', '--into', 'new'], 3],
  ])('%s', async (_, args, status) => {
    const said = await told(args)
    expect(said).toMatchObject({ status, out: '' })
    expect(said.err).not.toMatch(/(?!\n)\p{Cc}|\p{Bidi_Control}/u)
  })

  test('programs were told of wrong arguments as people are', async () => {
    const { status, out, err } = await told(['lsit', '--json'])
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(errorRecord.parse(JSON.parse(err))).toMatchObject({
      ...{ code: 'USAGE_INVALID', message: "unknown command 'lsit'", exit: 2 },
      hint: 'Did you mean list? perdure --help shows what there is',
    })
  })

  test.each(['tail', 'tail --after 0', 'watch c-nap', 'wait c-nap', 'start stuck --wait'])(
    '%s went on though it was interrupted',
    async line => {
      const args = line.split(' ')
      for (const patience of [0, 1, 5]) {
        const signal = patience === 0 ? AbortSignal.abort() : AbortSignal.timeout(patience)
        expect((await told(['-d', world.running, ...args], signal)).status).toBe(130)
      }
    },
  )
})
