import { decodeValue } from '../../../journal/codec/decode.ts'
import type { Entry, EventReceived } from '../../../journal/entry.ts'
import type { StoredRecord } from '../../../journal/reader.ts'
import { spanText } from '../../../journal/span.ts'
import { behind, call, object, type Source } from './layout.ts'
import { type Literals, text } from './literal.ts'
import type { Redaction } from './redaction.ts'

const SIGNAL = 'perdure/signal'
/** The two clocks of a machine drift apart; only where one of them jumped it is told. */
const DRIFT_MS = 500

/** Tells what came to a run from outside, as statements that make it come again. */
export class Script {
  readonly statements: Source[] = []
  readonly #literals: Literals
  readonly #redaction: Redaction
  readonly #names = new Map<number, string>()
  readonly #gatherings = new Set<number>()
  /** Signals and events that have come: one may answer several waits. */
  readonly #sent = new Set<string>()
  #at: number
  #elapsed: number

  constructor(begun: StoredRecord, literals: Literals, redaction: Redaction) {
    this.#at = begun.at
    this.#elapsed = begun.elapsed
    this.#literals = literals
    this.#redaction = redaction
  }

  /** Notes what is answered later. */
  name(records: readonly StoredRecord[]): void {
    for (const { seq, entries } of records) {
      for (const [place, entry] of entries.entries()) {
        if ('id' in entry) this.#names.set(seq + place, entry.id)
        if (entry.type === 'gather.set') this.#gatherings.add(seq + place)
      }
    }
  }

  tell(record: StoredRecord): void {
    const [input] = record.entries
    const statement = input && this.#statement(input)
    if (statement === undefined) return
    this.#pass(record)
    this.statements.push(statement)
  }

  #pass({ at, elapsed }: StoredRecord): void {
    const passed = elapsed - this.#elapsed
    const shown = at - this.#at
    if (shown === 0 && Math.abs(passed) < DRIFT_MS) return
    const jumps = Math.abs(passed - shown) >= DRIFT_MS
    this.#at = at
    this.#elapsed = jumps ? elapsed : this.#elapsed + shown
    const span = jumps ? [object([`passed: ${text(spanText(passed))}`])] : []
    this.statements.push(call('play.at', text(new Date(at).toISOString()), ...span))
  }

  #statement(entry: Entry): Source | undefined {
    switch (entry.type) {
      case 'step.succeeded':
        return this.#step('stepSucceeded', entry, entry.value)
      case 'step.failed':
        return this.#step('stepFailed', entry, entry.error)
      case 'step.late':
        return this.#step(entry.ok ? 'stepSucceeded' : 'stepFailed', entry, entry.value)
      case 'timer.fired':
        return this.#gatherings.has(entry.of) ? undefined : this.#act('timerFired')
      case 'event.received':
        return this.#event(entry)
      case 'child.finished': {
        const act = entry.ok ? 'childCompleted' : 'childFailed'
        return this.#act(act, this.#name(entry.of), ...this.#value(entry.value))
      }
      case 'run.cancel_requested': {
        const { reason } = entry
        const told = reason === '' ? [] : [text(String(this.#redaction.of(reason)))]
        return this.#act('cancelRequested', ...told)
      }
      case 'run.paused':
        return this.#act('paused')
      case 'run.resumed':
        return this.#act('resumed')
      case 'code.woke':
        return this.#act('codeWoke')
      case 'run.parked':
        return `// Here it was parked: ${entry.code}.`
      default:
        return undefined
    }
  }

  #step(act: string, { of, attempt }: Answer, bytes: Uint8Array): Source {
    return this.#act(act, this.#name(of), String(attempt), ...this.#value(bytes))
  }

  #event({ event, data }: EventReceived): Source | undefined {
    if (this.#sent.has(event.id)) return undefined
    this.#sent.add(event.id)
    if (event.name !== SIGNAL) {
      return this.#act('eventReceived', this.#literals.write(event), ...this.#value(data))
    }
    const sent = decodeValue(data) as { readonly signal: string; readonly data: unknown }
    const told = sent.data === undefined ? [] : [this.#write(sent.data)]
    return this.#act('signalReceived', text(sent.signal), ...told)
  }

  #act(name: string, ...given: readonly Source[]): Source {
    return behind('await ', call(`play.${name}`, ...given))
  }

  #name(of: number): string {
    return text(this.#names.get(of) ?? '')
  }

  #value(bytes: Uint8Array): readonly Source[] {
    const value = decodeValue(bytes)
    return value === undefined ? [] : [this.#write(value)]
  }

  #write(value: unknown): Source {
    return this.#literals.write(this.#redaction.of(value))
  }
}

interface Answer {
  readonly of: number
  readonly attempt: number
}
