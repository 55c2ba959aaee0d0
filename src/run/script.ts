import { callSite, siteIn, trace } from '../../journal/call-site.ts'
import type {
  ChildStarted,
  Command,
  Entry,
  EventSent,
  Input,
  Record,
  StepScheduled,
  TimerSet,
  WaitSet,
} from '../../journal/entry.ts'
import type { Ending } from './call.ts'
import { type Deed, type Divergence, describeCommand, describeEnding } from './divergence.ts'
import { type Ended, endedAs, isEnded } from './ended-as.ts'

// The user's frame comes after those of `step` and of what is behind it.
export const FRAMES = 12

interface Line {
  readonly seq: number
  readonly command: CodeCommand | Ended
}

/**
 * The commands a journal recorded, which the code is expected to ask for again. Each record has a
 * mark: how many commands may have been asked for once its input was delivered. While inputs were
 * held (the run was paused or parked, or its code had failed and waited for its retry) the code
 * answers later: the mark of a held record is that of the record which lifted the hold. The end of
 * a run is a line as well: nothing is asked for in its place.
 */
export class Script {
  readonly #lines: Line[] = []
  readonly #marks: number[] = []
  /** The last seq of each record. */
  readonly #ends: number[] = []
  readonly #held: boolean[] = []
  /** Of held records: why the run was cancelled, if that is what lifts the hold. */
  readonly #cancels: (string | undefined)[] = []
  #matched: { readonly command: Command; readonly trace: Error } | undefined
  #next = 0
  #index = -1

  /** `lifting` is the input that lifts the hold the records end in, if they do. */
  constructor(records: readonly Record[], lifting?: Input) {
    const hold = new Hold()
    let since: number | undefined
    for (const [index, record] of records.entries()) {
      for (const [at, entry] of record.entries.entries()) {
        if (isAsked(entry) || isEnded(entry))
          this.#lines.push({ seq: record.seq + at, command: entry })
      }
      this.#marks.push(this.#lines.length)
      this.#ends.push(record.seq + record.entries.length - 1)
      const held = hold.after(record)
      this.#held.push(held)
      if (held) since ??= index
      else if (since !== undefined) {
        this.#marks.fill(this.#lines.length, since, index)
        this.#cancels.length = index
        this.#cancels.fill(reasonOf(record.entries[0]), since)
        since = undefined
      }
    }
    if (since !== undefined) {
      this.#marks.fill(Number.POSITIVE_INFINITY, since)
      this.#cancels.length = records.length
      this.#cancels.fill(reasonOf(lifting), since)
    }
    this.#marks.push(Number.POSITIVE_INFINITY)
  }

  /** From now on the commands of this record may be asked for; after the last one, any. */
  open(index: number): void {
    this.#index = index
  }

  /**
   * Why the code may ask for nothing new at this record: its input was held, and when the code gets
   * it the run is being cancelled.
   */
  get cancelled(): string | undefined {
    return this.#cancels[this.#index]
  }

  /** Whether this is what was recorded next. */
  expects(type: Command['type'], id: string): boolean {
    const line = this.#next < (this.#marks[this.#index] ?? 0) ? this.#lines[this.#next] : undefined
    return line?.command.type === type && 'id' in line.command && line.command.id === id
  }

  /** Matches what the code asks for now, or did at `from`, with what was recorded. */
  follow(asked: Command, from?: Error): Followed {
    const mark = this.#marks[this.#index] ?? 0
    const line = this.#next < mark ? this.#lines[this.#next] : undefined
    if (line === undefined && mark === Number.POSITIVE_INFINITY) return { kind: 'new' }
    if (line !== undefined && agrees(line.command, asked)) {
      this.#next++
      this.#matched = { command: asked, trace: from ?? trace(FRAMES) }
      return { kind: 'recorded', seq: line.seq }
    }
    const site = from === undefined ? callSite() : siteIn(from.stack ?? '')
    const call = { asked: describeCommand(asked), site }
    return { kind: 'diverged', divergence: this.#divergence(line, call) }
  }

  /**
   * What the code should have done by the time this record came to rest, and did not; or that it has
   * ended where the journal says that the run went on.
   */
  rested(ending: Ending | undefined): Divergence | undefined {
    const mark = this.#marks[this.#index] ?? 0
    // When the last held input is delivered, the code has been given all that was recorded.
    if (this.#held[this.#index] === true && this.#index < this.#held.length - 1) return undefined
    const line = this.#next < mark ? this.#lines[this.#next] : undefined
    if (line === undefined) {
      if (ending === undefined || mark === Number.POSITIVE_INFINITY) return undefined
      return this.#divergence(undefined, describeEnding(ending))
    }
    if (isEnded(line.command) && endedAs(line.command, ending)) {
      this.#next++
      return undefined
    }
    return this.#divergence(line, describeEnding(ending))
  }

  #divergence(line: Line | undefined, did: Deed): Divergence {
    const matched = this.#matched
    return {
      entry: line?.seq ?? this.#ends[this.#index] ?? 0,
      recorded: line === undefined ? 'nothing more' : describeCommand(line.command),
      ...did,
      after: matched && {
        asked: describeCommand(matched.command),
        site: siteIn(matched.trace.stack ?? ''),
      },
    }
  }
}

export type Followed =
  | { readonly kind: 'recorded'; readonly seq: number }
  | { readonly kind: 'new' }
  | { readonly kind: 'diverged'; readonly divergence: Divergence }

const reasonOf = (input: Entry | undefined): string | undefined =>
  input?.type === 'run.cancel_requested' ? input.reason : undefined

/** Whether inputs are held back after each record: the same rule as `isHeld` of the ledger. */
class Hold {
  #stopped = false
  #backoff: number | undefined

  after(record: Record): boolean {
    for (const [at, entry] of record.entries.entries()) this.#note(entry, record.seq + at)
    return this.#stopped || this.#backoff !== undefined
  }

  #note(entry: Entry, seq: number): void {
    if (entry.type === 'run.paused' || entry.type === 'run.parked') this.#stopped = true
    if (entry.type === 'run.resumed' || entry.type === 'run.unparked') this.#stopped = false
    if (entry.type === 'run.cancel_requested') this.#stopped = false
    if (entry.type === 'code.failed' && entry.retryAt !== undefined) this.#backoff = seq
    if (entry.type === 'timer.fired' && entry.of === this.#backoff) this.#backoff = undefined
  }
}

/** What is compared: the kind of a command and, for a step or a timer, its id. */
function agrees(recorded: Command, asked: Command): boolean {
  if (recorded.type !== asked.type) return false
  return !('id' in recorded) || ('id' in asked && recorded.id === asked.id)
}

type CodeCommand = StepScheduled | TimerSet | WaitSet | ChildStarted | EventSent

/** What the code asks for, of what is recorded. */
export const isAsked = (entry: Entry): entry is CodeCommand =>
  entry.type === 'step.scheduled' ||
  entry.type === 'timer.set' ||
  entry.type === 'wait.set' ||
  entry.type === 'child.started' ||
  entry.type === 'event.sent'
