import { callSite, trace } from '../../journal/call-site.ts'
import type { Command, Entry } from '../../journal/entry.ts'
import type { Asked, Awaited, Call, Ending, Scopes } from './call.ts'
import { Cancellation } from './cancellation.ts'
import type { Divergence } from './divergence.ts'
import { Given } from './given.ts'
import { Hearing } from './hearing.ts'
import { notAwaited } from './misuse.ts'
import { Occurrences } from './occurrences.ts'
import { forever, promisedBy } from './promised.ts'
import type { Moment } from './retry.ts'
import { FRAMES, type Script } from './script.ts'
import { type Answering, settle } from './settle.ts'
import { Unawaited } from './unawaited.ts'
import { Whereabouts } from './whereabouts.ts'

/**
 * The code of one run while it is in memory. Inputs resolve what it awaits, one at a time; what it
 * calls meanwhile is gathered until the turn takes it.
 */
export class LiveCode {
  readonly whereabouts: Whereabouts
  readonly #onWake: (code: LiveCode) => void
  readonly #awaited = new Map<number, Awaited>()
  readonly #ids = new Occurrences()
  #asked: Asked[] = []
  /** Calls made outside of any turn while the run is replayed: they wait for their own record. */
  #early: Asked[] = []
  #script: Script | undefined
  readonly unawaited = new Unawaited()
  readonly cancellation = new Cancellation()
  readonly hearing = new Hearing()
  readonly given = new Given()
  /** Whether a turn is open: an input was delivered and the code has not come to rest. */
  #inTurn = false
  /** Both clocks as they were when the input the code reacts to was recorded. */
  moment: Moment = { at: 0, elapsed: 0 }
  ending: Ending | undefined
  divergence: Divergence | undefined
  /** Where the code went on by itself, after it awaited a promise the engine does not know. */
  wokeAt: string | undefined
  /** The id of the newest call. */
  lastCall: string | undefined

  constructor(scopes: Scopes, onWake: (code: LiveCode) => void) {
    this.whereabouts = new Whereabouts(scopes, this)
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
    this.divergence ??= script.rested(this.ending)
  }

  /** Whether there is something for a turn to take. */
  get hasNews(): boolean {
    return this.#asked.length > 0 || this.ending !== undefined
  }

  get hasEarlyCalls(): boolean {
    return this.#early.length > 0
  }

  /** Starts the code. */
  begin(start: () => unknown, moment: Moment): void {
    this.moment = moment
    this.#inTurn = true
    promisedBy(start).then(
      output => this.#end({ kind: 'returned', output }),
      error => this.#end({ kind: 'threw', error }),
    )
  }

  /** Opens a turn with an input. Returns whether there was something in the code to resolve. */
  deliver(input: Entry, moment: Moment): boolean {
    this.moment = moment
    this.hearing.note(input, 'of' in input ? this.#awaited.get(input.of) : undefined)
    this.#inTurn = true
    if (input.type === 'run.cancel_requested') this.#cancel(input.reason)
    else if (input.type === 'code.woke') this.#placeEarly()
    else return 'of' in input && this.#answer(input)
    return true
  }

  /** Ends the turn, at rest: gives what was asked for, and that its places from `seq` on. */
  takeAsked(seq: number): readonly Asked[] {
    this.#inTurn = false
    const asked = this.#asked
    if (asked.length === 0) return asked
    this.#asked = []
    for (const [at, { command, awaited }] of asked.entries())
      this.#await(seq + at, command, awaited)
    return asked
  }

  /** The call under a seq, while it waits for its answer. */
  awaited(seq: number): Awaited | undefined {
    return this.#awaited.get(seq)
  }

  /** Whether this call is the next that the journal has: what was checked then is not checked again. */
  isRecorded(type: Command['type'], id: string): boolean {
    return this.#inTurn && this.#script?.expects(type, this.#ids.peek(id)) === true
  }

  /** A step is called. The promise is what the code awaits. */
  ask(call: Call): Promise<unknown> {
    const { body, isShielded: shielded } = this.whereabouts
    if (body !== undefined) return body.refuse(call.id)
    const { refusal } = this.cancellation
    if (refusal !== undefined && !shielded) return this.unawaited.refuse(call.id, refusal)
    if (this.ending !== undefined || this.divergence !== undefined) return forever()
    const id = this.#ids.next(call.id)
    this.lastCall = id
    const { answer, resolve, reject } = this.unawaited.open<unknown>(id)
    const askedAt = this.moment.at
    const awaited: Awaited = { id, shielded, call, askedAt, answer, resolve, reject }
    const command = call.command(id, shielded)
    if (command.type === 'event.sent') awaited.resolve({ ids: command.events.map(({ id }) => id) })
    if (this.#inTurn || this.#script === undefined) this.#place({ command, awaited })
    else this.#early.push({ command, awaited, from: trace(FRAMES) })
    if (!this.#inTurn) this.#wake()
    return awaited.answer
  }

  /** A call cannot be made. The promise is what the code awaits. */
  refuse(id: unknown, refusal: unknown): Promise<never> {
    const named = typeof id === 'string' ? id : ''
    const { body } = this.whereabouts
    return body?.refuse(named) ?? this.unawaited.refuse(named, this.given.note(refusal))
  }

  continueAsNew(data: unknown): Promise<never> {
    const { refusal } = this.cancellation
    if (this.whereabouts.body !== undefined || refusal !== undefined) {
      return this.refuse('continueAsNew', refusal)
    }
    this.#end({ kind: 'continued', data })
    return forever()
  }

  #place({ command, awaited, from }: Asked): void {
    const followed = this.#script?.follow(command, from) ?? { kind: 'new' }
    switch (followed.kind) {
      case 'new':
        this.#asked.push({ command, awaited })
        return
      case 'recorded':
        this.#await(followed.seq, command, awaited)
        return
      case 'diverged':
        this.divergence = followed.divergence
        return
      default:
        followed satisfies never
    }
  }

  // Nothing comes back for events that are sent: they are on their way with the record.
  #await(seq: number, { type }: Command, awaited: Awaited): void {
    // Outside of a turn the time was that of whatever came last: a replay would not find it again.
    awaited.askedAt = this.moment.at
    if (type !== 'event.sent') this.#awaited.set(seq, awaited)
  }

  #placeEarly(): void {
    const early = this.#early
    this.#early = []
    for (const asked of early) this.#place(asked)
  }

  #answer(input: Answering): boolean {
    const awaited = this.#awaited.get(input.of)
    if (awaited === undefined || !settle(awaited, input, this.given)) return false
    this.#awaited.delete(input.of)
    return true
  }

  #cancel(reason: string): void {
    // What listens to the signal is code of the run, whoever asked for the cancellation.
    const cancelled = this.whereabouts.outside(() => this.cancellation.tell(reason))
    for (const [seq, awaited] of this.#awaited) {
      if (awaited.shielded) continue
      this.#awaited.delete(seq)
      awaited.reject(cancelled)
    }
  }

  #end(ending: Ending): void {
    if (this.ending !== undefined) return
    const { first: forgotten } = this.unawaited
    this.ending =
      ending.kind !== 'threw' && forgotten !== undefined && !this.cancellation.isTold
        ? { kind: 'threw', error: this.given.note(notAwaited(forgotten, ending.kind)) }
        : ending
    if (!this.#inTurn) this.#onWake(this)
  }

  // The call under way shows where in the code the promise was awaited.
  #wake(): void {
    this.wokeAt ??= callSite()
    this.#onWake(this)
  }
}
