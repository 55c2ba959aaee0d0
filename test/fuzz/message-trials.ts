import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { controlAddress } from '../../src/control/address.ts'
import { Raw } from '../control/raw.ts'
import { listen, type Sample, sampleEngine } from '../journal/sample.ts'
import { soon } from './bounds.ts'
import { type Dice, diceOf } from './dice.ts'
import { messageOf } from './messages.ts'
import type { Trials } from './trials.ts'

/** What is started and sent stays in an engine: now and then another is asked. */
const CALLS_OF_ENGINE = 100
const MESSAGES_MOST = 16

const WORDS = [
  ...['a-greeting', 'b-payment', 'c-nap', 'd-patient', 'e-broken', 'g-listening', 'next-1', 'mine'],
  ...['greeting', 'payment', 'nap', 'patient', 'broken', 'endless', 'stuck', 'listening'],
  ...['app/answered', 'app/ended', 'charge', 'compose', 'short', 'perdure/', 'ing'],
]

/** Says to an engine what nobody would: it answers or hangs up, and serves the next one as before. */
export class MessageTrials implements Trials {
  readonly counts = { answered: 0, hungUp: 0 }
  #engine: { readonly sample: Sample; readonly address: string; readonly root: string } | undefined

  async try(seed: number): Promise<number> {
    if (seed % CALLS_OF_ENGINE === 0) await this.end()
    const { address } = await this.#open()
    const count = 1 + diceOf(seed)(MESSAGES_MOST)
    await soon(() => this.#call(address, count, diceOf(seed)))
    return count
  }

  async end(): Promise<void> {
    if (this.#engine === undefined) return
    const { sample, root } = this.#engine
    this.#engine = undefined
    await sample.engine.close()
    rmSync(root, { recursive: true, force: true })
  }

  async #open() {
    if (this.#engine === undefined) {
      const root = realpathSync(mkdtempSync(join(tmpdir(), 'perdure-messages-')))
      const sample = await sampleEngine({ path: root, durability: 'os' })
      await listen(sample)
      this.#engine = { sample, root, address: controlAddress(root) }
    }
    return this.#engine
  }

  async #call(address: string, count: number, dice: Dice): Promise<void> {
    const lines = Array.from({ length: count }, (_, at) => `${messageOf(at, WORDS, dice)}\n`)
    const bytes = Buffer.from(lines.join(''))
    const asker = new Raw(address)
    await asker.told(({ perdure }) => perdure === 'control')
    for (let from = 0, to: number; from < bytes.length; from = to) {
      to = dice(3) === 0 ? from + 1 + dice(bytes.length - from) : bytes.length
      asker.socket.write(bytes.subarray(from, to))
      if (to < bytes.length) await new Promise(setImmediate)
    }
    // Some never hear what they asked for.
    if (dice(8) > 0) await this.#hear(asker)
    asker.socket.destroy()
  }

  async #hear(asker: Raw): Promise<void> {
    asker.say({ id: LAST, ask: 'known' })
    const { id } = await asker.told(({ id }) => id === LAST || id === -1)
    if (id === LAST) this.counts.answered++
    else {
      this.counts.hungUp++
      await asker.ended()
    }
  }
}

/** None of those that are made up. */
const LAST = 2 ** 40
