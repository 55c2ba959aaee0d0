import { decodeValue } from './codec/decode.ts'
import { toTaggedJson } from './codec/json.ts'
import type { Bytes, Entry } from './entry.ts'

/**
 * An entry's facts as JSON, always in the order in which they stand here; those that are `undefined`
 * are left out by `JSON.stringify`. Values are rendered by `toTaggedJson`.
 */
export function entryFacts(entry: Entry): object {
  switch (entry.type) {
    case 'run.scheduled': {
      const { workflow, seed, continues } = entry
      return { workflow, data: json(entry.data), seed, continues }
    }
    case 'run.started':
    case 'run.paused':
    case 'run.resumed':
    case 'run.unparked':
    case 'code.woke':
      return {}
    case 'run.cancel_requested':
    case 'run.cancelled':
      return { reason: entry.reason }
    case 'run.parked':
      return { code: entry.code, report: json(entry.report) }
    case 'run.completed':
      return { output: json(entry.output) }
    case 'run.continued':
      return { successor: entry.successor }
    case 'run.failed':
      return { error: json(entry.error) }
    case 'step.scheduled':
      return { id: entry.id, shielded: entry.shielded }
    case 'step.succeeded':
      return { of: entry.of, attempt: entry.attempt, value: json(entry.value) }
    case 'step.failed': {
      const { of, attempt, retryAt } = entry
      return { of, attempt, error: json(entry.error), retryAt }
    }
    case 'step.late': {
      const { of, attempt, ok } = entry
      return { of, attempt, ok, value: json(entry.value) }
    }
    case 'timer.set': {
      const { id, shielded, clock, due } = entry
      return { id, shielded, clock, due }
    }
    case 'timer.fired':
      return { of: entry.of }
    case 'code.failed':
      return { error: json(entry.error), attempt: entry.attempt, retryAt: entry.retryAt }
    default:
      return entry satisfies never
  }
}

const json = (bytes: Bytes): unknown => toTaggedJson(decodeValue(bytes))
