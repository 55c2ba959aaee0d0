import type { AdmissionCommand, AdmissionInput, JoinedEvent } from './admission-entry.ts'
import { storedToTaggedJson } from './codec/json.ts'
import type { Bytes, Entry, Listener, RunScheduled } from './entry.ts'

/**
 * An entry's facts as JSON, always in the order in which they stand here; those that are `undefined`
 * are left out by `JSON.stringify`. Values are rendered by `toTaggedJson`.
 */
export function entryFacts(entry: Entry): object {
  switch (entry.type) {
    case 'run.scheduled':
      return scheduledFacts(entry)
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
    case 'start.set':
      return { due: entry.due }
    case 'wait.set': {
      const { id, shielded, on, since, due } = entry
      return { id, shielded, on: on.map(listener), since, due }
    }
    case 'cancel.set':
      return { on: entry.on.map(listener) }
    case 'child.started': {
      const { id, shielded, child, workflow, abandon, due } = entry
      return { id, shielded, child, workflow, abandon, due }
    }
    case 'child.finished':
      return { of: entry.of, ok: entry.ok, value: json(entry.value) }
    case 'event.sent':
      return { id: entry.id, shielded: entry.shielded, events: entry.events }
    case 'event.received': {
      const { of, key, event, storedAt } = entry
      return { of, key, event, data: json(entry.data), storedAt }
    }
    case 'timer.fired':
      return { of: entry.of }
    case 'code.failed':
      return { error: json(entry.error), attempt: entry.attempt, retryAt: entry.retryAt }
    default:
      return admissionFacts(entry)
  }
}

function scheduledFacts(entry: RunScheduled): object {
  const { workflow, given, seed, continues, event, startedBy, parent, parents, schedule } = entry
  const data = json(entry.data)
  return { workflow, data, given, seed, continues, event, startedBy, parent, parents, schedule }
}

function admissionFacts(entry: AdmissionCommand | AdmissionInput): object {
  switch (entry.type) {
    case 'run.joined':
      return { events: entry.events.map(joined), due: entry.due, full: entry.full }
    case 'deadline.moved':
      return { phase: entry.phase, to: entry.to }
    case 'gather.set': {
      const { gather, key, mode, due, until, ts } = entry
      return { gather, key, mode, due, until, ts }
    }
    case 'slot.set':
      return { holds: entry.holds }
    case 'queue.set': {
      const { lane, rank, place, limits, holds, bytes } = entry
      return { lane, rank, place, limits, holds, bytes }
    }
    case 'deadline.set':
      return { phase: entry.phase, due: entry.due, after: entry.after }
    case 'run.skipped':
      return { reason: entry.reason, by: entry.by }
    default:
      return entry satisfies never
  }
}

const listener = ({ key, event, program, literals, until }: Listener): object => ({
  key,
  event,
  program,
  literals: literals && json(literals),
  until,
})

const joined = ({ event, data, parent }: JoinedEvent): object => ({
  event,
  data: json(data),
  parent,
})

const json = (bytes: Bytes): unknown => storedToTaggedJson(bytes)
