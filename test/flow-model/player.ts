import { PerdureError } from '../../journal/error.ts'
import { keys } from '../../journal/keys.ts'
import { type Came, Door } from './door.ts'
import { Broken, Laws } from './laws.ts'
import type { Loose, Move, Story } from './moves.ts'
import type { Facts } from './policies.ts'
import { Sights } from './sight.ts'
import { World } from './world.ts'

/** Plays a story against the real engine, and looks whenever it rests. Throws `Broken`. */
export async function play(story: Story): Promise<void> {
  const player = new Player(story)
  try {
    await player.open()
    for (const move of story.moves) await player.make(move)
    await player.end()
  } catch (error) {
    const law = error instanceof Broken ? '' : 'it failed: '
    const text = `${law}${error instanceof Error ? error.stack : String(error)}`
    throw error instanceof Broken
      ? Object.assign(error, { message: `${error.message}\n${player.told.join('\n')}` })
      : new Error(`${text}\n${player.told.join('\n')}`)
  } finally {
    await player.close()
  }
}

/** Rounds in which everything must have ended. */
const ROUNDS = 120

class Player {
  /** What has happened so far, a line each. */
  readonly told: string[]
  readonly #world: World
  readonly #door: Door
  readonly #sights: Sights
  readonly #laws: Laws
  #count = 0
  #broken: unknown

  constructor({ policies, residents }: Story) {
    this.told = [`policies ${JSON.stringify(policies)}, ${residents} resident`]
    this.#world = new World(policies, residents)
    this.#door = new Door(policies)
    this.#sights = new Sights(this.#world.machine.disk.rows)
    this.#laws = new Laws(policies, this.#world, this.#sights, this.#door)
    // What a body throws would be a failure of its step.
    this.#world.begins = ({ run, step }) => {
      this.#sights.look()
      this.#tell(`  ${step} of ${this.#sights.get(run)?.facts?.n} begins`)
      try {
        this.#laws.begins(run)
      } catch (error) {
        this.#broken ??= error
      }
    }
  }

  async open(): Promise<void> {
    await this.#world.open()
  }

  async make(move: Move): Promise<void> {
    switch (move.kind) {
      case 'send':
        await this.#send(move)
        break
      case 'start':
        await this.#start(move)
        break
      case 'pass':
        await this.#pass(move)
        break
      case 'end':
      case 'fail': {
        const held = this.#world.held[move.step]
        if (held === undefined) return
        this.#tell(
          `${move.kind} ${held.step} of ${this.#sights.get(held.run)?.facts?.n}${dying(move)}`,
        )
        held[move.kind]()
        await this.#survive(move)
        break
      }
      case 'cancel':
        await this.#cancel(move)
        break
      case 'crash':
        this.#tell('crash')
        await this.#crash()
        break
      case 'jump':
        this.#tell(`the wall clock jumps by ${move.ms}`)
        this.#world.machine.clock.jump(move.ms)
        break
      default:
        move satisfies never
    }
    await this.#world.machine.settle()
    this.#rested()
  }

  /** Steps end as soon as they can, and time passes, until all is over. */
  async end(): Promise<void> {
    const { clock } = this.#world.machine
    this.#tell('now everything may end')
    for (let round = 0; round < ROUNDS; round++) {
      for (const held of [...this.#world.held]) held.end()
      await this.#world.machine.settle()
      this.#rested()
      if (this.#sights.all.every(({ isOver }) => isOver) && this.#world.held.length === 0) break
      const ms = Math.min(clock.untilNext ?? 60_000, 4_000_000)
      await this.#world.pass(Math.max(1, ms), () => this.#rested())
    }
    this.#laws.ended()
  }

  async close(): Promise<void> {
    this.#world.begins = () => {}
    for (const held of [...this.#world.held]) held.end()
    await this.#world.machine.stop()
  }

  async #send(move: Move & { kind: 'send' }): Promise<void> {
    const wall = this.#world.machine.clock.wall()
    const events = move.events.map(({ facts, ts }) => {
      const n = this.#count++
      this.#tell(`send ${n} ${say(facts)} ts ${ts}${dying(move)}`)
      return { name: 'came', id: `e${n}`, ts: wall + ts, data: { ...facts, n } }
    })
    const { rows } = this.#world.machine.disk
    const come = (at: number): boolean => {
      if (!events.every(({ id }) => rows.has(keys.eventId(id)))) return false
      for (const { data, ts } of events) this.#comes({ facts: data, ts, at })
      return true
    }
    const facts = events.map(({ data }) => data)
    await this.#ask(move, facts, () => this.#world.engine.send(events), come)
  }

  async #start(move: Move & { kind: 'start' }): Promise<void> {
    const n = this.#count++
    const id = `s${n}`
    this.#tell(`start ${n} ${say(move.facts)}${dying(move)}`)
    const facts = { ...move.facts, n }
    const come = (): boolean => {
      this.#sights.look()
      const sight = this.#sights.get(id)
      if (sight === undefined) return false
      this.#comes({ facts, ts: sight.arrivedWall, at: sight.arrivedAt })
      return true
    }
    await this.#ask(move, [facts], () => this.#world.start(facts, id), come)
  }

  /** `come` tells the model of it, if it is on disk, and when it was asked; false: it is not. */
  async #ask(
    move: Move & { kind: 'send' | 'start' },
    facts: readonly Facts[],
    ask: () => Promise<unknown>,
    come: (at: number) => boolean,
  ): Promise<void> {
    let at = this.#meets()
    let isThere = false
    const taken = async (): Promise<void> => {
      try {
        await ask()
      } catch (error) {
        if (!(error instanceof PerdureError) || error.code !== 'OVERLOADED') throw error
        this.#tell('  refused')
        if (!isThere) this.#laws.refuses(facts)
      }
    }
    const asked = taken()
    // Nobody may be left to hear of it.
    asked.catch(() => {})
    const survives = await this.#survive(move, () => {
      isThere = come(at)
    })
    if (!survives && !isThere) at = this.#meets()
    // Whoever asks does not know, and asks again.
    await (survives ? asked : taken())
    if (!isThere) come(at)
  }

  /** What comes now meets all that has become of those that came before. Gives what time it is. */
  #meets(): number {
    this.#sights.look()
    for (const { isTurnedAway, facts } of this.#sights.all) {
      if (isTurnedAway && facts !== undefined) this.#door.turnAway(facts.n)
    }
    return this.#world.now
  }

  #comes(came: Came): void {
    this.#sights.look()
    const sight = this.#sights.all.find(({ facts }) => facts?.n === came.facts.n)
    const isTurnedAway = sight?.isPrompt === true && sight.isTurnedAway
    this.#door.comes(came, isTurnedAway)
  }

  async #cancel(move: Move & { kind: 'cancel' }): Promise<void> {
    const open = this.#sights.all.filter(({ isOver }) => !isOver)
    const run = open[move.run % Math.max(1, open.length)]
    if (run === undefined) return
    this.#tell(`cancel ${run.facts?.n}${dying(move)}`)
    this.#door.cancel(run.facts?.n ?? -1)
    const cancelling = this.#world.engine.cancel(run.id, 'asked to')
    if (await this.#survive(move)) await cancelling
    else await this.#world.engine.cancel(run.id, 'asked to')
  }

  async #pass(move: Move & { kind: 'pass' }): Promise<void> {
    const { ms, dies } = move
    this.#tell(`${ms} ms pass${dying(move)}`)
    if (dies === undefined) return this.#world.pass(ms, () => this.#rested())
    const { clock } = this.#world.machine
    clock.skip(Math.min(ms, clock.untilNext ?? ms))
    await this.#survive(move)
  }

  /**
   * False: the process has died meanwhile, and what it was asked for will never be answered. `dead`
   * may look at what it has left behind.
   */
  async #survive({ dies }: { readonly dies?: number }, dead = () => {}): Promise<boolean> {
    if (dies === undefined) return true
    await this.#world.dieAfter(dies)
    dead()
    await this.#crash()
    return false
  }

  async #crash(): Promise<void> {
    this.#laws.crashed()
    await this.#world.crash()
    this.#door.reopens(this.#world.now)
  }

  #rested(): void {
    if (this.#broken !== undefined) throw this.#broken
    this.#laws.rested()
  }

  #tell(what: string): void {
    this.told.push(`${String(this.#world.now).padStart(6)}  ${what}`)
  }
}

const dying = (move: { readonly dies?: number }): string =>
  move.dies === undefined ? '' : `, and dies after ${move.dies}`

const say = ({ k, j, u, p, held, nap }: Loose): string =>
  `k=${k} j=${j} u=${u} p=${p}${held ? '' : ' quick'}${nap === 0 ? '' : ` nap ${nap}`}`
