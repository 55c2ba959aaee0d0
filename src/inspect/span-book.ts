import type { Bytes } from '../../journal/entry.ts'
import type { Attempt, Moment, Span, SpanState } from './span.ts'

/** What is told of a span when it is opened. */
export type Opened = Span extends infer Each
  ? Each extends Span
    ? Omit<Each, 'seq' | 'begun' | 'attempts' | 'answers'>
    : never
  : never

/** The spans of a run, in the order in which they were opened. Entries of one record share a time. */
export class SpanBook {
  readonly #spans = new Map<number, Span>()
  readonly #open = new Set<number>()
  #now: Moment = { at: 0, elapsed: 0 }
  /** What the record under way has asked for so far, of all that the code waits for. */
  #together: number[] = []

  beginRecord(now: Moment): void {
    this.#now = now
    this.#together = []
  }

  all(): readonly Span[] {
    return [...this.#spans.values()]
  }

  get(seq: number): Span | undefined {
    return this.#spans.get(seq)
  }

  /** Those that are not settled, oldest first. */
  open(): readonly Span[] {
    return [...this.#open].flatMap(seq => this.#spans.get(seq) ?? [])
  }

  add(seq: number, opened: Opened): void {
    this.#spans.set(seq, { seq, begun: this.#now, attempts: [], answers: [], ...opened })
    this.#open.add(seq)
  }

  /** It was asked for together with all others of its record of which this is said. */
  join(seq: number): void {
    this.#together.push(seq)
    const [group, second] = this.#together
    if (group === undefined || second === undefined) return
    if (seq === second) this.change(group, { group })
    this.change(seq, { group })
  }

  change(seq: number, what: object): void {
    const span = this.#spans.get(seq)
    if (span !== undefined) this.#spans.set(seq, { ...span, ...what })
  }

  answer(seq: number, by: number): void {
    const answers = this.#spans.get(seq)?.answers ?? []
    this.change(seq, { answers: [...answers, by] })
  }

  settle(seq: number, state: SpanState, value?: Bytes): void {
    const attempt = state === 'cancelled' || state === 'abandoned' ? state : undefined
    if (attempt !== undefined) this.endAttempt(seq, { state: attempt })
    const ended = this.#now
    this.change(seq, { state, ended, ...(value !== undefined && { value }) })
    this.#open.delete(seq)
  }

  beginAttempt(seq: number, number: number): void {
    const attempts = this.#spans.get(seq)?.attempts ?? []
    const attempt: Attempt = { number, begun: this.#now, state: 'running' }
    this.change(seq, { state: 'running', attempts: [...attempts, attempt] })
  }

  /** Of the one that runs, if one does. */
  endAttempt(seq: number, what: Pick<Attempt, 'state' | 'error' | 'retryAt'>): void {
    const attempts = this.#spans.get(seq)?.attempts ?? []
    const last = attempts.at(-1)
    if (last?.state !== 'running') return
    const ended: Attempt = { ...last, ended: this.#now, ...what }
    this.change(seq, { attempts: [...attempts.slice(0, -1), ended] })
  }

  late(seq: number, number: number, ok: boolean, value: Bytes): void {
    const late = { when: this.#now, ok, value }
    const attempts = this.#spans.get(seq)?.attempts ?? []
    const found = attempts.some(attempt => attempt.number === number)
    const all = found ? attempts : [...attempts, lateOnly(number, this.#now)]
    this.change(seq, {
      attempts: all.map(attempt => (attempt.number === number ? { ...attempt, late } : attempt)),
    })
  }
}

/** Of an attempt that nothing else tells of. */
const lateOnly = (number: number, now: Moment): Attempt => ({
  ...{ number, begun: now, ended: now, state: 'abandoned' },
})
