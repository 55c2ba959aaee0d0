import { isFinal } from '../../journal/lifecycle.ts'
import type { Snapshot } from './snapshot.ts'
import type { Line } from './trail.ts'

/** What the lives of one story have promised and done so far, by their trail. */
export class Memory {
  /** What each run was to be started with. */
  readonly intended = new Map<string, string>()
  readonly accepted = new Set<string>()
  readonly toCancel = new Set<string>()
  readonly cancelled = new Set<string>()
  /** How runs ended, as observed. */
  readonly observed = new Map<string, string>()
  /** Entries that were shown to a live reader. */
  readonly shown = new Map<string, string>()
  /** What each idempotency key was used for. */
  readonly uses = new Map<string, string>()
  readonly keys = new Map<string, string>()
  /** Events for workflows with limits that were to be sent, and those that were acknowledged. */
  readonly offered = new Set<string>()
  readonly sent = new Set<string>()
  /** The lines of the story in which each run first and last did something to the world. */
  readonly spans = new Map<string, Span>()
  #lines = 0
  /** Contradictions within the trail itself. */
  readonly faults: string[] = []

  /** Takes in what one life did. */
  add(lines: readonly Line[]): void {
    for (const line of lines) this.#add(line)
  }

  #add({ mark, words: [run = '', ...words] }: Line): void {
    this.#lines++
    if (mark === 'B' || mark === 'E') {
      this.spans.set(run, { from: this.spans.get(run)?.from ?? this.#lines, to: this.#lines })
    }
    switch (mark) {
      case 'a':
        return this.#once('run', this.intended, run, words.join(' '))
      case 'A':
        this.accepted.add(run)
        return
      case 'c':
        this.toCancel.add(run)
        return
      case 'C':
        this.cancelled.add(run)
        return
      case 'v':
        this.offered.add(run)
        return
      case 'V':
        this.sent.add(run)
        return
      case 'S':
        return this.#once('entry', this.shown, `${run} ${words[0]}`, words[1] ?? '')
      case 'R':
        return this.#once('result of run', this.observed, run, words.join(' '))
      case 'B': {
        const [step = '', , key = '', input = ''] = words
        this.#once('idempotency key of step', this.keys, `${run} ${step}`, key)
        return this.#once('use of idempotency key', this.uses, key, `${run} ${step} ${input}`)
      }
      case 'p':
      case 'P':
      case 'L':
      case 'E':
      case 'K':
      case 'N':
        return
      default:
        mark satisfies never
    }
  }

  #once(what: string, map: Map<string, string>, name: string, value: string): void {
    const before = map.get(name)
    if (before === undefined) map.set(name, value)
    else if (before !== value) this.faults.push(`${what} ${name} was ${before}, then ${value}`)
  }
}

export interface Span {
  readonly from: number
  readonly to: number
}

/** What has to hold after each life, and more when the story is over. */
export interface Scene {
  readonly before: Snapshot
  readonly after: Snapshot
  readonly memory: Memory
  /** What the life that has just ended did. */
  readonly lines: readonly Line[]
}

export const isOver = (snapshot: Snapshot): readonly string[] =>
  [...snapshot.values()].flatMap(({ head: { run, status } }) =>
    isFinal(status) ? [] : [`run ${run} is ${status}`],
  )
