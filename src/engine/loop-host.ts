import type { Input } from '../../journal/entry.ts'
import type { Moment } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import type { Turn } from './turn.ts'

/** What the loop has done by others: a turn, in the order of its parts. */
export interface LoopHost {
  /** Time for a turn. */
  stamp(): Moment
  /** Time stands still for all that is recorded, until the turns that have it are written. */
  holdTime(): void
  releaseTime(): void
  /** Whether the run would begin with the input, so that admission has to be asked. */
  enters(run: Run, input: Input): boolean
  /** Gives the input to the run's code. */
  deliver(turn: Turn): void
  /** The run's code could not be given its input: a defect that is this run's alone. */
  defective(run: Run, error: unknown): void
  /** Resolves when the code has run until it rests: all its microtasks have drained. */
  rest(): Promise<void>
  /** Takes what the code asked for, and makes the record. */
  answer(turn: Turn): void
  /** Finds what waits that look back are already answered by. */
  lookBack(turns: readonly Turn[]): Promise<() => void> | undefined
  /** Writes the turns, all in one commit. Resolves when it is durable. */
  write(turns: readonly Turn[]): Promise<void>
  /** Acts on a turn that is durable. */
  perform(turn: Turn): void
  /** Brings the run's code back, then wakes the run. */
  revive(run: Run): void
  failed(error: unknown): void
}
