/**
 * Matchers for runs, and playback of recorded runs, for vitest.
 *
 * @module perdure/testing/vitest
 */
import { expect } from 'vitest'
import type { SkipReason } from '../../journal/admission-entry.ts'
import type { ExpectedStep } from './matchers.ts'
import * as matchers from './matchers.ts'

expect.extend({ ...matchers })

export { type Playback, type PlaybackOptions, playback } from './playback.ts'

/** What importing this file adds to `expect`, for runs of a `testEngine`. */
export interface RunMatchers {
  /**
   * The run has completed; with this output, if one is given, compared as by `toEqual`.
   *
   * @example expect(run).toHaveCompleted({ id: expect.any(String) })
   */
  toHaveCompleted(output?: unknown): void
  /**
   * The run has failed; with this error, if one is given: a part of its message, a pattern of it,
   * its class, or what it equals.
   *
   * @example expect(run).toHaveFailed('card declined')
   */
  toHaveFailed(error?: unknown): void
  /**
   * The run was skipped; for this reason, if one is given.
   *
   * @example expect(run).toHaveBeenSkipped('rate-limit')
   */
  toHaveBeenSkipped(reason?: SkipReason): void
  /**
   * The run has come to a step of this id (`charge`, `charge:1`, ...), and the step to this.
   *
   * @example expect(run).toHaveStep('charge', { attempts: 2, value: expect.any(Object) })
   */
  toHaveStep(id: string, expected?: ExpectedStep): void
  /**
   * The lines of the run's timeline match these in their order: a text is a whole line. Others may
   * come between them, unless it is to be `exact`.
   *
   * @example expect(run).toMatchTimeline(['step.failed charge', /^timer/, 'run.completed'])
   */
  toMatchTimeline(lines: readonly (string | RegExp)[], options?: { exact?: boolean }): void
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: its declarations must all look the same.
  interface Matchers<T = any> extends RunMatchers {}
}
