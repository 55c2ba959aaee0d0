import { encodeValue } from '../../journal/codec/encode.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { Command } from '../../journal/entry.ts'
import type { RetryPolicy } from '../define/retry-options.ts'
import type { Ending } from './call.ts'
import { type Instant, retryAt } from './retry.ts'
import { encodeThrown } from './storable-error.ts'

/** What the decision depends on beside the ending. */
export interface Circumstances {
  readonly seed: string
  readonly codeFailures: number
  /** The reason, if the run was asked to end. */
  readonly cancelled: string | undefined
  readonly now: Instant
  /** Whether running the code again would end in the same error. */
  isFinal(thrown: unknown): boolean
}

/** The command that an ending of the code amounts to. `continued` is not decided here. */
export function conclude(
  ending: Exclude<Ending, { kind: 'continued' }>,
  circumstances: Circumstances,
  policy: RetryPolicy,
  values: ValueLimits,
): Command {
  const { cancelled } = circumstances
  if (cancelled !== undefined) return { type: 'run.cancelled', reason: cancelled }
  if (ending.kind === 'threw') return failure(ending.error, circumstances, policy, values)
  try {
    return { type: 'run.completed', output: encodeValue(ending.output, values) }
  } catch (error) {
    return { type: 'run.failed', error: encodeThrown(error, values) }
  }
}

function failure(
  thrown: unknown,
  { seed, codeFailures: attempt, now, isFinal }: Circumstances,
  policy: RetryPolicy,
  values: ValueLimits,
): Command {
  const error = encodeThrown(thrown, values)
  const words = [seed, 'code']
  const due = isFinal(thrown) ? undefined : retryAt(policy, attempt, thrown, now, words)
  if (due === undefined) return { type: 'run.failed', error }
  return { type: 'code.failed', error, attempt, retryAt: due }
}
