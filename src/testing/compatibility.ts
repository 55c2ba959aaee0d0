import { EngineError } from '../define/error.ts'
import { compatibilityText } from './compatibility-text.ts'
import { type Group, Grouping, stageOf } from './divergence-group.ts'
import type { ReplayedRun, Verdict } from './replayed-run.ts'

/** How many runs there are of each verdict, and of all. */
export type Tally = { readonly [Each in Verdict | 'runs']: number }

/** Differing runs that are kept each for itself. All are counted, and all are in `groups`. */
const KEPT = 10_000

/** What became of the runs of a journal. */
export class Compatibility {
  /** Runs that are under way: these have to fit. */
  readonly live = emptyTally()
  /** Runs that were parked before: those that fit can be retried, of the others nothing gets worse. */
  readonly parked = emptyTally()
  /** Runs that have ended, if they were asked for. No engine ever replays them. */
  readonly ended = emptyTally()
  readonly #grouping = new Grouping()
  readonly #different: ReplayedRun[] = []
  readonly #ignoreUnknown: boolean

  constructor(ignoreUnknown: boolean) {
    this.#ignoreUnknown = ignoreUnknown
  }

  /** @internal Counts a run. */
  note(replayed: ReplayedRun): void {
    const tally = this[stageOf(replayed)]
    tally.runs++
    tally[replayed.verdict]++
    if (tally === this.parked || replayed.verdict !== 'same') this.#grouping.add(replayed)
    if (replayed.verdict !== 'same' && this.#different.length < KEPT) this.#different.push(replayed)
  }

  /** Whether every run that is under way goes on with this code. */
  get safe(): boolean {
    return this.fitting === this.live.runs
  }

  /** How many of the runs under way go on with this code. */
  get fitting(): number {
    const { same, extends: more, unknown } = this.live
    return same + more + (this.#ignoreUnknown ? unknown : 0)
  }

  /** The runs that are not `same`, in order of their ids; of very many, the first 10,000 found. */
  get list(): readonly ReplayedRun[] {
    return this.#different.toSorted((a, b) => (a.run < b.run ? -1 : 1))
  }

  /** The same, alike ones together, the most frequent first. */
  get groups(): readonly Group[] {
    return this.#grouping.groups
  }

  /** All of it for people. Its first line says the most important. */
  get text(): string {
    return compatibilityText(this)
  }

  /** The report, as `text`. */
  toString(): string {
    return this.text
  }

  /** Throws NON_DETERMINISTIC, with `text` as its message, unless `safe`. */
  assertSafe(): void {
    if (this.safe) return
    const { live, fitting } = this
    throw new EngineError('NON_DETERMINISTIC', this.text, {
      hint: 'Change the code as the report says, or give the changed workflow another id.',
      facts: { live: live.runs, fitting },
    })
  }
}

type MutableTally = { -readonly [Each in keyof Tally]: Tally[Each] }

const emptyTally = (): MutableTally => ({
  runs: 0,
  same: 0,
  extends: 0,
  diverges: 0,
  unknown: 0,
  damaged: 0,
  defect: 0,
  unchecked: 0,
})
