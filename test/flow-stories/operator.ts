import { RetryAfterError } from 'perdure'
import { PerdureError } from '../../journal/error.ts'
import type { Known } from './end-laws.ts'
import { changed } from './flow.ts'
import type { Sent } from './loss-law.ts'
import type { Recorded, Records } from './records.ts'
import type { At, Move, Scope } from './story.ts'
import type { World } from './world.ts'

/** What the engine may answer to what is asked for at random. */
const REFUSALS = ['RUN_STATUS', 'OVERLOADED', 'DEFINITION_INVALID', 'RUN_CONFLICT']

type Made<Kind extends Move['kind']> = Move & { readonly kind: Kind }

/** Makes the moves of a story, and keeps what only who makes them can know. */
export class Operator {
  /** Whether anything may be paused. */
  hasPaused = false
  readonly #world: World
  readonly #records: Records
  readonly #tell: (what: string) => void
  readonly #sent: Sent[] = []
  readonly #retries = new Set<string>()
  #count = 0

  constructor(world: World, records: Records, tell: (what: string) => void) {
    this.#world = world
    this.#records = records
    this.#tell = tell
  }

  get known(): Known {
    return { sent: this.#sent, retries: this.#retries }
  }

  async make(move: Exclude<Move, { readonly kind: 'pass' }>): Promise<void> {
    const { engine, machine } = this.#world
    switch (move.kind) {
      case 'send':
        return this.#send(move)
      case 'start':
        return this.#start(move)
      case 'end':
        this.#picked(this.#world.held, move.step)?.end()
        return this.#survive(move, async () => {})
      case 'fail':
        return this.#fail(move)
      case 'cancel': {
        const { run } = this.#picked(this.#records.active, move.run)?.ledger ?? {}
        if (run === undefined) return
        return this.#survive(move, () => this.#world.engine.cancel(run, 'asked to'))
      }
      case 'pause run':
      case 'resume run':
      case 'retry':
        return this.#turn(move)
      case 'pause': {
        const options = move.span === undefined ? {} : { for: move.span }
        await this.#try(engine.admission.pause(scopeOf(move), options))
        this.hasPaused = true
        return
      }
      case 'resume':
        return void (await this.#try(engine.admission.resume(scopeOf(move))))
      case 'drain':
      case 'accept':
        return void (await this.#try(engine.admission[move.kind](scopeOf(move))))
      case 'crash':
        return this.#world.crash()
      case 'deploy':
        return this.#world.deploy(move.at, move.flow)
      case 'change': {
        const { at, to, off } = move
        return this.#world.deploy(at, changed(this.#world.flows[at], to, off))
      }
      case 'take back':
        return this.#world.deploy(move.at, this.#world.before[move.at])
      case 'jump':
        return machine.clock.jump(move.ms)
      default:
        move satisfies never
    }
  }

  /** Takes back all that holds runs up, and lets steps end by themselves. */
  async letGo(): Promise<void> {
    const { admission } = this.#world.engine
    this.#world.letsGo = true
    await admission.resume()
    await admission.accept()
    for (const workflow of ['w0', 'w1', 'w2']) {
      await admission.resume({ workflow })
      await admission.accept({ workflow })
      for (const key of ['a', 'x']) await this.#try(admission.resume({ workflow, key }))
    }
  }

  /** Nothing that was begun or paused goes on being so. */
  async releaseAll(): Promise<void> {
    for (const held of [...this.#world.held]) held.end()
    await this.#world.machine.settle()
    this.#records.look()
    for (const { ledger } of this.#records.active) {
      if (ledger.status === 'paused') await this.#world.engine.resume(ledger.run)
    }
  }

  async #send(move: Made<'send'>): Promise<void> {
    const events = move.all.map(facts => {
      const n = this.#count++
      return { name: move.on, id: `e${n}`, data: { ...facts, n } }
    })
    let isTaken = false
    await this.#survive(move, async () => {
      isTaken = (await this.#try(this.#world.engine.send(events))) !== undefined
    })
    const forgetful = this.#forgetful
    if (!isTaken) return
    this.#sent.push(...events.map(({ name, data }) => ({ name, n: data.n, forgetful })))
  }

  async #start(move: Made<'start'>): Promise<void> {
    const n = this.#count++
    const facts = { ...move.facts, n }
    await this.#survive(move, async () => {
      await this.#try(this.#world.start(move.at, facts, `s${n}`))
    })
  }

  #fail({ step, scope }: Made<'fail'>): void {
    const held = this.#picked(this.#world.held, step)
    if (held === undefined) return
    const slow = scope && new RetryAfterError('slow', 3_000, { scope })
    held.fail(slow ?? new Error('told to fail'))
    this.hasPaused ||= scope !== undefined && scope !== 'step'
  }

  async #turn({ kind, run }: Made<'pause run' | 'resume run' | 'retry'>): Promise<void> {
    const { engine } = this.#world
    const of = (status: Recorded['ledger']['status']) =>
      this.#picked(
        this.#records.all.filter(({ ledger }) => ledger.status === status),
        run,
      )?.ledger.run
    if (kind === 'pause run') {
      const picked = this.#picked(this.#records.active, run)
      if (picked !== undefined) await this.#try(engine.pause(picked.ledger.run))
    } else if (kind === 'resume run') {
      const picked = of('paused')
      if (picked !== undefined) await this.#try(engine.resume(picked))
    } else {
      const picked = of('failed')
      const handle = picked === undefined ? undefined : await this.#try(engine.retry(picked))
      if (handle !== undefined) this.#retries.add(handle.id)
    }
  }

  /** The process may die meanwhile: then who has asked does not know what became of it, and asks again. */
  async #survive({ dies }: { readonly dies?: number }, ask: () => Promise<void>): Promise<void> {
    const asked = ask()
    if (dies === undefined) return asked
    asked.catch(() => {})
    await this.#world.dieAfter(dies)
    this.#tell('  it has died')
    await ask()
  }

  /** What comes of it; nothing, if the engine refuses it as it may. */
  async #try<Result>(asked: Promise<Result>): Promise<Result | undefined> {
    try {
      return await asked
    } catch (error) {
      if (!(error instanceof PerdureError) || !REFUSALS.includes(error.code)) throw error
      this.#tell(`  refused: ${error.code}`)
      return undefined
    }
  }

  #picked<One>(of: readonly One[], number: number): One | undefined {
    return of[number % Math.max(1, of.length)]
  }

  /** Workflows that may leave out what comes now. */
  get #forgetful(): readonly At[] {
    const all = [0, 1, 2] as const
    return all.filter(at => {
      const { debounce } = this.#world.flows[at]
      return debounce !== undefined && debounce.mode !== 'all'
    })
  }
}

const scopeOf = ({ at, key }: Scope) => ({
  ...(at !== undefined && { workflow: `w${at}` }),
  ...(key !== undefined && { key }),
})
