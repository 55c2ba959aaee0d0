import { LawBroken } from '../laws/law.ts'
import { mustHaveEnded } from './end-laws.ts'
import { Operator } from './operator.ts'
import { Records } from './records.ts'
import { mayExecute, mayHold } from './slot-laws.ts'
import { mayCount } from './stats-law.ts'
import type { Move, Story } from './story.ts'
import { mayWait, type Scene } from './why-laws.ts'
import { World } from './world.ts'

/** Plays a story, and looks whenever the engine rests. Throws `LawBroken`. */
export async function play(story: Story): Promise<void> {
  const player = new Player(story)
  try {
    await player.play(story.moves)
  } catch (error) {
    const law = error instanceof LawBroken ? error.law : 'no error escapes'
    const fault = error instanceof LawBroken ? error.message : String((error as Error).stack)
    throw new LawBroken(law, `${fault}\n${player.told.join('\n')}`)
  } finally {
    await player.close()
  }
}

/** Rounds in which everything must have ended. */
const ROUNDS = 200
/** The longest that is waited at once: longer than any timeout. */
const LONG = 4_000_000

class Player {
  /** What has happened so far, a line each. */
  readonly told: string[]
  readonly #world: World
  readonly #records: Records
  readonly #operator: Operator
  #broken: unknown

  constructor(story: Story) {
    const { flows, residents, most } = story
    this.told = [JSON.stringify({ flows, residents, most })]
    this.#world = new World(story)
    this.#records = new Records(this.#world.machine.disk.rows, this.#world.flows)
    this.#operator = new Operator(this.#world, this.#records, what => this.#tell(what))
    // What a body throws would be a failure of its step.
    this.#world.begins = step => {
      this.#tell(`  ${step.step} of ${step.run} of w${step.at} begins`)
      try {
        mayExecute(step, this.#world)
      } catch (error) {
        this.#broken ??= error
      }
    }
  }

  async play(moves: readonly Move[]): Promise<void> {
    await this.#world.open()
    for (const move of moves) {
      this.#tell(JSON.stringify(move))
      this.#records.look()
      if (move.kind === 'pass') await this.#pass(move.ms)
      else await this.#operator.make(move)
      if (move.kind !== 'end' || !move.isHasty) await this.#settle()
    }
    this.#tell('now everything may end')
    await this.#settle()
    await this.#operator.letGo()
    await this.#wait()
    await mustHaveEnded(this.#records, this.#world, this.#operator.known)
  }

  async close(): Promise<void> {
    this.#world.begins = () => {}
    for (const held of [...this.#world.held]) held.end()
    await this.#world.machine.stop()
  }

  /** Steps end as soon as they can, and time passes, until all is over. */
  async #wait(): Promise<void> {
    const { clock } = this.#world.machine
    for (let round = 0; round < ROUNDS; round++) {
      await this.#operator.releaseAll()
      await this.#world.machine.settle()
      this.#rested()
      if (this.#records.active.length === 0) return
      await this.#pass(Math.max(1, Math.min(clock.untilNext ?? 60_000, LONG)))
    }
  }

  async #pass(ms: number): Promise<void> {
    // A run that is let in now is to begin now.
    await this.#world.machine.settle()
    await this.#world.pass(ms, () => this.#rested())
    await mayWait(this.#scene)
  }

  async #settle(): Promise<void> {
    await this.#world.machine.settle()
    this.#rested()
    await mayWait(this.#scene)
  }

  get #scene(): Scene {
    const { hasPaused } = this.#operator
    return { records: this.#records, world: this.#world, hasPaused }
  }

  #rested(): void {
    if (this.#broken !== undefined) throw this.#broken
    this.#records.look()
    mayHold(this.#records, this.#world)
    mayCount(this.#records, this.#world)
  }

  #tell(what: string): void {
    this.told.push(`${String(this.#world.machine.clock.elapsed()).padStart(7)}  ${what}`)
  }
}
