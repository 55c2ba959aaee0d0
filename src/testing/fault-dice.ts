import type { Choices } from './choices.ts'
import type { WriteFault } from './disk.ts'
import type { Budget } from './prepared.ts'

const CRASHES: readonly WriteFault[] = ['crash-before', 'crash-after']
const FAILURES: readonly WriteFault[] = ['fails', 'fails-but-written']

/** Decides what goes wrong, as long as the budget lasts. */
export class FaultDice {
  readonly #choices: Choices
  #crashes: number
  #writes: number
  #cancels: number
  #jumps: Budget['jumps']
  #canUpgrade: boolean

  constructor(choices: Choices, { crashes, writes, cancels, jumps, canUpgrade }: Budget) {
    this.#choices = choices
    this.#crashes = crashes
    this.#writes = writes
    this.#cancels = cancels
    this.#jumps = jumps
    this.#canUpgrade = canUpgrade
  }

  /** What is left of the budget. */
  get left(): string {
    return `${this.#crashes}/${this.#writes}/${this.#cancels}/${this.#jumps}/${this.#canUpgrade}`
  }

  /** What becomes of a write; it records what this move has led to. */
  write(move: string): WriteFault | undefined {
    const crash = this.#crashes > 0 ? this.#of(CRASHES, 'write', move) : undefined
    if (crash !== undefined) {
      this.#crashes--
      return crash
    }
    // In a stream of its own: else what a number means would depend on what is left of the budget,
    // and be another thing in a replay that has more.
    const failure = this.#writes > 0 ? this.#of(FAILURES, 'write/failure', move) : undefined
    if (failure !== undefined) this.#writes--
    return failure
  }

  #of(faults: readonly WriteFault[], stream: string, move: string): WriteFault | undefined {
    return faults[this.#choices.choose(stream, faults.length + 1, [move]) - 1]
  }

  /** Nothing goes wrong from now on. */
  cease(): void {
    this.#crashes = 0
    this.#writes = 0
    this.#cancels = 0
    this.#jumps = []
    this.#canUpgrade = false
  }

  get canCancel(): boolean {
    return this.#cancels > 0
  }

  /** Whether one of so many runs is cancelled now, and which. */
  cancel(runs: number): number | undefined {
    const at = this.#choices.choose('cancel', runs + 1) - 1
    if (at < 0) return undefined
    this.#cancels--
    return at
  }

  /** What the wall clock is set by now; or it stands still for a while. */
  jump(): number | 'frozen' | undefined {
    if (this.#jumps.length === 0) return undefined
    const jump = this.#jumps[this.#choices.choose('clock', this.#jumps.length + 1) - 1]
    if (jump !== undefined) this.#jumps = []
    return jump
  }

  /** Whether the other version is deployed now. */
  upgrade(): boolean {
    if (!this.#canUpgrade || this.#choices.choose('upgrade', 2) === 0) return false
    this.#canUpgrade = false
    return true
  }
}
