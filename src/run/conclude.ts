import { encodeValue } from '../../journal/codec/encode.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { Command } from '../../journal/entry.ts'
import { StepError } from '../define/error.ts'
import type { RetryPolicy } from '../define/retry-options.ts'
import type { Ending } from './call.ts'
import { type Moment, retryAt } from './retry.ts'
import { encodeThrown } from './storable-error.ts'

/** What the decision depends on beside the ending. */
export interface Circumstances {
  readonly seed: string
  readonly codeFailures: number
  /** The reason, if the run was asked to end. */
  readonly cancelled: string | undefined
  readonly moment: Moment
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

// A step that failed has had its attempts: running the code again would not change its record.
function failure(
  thrown: unknown,
  { seed, codeFailures: attempt, moment }: Circumstances,
  policy: RetryPolicy,
  values: ValueLimits,
): Command {
  const error = encodeThrown(thrown, values)
  if (thrown instanceof StepError) return { type: 'run.failed', error }
  const due = retryAt(policy, attempt, thrown, moment, [seed, 'code'])
  if (due === undefined) return { type: 'run.failed', error }
  return { type: 'code.failed', error, attempt, retryAt: due }
}
