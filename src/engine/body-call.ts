import type { OpenStep } from '../../journal/pending.ts'
import type { StepClaim } from '../admission/step-claim.ts'
import { parseDuration } from '../define/duration.ts'
import { EngineError } from '../define/error.ts'
import type { Clock } from '../ports/clock.ts'
import type { BodyScope } from '../run/body-scope.ts'
import type { Awaited, Scopes } from '../run/call.ts'
import { promised } from '../run/promised.ts'
import type { ScopedWait } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import type { Attempt } from './attempt.ts'
import type { BodyRunner } from './body-runner.ts'

/** A body that is to be called, or is running. */
export interface Job {
  readonly run: Run
  readonly step: OpenStep
  readonly awaited: Awaited
  readonly attempt: Attempt
  readonly scope: BodyScope
  /** What it has a place under, once it executes; nothing: under no limit of its own. */
  claim: StepClaim | undefined
  /** What else has to wait because of how it ended. */
  pauses: ScopedWait | undefined
}

export interface BodyHost {
  readonly clock: Clock
  readonly scopes: Scopes
  /** Runs the bodies, if they are not simply called. */
  readonly bodies: BodyRunner | undefined
}

/** Calls the body of a step; after its timeout what it gives no longer counts. */
export function callBody(job: Job, host: BodyHost): unknown {
  const { scope, awaited, attempt } = job
  const { options } = awaited.call
  const result = host.scopes.run(scope, () => body(job, host))
  if (options?.timeout === undefined) return result
  const ms = parseDuration(options.timeout)
  return new Promise((resolve, reject) => {
    const expire = (): void => {
      const error = timedOut(awaited.id, ms)
      attempt.abort(error)
      reject(error)
    }
    attempt.callOff = host.clock.alarm(ms, expire, 'timeout')
    promised(result).then(resolve, reject).finally(attempt.callOff)
  })
}

function body({ run, step, awaited, attempt }: Job, { bodies }: BodyHost): unknown {
  const { body } = awaited.call
  if (bodies === undefined) return body?.(attempt)
  const workflow = run.workflow?.id ?? ''
  return bodies({ run: run.id, workflow, step: step.id, attempt, body: () => body?.(attempt) })
}

const timedOut = (id: string, ms: number): EngineError =>
  new EngineError('STEP_TIMEOUT', `Step '${id}' took longer than ${ms} ms.`, {
    hint: 'Pass its `signal` on so that it stops, or give the step a longer `timeout`.',
    facts: { step: id, timeout: ms },
  })
