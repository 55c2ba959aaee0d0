import { decodeValue } from '../../journal/codec/decode.ts'
import type { Entry } from '../../journal/entry.ts'
import { StepError } from '../define/error.ts'
import type { Awaited } from './call.ts'
import { decodeThrown } from './thrown.ts'

/** An input that is about a command. */
export type Answering = Extract<Entry, { readonly of: number }>

/** Gives an awaited call its answer. Returns whether that settles it: not every answer is the last. */
export function settle(awaited: Awaited, input: Answering): boolean {
  switch (input.type) {
    case 'step.succeeded':
      awaited.resolve(decodeValue(input.value))
      return true
    case 'step.failed':
      if (input.retryAt !== undefined) return false
      awaited.reject(new StepError(awaited.id, input.attempt + 1, decodeThrown(input.error)))
      return true
    case 'timer.fired':
      // The timer of a backoff belongs to a step that goes on waiting.
      if (awaited.call.body !== undefined) return false
      awaited.resolve(undefined)
      return true
    case 'step.late':
      return false
    default:
      return input satisfies never
  }
}
