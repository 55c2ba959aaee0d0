import type { SkipReason } from '../../journal/admission-entry.ts'
import { CancelledError, EngineError } from '../define/error.ts'
import { parkedError, skippedError } from '../engine/outcomes.ts'
import { encodeThrown } from '../run/storable-error.ts'
import { type Rows, RunView } from './run-view.ts'

/** A run of a `testEngine`. It reads what is recorded: after a crash it is still the same run. */
export class TestRun<Output = unknown> extends RunView {
  readonly #rows: Rows
  readonly #settle: () => Promise<void>

  constructor(rows: Rows, id: string, settle: () => Promise<void>) {
    super(rows, id)
    this.#rows = rows
    this.#settle = settle
  }

  override get output(): Output | undefined {
    return super.output as Output | undefined
  }

  /**
   * What the run came to, once everything has happened that needs no time. Follows `continueAsNew`,
   * and the run that took this one in. Throws its error if it failed, `CancelledError`, RUN_PARKED,
   * RUN_SKIPPED; RUN_STATUS if it has not ended, since it would wait for time or events that nobody
   * else brings.
   */
  async result(): Promise<Output> {
    await this.#settle()
    if (this.continuedAs !== undefined) {
      return new TestRun<Output>(this.#rows, this.continuedAs, this.#settle).result()
    }
    const { status, error, reason = '', by } = this
    switch (status) {
      case 'completed':
        return this.output as Output
      case 'failed':
        throw error
      case 'cancelled':
        throw new CancelledError(reason)
      case 'parked':
        throw parkedError(this.id, { code: reason, report: encodeThrown(error, {}) })
      case 'skipped':
        throw skippedError(this.id, {
          reason: reason as SkipReason,
          ...(by !== undefined && { by }),
        })
      default:
        throw notEnded(this)
    }
  }
}

function notEnded({ id, status, timeline }: RunView): EngineError {
  const last = timeline.at(-1) ?? 'nothing'
  return new EngineError('RUN_STATUS', `Run ${id} is ${status}; it rests after ${last}.`, {
    hint: 'Let time pass with advance() or advanceToNext(), or send what it waits for.',
    facts: { run: id, status, last },
  })
}
