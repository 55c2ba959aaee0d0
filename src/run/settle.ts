import { decodeValue } from '../../journal/codec/decode.ts'
import type { Entry } from '../../journal/entry.ts'
import { StepError } from '../define/error.ts'
import type { Awaited } from './call.ts'
import type { Given } from './given.ts'
import { decodeThrown } from './thrown.ts'

/** An input that is about a command. */
export type Answering = Extract<Entry, { readonly of: number }>

/** Gives an awaited call its answer. Returns whether that settles it: not every answer is the last. */
export function settle(awaited: Awaited, input: Answering, given: Given): boolean {
  switch (input.type) {
    case 'step.succeeded':
      awaited.resolve(decodeValue(input.value))
      return true
    case 'step.failed':
      if (input.retryAt !== undefined) return false
      fail(awaited, input.attempt + 1, decodeThrown(input.error), given)
      return true
    case 'timer.fired':
      // The timer of a backoff belongs to a step that goes on waiting.
      if (awaited.call.body !== undefined) return false
      expire(awaited, given)
      return true
    case 'event.received':
      awaited.resolve(awaited.call.received?.(input))
      return true
    case 'child.finished':
      if (input.ok) awaited.resolve(decodeValue(input.value))
      else fail(awaited, 1, decodeThrown(input.value), given)
      return true
    case 'step.late':
      return false
    default:
      return input satisfies never
  }
}

function expire(awaited: Awaited, given: Given): void {
  const late = awaited.call.expired?.()
  if (late instanceof Error) fail(awaited, 1, late, given)
  else awaited.resolve(late)
}

const fail = ({ id, reject }: Awaited, attempts: number, cause: unknown, given: Given): void =>
  reject(given.note(new StepError(id, attempts, cause)))
