import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Dice } from './dice.ts'
import type { BodyCall, World } from './stage.ts'
import type { Strike } from './strike.ts'
import { hashOf, type Note } from './trail.ts'

export interface WorldOptions {
  /** Where it keeps what outlives the process. */
  readonly dir: string
  /** In every value of a step: a body that runs again returns something else. */
  readonly name: string
  readonly note: Note
  readonly strike: Strike
}

/** The world outside: every effect is noted on the trail, and may be the last. */
export function newWorld({ dir, name, note, strike }: WorldOptions): World {
  const dice = new Dice(name)
  let made = 0
  return {
    began: () => strike('code'),

    async body({ run, step, attempt, key, input, fails }: BodyCall) {
      note('B', run, step, attempt, key, hashOf(input))
      strike('body')
      await pause(dice.between(0, 6))
      note('E', run, step, attempt, key)
      strike('effect')
      if (attempt < fails) throw new Error(`attempt ${attempt} of ${step}`)
      return `${step}@${name}.${made++}${step.startsWith('part') ? 'y'.repeat(40_000) : ''}`
    },

    // It must never be unmade: code that has gone past a place once has to go past it in a replay.
    stumble(run, place, times) {
      const file = join(dir, `stumbled-${run}-${place}`)
      appendFileSync(file, 'x')
      if (readFileSync(file).length <= times) throw new Error(`stumbled ${place}`)
    },
  }
}

function pause(ticks: number): Promise<void> | undefined {
  if (ticks === 0) return undefined
  if (ticks === 1) return new Promise(resolve => setImmediate(resolve))
  return new Promise(resolve => setTimeout(resolve, ticks - 1))
}
