import type { Command, Entry } from '../../journal/entry.ts'
import { CancelledError } from '../define/error.ts'
import { Answer } from './answer.ts'
import type { Awaited, Call, Ending, Scopes } from './call.ts'
import { callSite } from './call-site.ts'
import { nested, notAwaited } from './misuse.ts'
import { Occurrences } from './occurrences.ts'
import type { Moment } from './retry.ts'
import type { Divergence, Script } from './script.ts'
import { type Answering, settle } from './settle.ts'

const forever = new Promise<never>(() => {})

/**
 * The code of one run while it is in memory. Inputs resolve what it awaits, one at a time; what it
 * calls meanwhile is gathered until the turn takes it.
 */
export class LiveCode {
  readonly #scopes: Scopes
  readonly #onWake: (code: LiveCode) => void
  readonly #awaited = new Map<number, Awaited>()
  readonly #unawaited = new Set<string>()
  readonly #ids = new Occurrences()
  #asked: { command: Command; awaited: Awaited }[] = []
  /** Calls made outside of any turn while the run is replayed: they wait for their own record. */
  #early: { command: Command; awaited: Awaited }[] = []
  #script: Script | undefined
  #cancelled: CancelledError | undefined
  /** Set while answers are given that were held until the run was cancelled. */
  #refusal: CancelledError | undefined
  /** Whether a turn is open: an input was delivered and the code has not come to rest. */
  #inTurn = false
  #abort: AbortController | undefined
  /** Both clocks as they were when the input the code reacts to was recorded. */
  moment: Moment = { at: 0, elapsed: 0 }
  ending: Ending | undefined
  divergence: Divergence | undefined
  /** Where the code went on by itself, after it awaited a promise the engine does not know. */
  wokeAt: string | undefined

  constructor(scopes: Scopes, onWake: (code: LiveCode) => void) {
    this.#scopes = scopes
    this.#onWake = onWake
  }

  /** From now on calls are matched with what the journal recorded. */
  follow(script: Script): void {
    this.#script = script
  }

  /** The replay has come to the end of what was recorded: from now on calls are new. */
  goLive(): void {
    this.#script = undefined
    const late = this.hasEarlyCalls
    this.#placeEarly()
    if (late) this.#onWake(this)
  }

  /** Ends a turn of a replay: compares what the code did with what the record says. */
  settle(script: Script): void {
    this.#inTurn = false
    this.divergence ??= script.missing(this.ending?.kind ?? 'nothing')
    if (this.ending !== undefined) this.divergence ??= script.ended(this.ending.kind)
  }

  /** Whether there is something for a turn to take. */
  get hasNews(): boolean {
    return this.#asked.length > 0 || this.ending !== undefined
  }

  get hasEarlyCalls(): boolean {
    return this.#early.length > 0
  }

  /** From now on the code may call nothing outside of a shield, though it is not told to end yet. */
  refuse(reason: string): void {
    this.#refusal ??= new CancelledError(reason)
  }

  /** Starts the code. */
  begin(start: () => unknown, moment: Moment): void {
    this.moment = moment
    this.#inTurn = true
    new Promise(resolve => resolve(start())).then(
      output => this.#end({ kind: 'returned', output }),
      error => this.#end({ kind: 'threw', error }),
    )
  }

  /** Opens a turn with an input. Returns whether there was something in the code to resolve. */
  deliver(input: Entry, moment: Moment): boolean {
    this.moment = moment
    this.#inTurn = true
    if (input.type === 'run.cancel_requested') this.#cancel(input.reason)
    else if (input.type === 'code.woke') this.#placeEarly()
    else return 'of' in input && this.#answer(input)
    return true
  }

  /** Ends the turn, at rest: gives the commands asked for, and them their places from `seq` on. */
  takeAsked(seq: number): Command[] {
    this.#inTurn = false
    const asked = this.#asked
    if (asked.length === 0) return []
    this.#asked = []
    for (const [at, { awaited }] of asked.entries()) this.#awaited.set(seq + at, awaited)
    return asked.map(({ command }) => command)
  }

  /** The call under a seq, while it waits for its answer. */
  awaited(seq: number): Awaited | undefined {
    return this.#awaited.get(seq)
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#cancelled !== undefined) this.#abort.abort(this.#cancelled)
    return this.#abort.signal
  }

  /** A step is called. The promise is what the code awaits. */
  ask(call: Call): Promise<unknown> {
    const scope = this.#scopes.getStore()
    const inside = scope?.code === this ? scope : undefined
    if (inside?.kind === 'body') return Promise.reject(nested(call.id, inside.step))
    const shielded = inside?.kind === 'shield'
    const refusal = this.#cancelled ?? this.#refusal
    if (refusal !== undefined && !shielded) return Promise.reject(refusal)
    if (this.ending !== undefined || this.divergence !== undefined) return forever
    const id = this.#ids.next(call.id)
    const awaited = this.#open(id, shielded, call)
    const command = call.command(id, shielded)
    if (this.#inTurn || this.#script === undefined) this.#place(command, awaited)
    else this.#early.push({ command, awaited })
    if (!this.#inTurn) this.#wake()
    return awaited.answer
  }

  shield<Result>(body: () => Promise<Result>): Promise<Result> {
    return this.#scopes.run({ kind: 'shield', code: this }, body)
  }

  continueAsNew(data: unknown): Promise<never> {
    const refusal = this.#cancelled ?? this.#refusal
    if (refusal !== undefined) return Promise.reject(refusal)
    this.#end({ kind: 'continued', data })
    return forever
  }

  #open(id: string, shielded: boolean, call: Call): Awaited {
    this.#unawaited.add(id)
    return {
      id,
      shielded,
      call,
      ...Answer.open<unknown>(() => this.#unawaited.delete(id)),
    }
  }

  #place(command: Command, awaited: Awaited): void {
    const followed = this.#script?.follow(command) ?? { kind: 'new' }
    switch (followed.kind) {
      case 'new':
        this.#asked.push({ command, awaited })
        return
      case 'recorded':
        this.#awaited.set(followed.seq, awaited)
        return
      case 'diverged':
        this.divergence = followed.divergence
        return
      default:
        followed satisfies never
    }
  }

  #placeEarly(): void {
    const early = this.#early
    this.#early = []
    for (const { command, awaited } of early) this.#place(command, awaited)
  }

  #answer(input: Answering): boolean {
    const awaited = this.#awaited.get(input.of)
    if (awaited === undefined || !settle(awaited, input)) return false
    this.#awaited.delete(input.of)
    return true
  }

  #cancel(reason: string): void {
    const cancelled = this.#refusal ?? new CancelledError(reason)
    this.#cancelled = cancelled
    this.#abort?.abort(cancelled)
    for (const [seq, awaited] of this.#awaited) {
      if (awaited.shielded) continue
      this.#awaited.delete(seq)
      awaited.reject(cancelled)
    }
  }

  #end(ending: Ending): void {
    if (this.ending !== undefined) return
    const [forgotten] = this.#unawaited
    this.ending =
      ending.kind === 'returned' && forgotten !== undefined && this.#cancelled === undefined
        ? { kind: 'threw', error: notAwaited(forgotten) }
        : ending
    if (!this.#inTurn) this.#onWake(this)
  }

  // The call under way shows where in the code the promise was awaited.
  #wake(): void {
    this.wokeAt ??= callSite()
    this.#onWake(this)
  }
}
