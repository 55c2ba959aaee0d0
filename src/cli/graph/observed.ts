import type { Entry, Record, RunScheduled } from '../../../journal/entry.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../../journal/ledger.ts'
import { isFinal } from '../../../journal/lifecycle.ts'
import type { Open } from '../../../journal/pending.ts'
import { type Call, callOf } from './call.ts'
import type { How, Tallies } from './tallies.ts'

/** Something that a run had reached, and how it came out. */
interface Source {
  readonly node: string
  readonly how: How
}

/**
 * Follows one run through its records: what was asked for after what. What an answer led to is told by
 * the turn that it began; an answer that led to nothing at once belongs to what is asked for next, as
 * the first of two that are awaited together does.
 */
export class RunTrace {
  readonly #tallies: Tallies
  readonly #ledger: Ledger
  readonly #calls = new Map<number, string>()
  readonly #seen = new Set<string>()
  #loose: Source[] = []
  #start = ''

  constructor(run: string, tallies: Tallies) {
    this.#tallies = tallies
    this.#ledger = emptyLedger(run)
  }

  take(record: Record): void {
    const [input, ...rest] = record.entries
    if (input === undefined) return
    const waiting = [...this.#ledger.open.values()]
    this.#answered(input, waiting)
    noteRecord(this.#ledger, record)
    if (this.#ledger.hadEnded) return
    if (record.entries.some(({ type }) => type === 'run.started')) {
      this.#loose.push({ node: this.#start, how: 'ok' })
    }
    this.#asked(rest, record.seq + 1)
    const { status, continuedAs } = this.#ledger
    if (isFinal(status)) this.#end(continuedAs === undefined ? status : 'continued', waiting)
  }

  /** Counts what the run waits for as it is now. */
  finish(): void {
    const { status, open } = this.#ledger
    if (isFinal(status)) return
    for (const { seq } of open.values()) {
      const node = this.#calls.get(seq)
      if (node !== undefined) this.#tallies.node(node).now++
    }
  }

  #answered(input: Entry, waiting: readonly Open[]): void {
    if (input.type === 'run.scheduled') this.#start = this.#tallies.start(triggerOf(input))
    if (input.type === 'run.cancel_requested') this.#cancelled(waiting)
    if (!('of' in input)) return
    const node = this.#calls.get(input.of)
    if (node === undefined) return
    const how = howOf(input, waiting)
    const tally = this.#tallies.node(node)
    if (input.type === 'step.failed' && input.retryAt !== undefined) tally.retries++
    if (how === undefined) return
    if (how === 'failed') tally.failed++
    if (how === 'timeout') tally.timeouts++
    this.#loose.push({ node, how })
  }

  #asked(commands: readonly Entry[], from: number): void {
    let together: Call[] = []
    const flush = (): void => {
      if (together.length > 0) this.#link(together)
      together = []
    }
    for (const [at, entry] of commands.entries()) {
      const call = callOf(entry)
      if (call === undefined) continue
      this.#calls.set(from + at, call.node)
      // What is sent is sent at once: the code goes on in the same turn.
      if (call.type === 'send') {
        flush()
        this.#link([call])
        this.#loose = [{ node: call.node, how: 'ok' }]
      } else together.push(call)
    }
    flush()
  }

  #link(calls: readonly Call[]): void {
    const names = [...new Set(calls.map(({ node }) => node))]
    const fork = names.length > 1 ? this.#tallies.fork(names) : undefined
    if (fork !== undefined) this.#edges(fork, 1)
    for (const call of calls) this.#count(call)
    for (const name of names) {
      const count = calls.filter(({ node }) => node === name).length
      if (fork === undefined) this.#edges(name, count)
      else this.#tallies.edge(fork, name, 'ok', count)
    }
    this.#loose = []
  }

  #edges(to: string, count: number): void {
    for (const { node, how } of this.#loose) this.#tallies.edge(node, to, how, count)
  }

  #count(call: Call): void {
    const tally = this.#tallies.call(call)
    tally.count++
    if (this.#seen.has(call.node)) return
    this.#seen.add(call.node)
    tally.runs++
  }

  #cancelled(waiting: readonly Open[]): void {
    for (const { seq } of waiting) {
      const node = this.#calls.get(seq)
      if (node !== undefined) this.#loose.push({ node, how: 'cancelled' })
    }
  }

  #end(name: string, waiting: readonly Open[]): void {
    const node = this.#tallies.end(name)
    // What was waited for when the run was cancelled from outside, by a deadline as by an event.
    if (this.#loose.length === 0) this.#cancelled(waiting)
    if (this.#loose.length === 0) this.#loose.push({ node: this.#start, how: 'ok' })
    this.#edges(node, 1)
    this.#loose = []
  }
}

/** How something came out; undefined: it did not yet. */
function howOf(input: Entry, waiting: readonly Open[]): How | undefined {
  switch (input.type) {
    case 'step.succeeded':
    case 'event.received':
      return 'ok'
    case 'step.failed':
      return input.retryAt === undefined ? 'failed' : undefined
    case 'child.finished':
      return input.ok ? 'ok' : 'failed'
    case 'timer.fired': {
      const kind = waiting.find(({ seq }) => seq === input.of)?.kind
      if (kind === 'sleep') return 'ok'
      return kind === 'wait' || kind === 'child' ? 'timeout' : undefined
    }
    default:
      return undefined
  }
}

function triggerOf({ schedule, event, parent, parents, continues }: RunScheduled): string {
  if (schedule !== undefined) return `schedule ${schedule}`
  if (continues !== undefined) return 'continued'
  if (parent !== undefined || parents !== undefined) return 'as a child'
  return event === undefined ? 'start()' : event.name
}
