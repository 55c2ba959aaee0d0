import { Readable, Writable } from 'node:stream'
import type { Command } from 'commander'
import { commandLine } from '../../src/cli/program.ts'
import { type Circumstances, perdure, silentIo } from '../cli/perdure.ts'
import { mustBeAnAnswer } from './answers.ts'
import { soon } from './bounds.ts'
import { commandLineOf } from './command-lines.ts'
import { type Dice, diceOf, oneOf } from './dice.ts'
import { fileOf } from './dumps.ts'
import { oddJson } from './odd.ts'
import type { Trials } from './trials.ts'
import type { World } from './world.ts'

/** Command lines in one world; what one of them wrote, the next ones find. */
const IN_ONE_WORLD = 100
/** They are interrupted, if they do not end by themselves. */
const PATIENCE_MS = 12

const RUNS = ['a-greeting', 'b-payment', 'e-broken', 'c-nap', 'd-patient', 'g-listening', 'next-1']

/** Gives the command what nobody would: it answers as it is documented. */
export class CommandTrials implements Trials {
  readonly counts: { [status: string]: number } = {}
  readonly #world: World
  readonly #before = process.cwd()
  readonly #commands: readonly Command[]
  #dumps: readonly string[] = []
  #isReady = false

  constructor(world: World) {
    this.#world = world
    this.#commands = commandLine(silentIo(world.root)).commands
  }

  async try(seed: number): Promise<number> {
    const first = seed - (seed % IN_ONE_WORLD)
    if (seed === first || !this.#isReady) await this.#prepare(first)
    const dice = diceOf(seed)
    const { places, code } = this.#world
    const words = { runs: [...RUNS, 'nobody', '@last', '@failed', '@running'], places, code }
    const args = commandLineOf(this.#commands, words, dice)
    const around = dice(2 ** 31)
    const attempt = () => this.#answer(args, diceOf(around))
    try {
      await soon(attempt, () => this.#prepare(first))
    } catch (error) {
      throw new Error(`perdure ${JSON.stringify(args).slice(0, 1_000)}`, { cause: error })
    }
    return 1
  }

  async end(): Promise<void> {
    process.chdir(this.#before)
  }

  async #prepare(seed: number): Promise<void> {
    this.#isReady = true
    this.#dumps = await this.#world.dumps()
    process.chdir(this.#before)
    await this.#world.afresh(seed)
    // Whatever is written by a name that was made up stays in there.
    process.chdir(this.#world.root)
  }

  async #answer(args: readonly string[], dice: Dice): Promise<void> {
    const interruption = new AbortController()
    const timer = setTimeout(() => interruption.abort(), dice(PATIENCE_MS))
    const { signal } = interruption
    const circumstances = this.#circumstances(signal, dice)
    const said = await perdure(args, circumstances).finally(() => clearTimeout(timer))
    this.counts[said.status] = (this.counts[said.status] ?? 0) + 1
    await mustBeAnAnswer(args, { ...said, isClosed: circumstances.out !== undefined })
  }

  #circumstances(interrupt: AbortSignal, dice: Dice): Circumstances {
    const isTTY = dice(5) === 0
    const typed = isTTY ? oneOf(['y\n', 'n\n', '', 'x'], dice) : this.#piped(dice)
    return {
      ...{ scratch: this.#world.root, interrupt, colors: dice(4) === 0 },
      columns: oneOf([40, 80, 100, 200], dice),
      input: Object.assign(Readable.from([typed]), { isTTY }),
      ...(dice(20) === 0 && { out: closing(dice(3)) }),
    }
  }

  #piped(dice: Dice): string | Buffer {
    const json = JSON.stringify(oddJson(dice))
    return oneOf([json, oneOf(this.#dumps, dice), fileOf(this.#dumps, dice)], dice)
  }
}

/** A reader that goes away after some pieces. */
function closing(pieces: number): Writable {
  let left = pieces
  const gone = Object.assign(new Error('closed'), { code: 'EPIPE' })
  return new Writable({ write: (_, __, done) => done(left-- > 0 ? null : gone) })
}
