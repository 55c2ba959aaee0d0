import type { ParkingCode } from '../define/error.ts'
import type { Clock } from '../ports/clock.ts'
import { begins } from '../run/admit.ts'
import type { LiveCode } from '../run/code.ts'
import { beginCode, type CodeHost, newCode } from '../run/replay.ts'
import type { Run } from '../run/run.ts'
import { encodeThrown } from '../run/storable-error.ts'
import type { Loop } from './loop.ts'
import { parkedError } from './outcomes.ts'
import { restsOnItsOwn } from './performer.ts'
import type { Residents } from './residents.ts'
import type { Turn } from './turn.ts'

export interface DeliveryParts {
  readonly loop: Loop
  readonly residents: Residents
  readonly settings: { readonly clock: Clock }
}

/** Code that rests by itself for longer is named before it shows where it goes on. */
const PATIENCE_MS = 10_000

/** Gives inputs to the code of runs, and notices what the code does of its own. */
export class Delivery {
  readonly #parts: DeliveryParts
  readonly #host: CodeHost
  /** Code that rests by itself, and how to call off that it is named. */
  readonly #resting = new Map<LiveCode, () => void>()
  readonly #named = new WeakSet<LiveCode>()
  #leaving = false

  constructor(parts: DeliveryParts, host: CodeHost) {
    this.#parts = parts
    this.#host = host
  }

  deliver({ run, input, moment }: Turn): void {
    const { workflow, id } = run
    if (input === undefined || workflow === undefined) return
    if (!begins(run.ledger, input)) {
      run.code?.deliver(input, moment)
      return
    }
    // What it was scheduled with is noted with the record of this very turn.
    if (input.type === 'run.scheduled')
      Object.assign(run, { scheduled: input, createdAt: moment.at })
    run.code = newCode(id, this.#host)
    const logger = () => this.#host.logger(id, workflow.id)
    beginCode(run.code, workflow, run, moment, this.#host, logger)
  }

  /** Code went on outside of any turn: it gets one of its own. */
  woke(id: string, code: LiveCode): void {
    this.#resting.get(code)?.()
    const run = this.#parts.residents.get(id)
    if (run === undefined || run.code !== code) return
    this.#name(run, code)
    this.#parts.loop.sendFirst(run, { input: { type: 'code.woke' } })
  }

  /** Sets a run aside, with a report of why. */
  park(run: Run, code: ParkingCode, report: unknown): void {
    this.#host.logger(run.id, run.ledger.workflow).error({ code, report }, 'run parked')
    const input = { type: 'run.parked', code, report: encodeThrown(report, {}) } as const
    this.#parts.loop.park(run, input, parkedError(run.id, input))
  }

  /** A turn is over, and perhaps nothing that the engine knows of will wake the code. */
  rested(run: Run): void {
    const { code } = run
    if (this.#leaving || code === undefined || !restsOnItsOwn(run)) return
    if (this.#named.has(code) || this.#resting.has(code)) return
    const callOff = this.#parts.settings.clock.alarm(PATIENCE_MS, () => {
      this.#resting.delete(code)
      if (run.code === code && restsOnItsOwn(run)) this.#name(run, code)
    })
    this.#resting.set(code, () => {
      this.#resting.delete(code)
      callOff()
    })
  }

  /** Names no more code: the engine ends. */
  leave(): void {
    this.#leaving = true
    for (const callOff of this.#resting.values()) callOff()
  }

  // Once is enough: what it awaits next is likely to be of the same kind.
  #name({ id, ledger }: Run, code: LiveCode): void {
    if (this.#named.has(code)) return
    this.#named.add(code)
    const { wokeAt: site, lastCall: after } = code
    const where = site === undefined ? { ...(after !== undefined && { after }) } : { site }
    this.#host.logger(id, ledger.workflow).warn(where, FOREIGN)
  }
}

const FOREIGN =
  'the code awaits a promise the engine does not know: put what it waits for into step.run()'
