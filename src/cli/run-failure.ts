import { decodeValue } from '../../journal/codec/decode.ts'
import type { Bytes } from '../../journal/entry.ts'
import type { Moment, Span } from '../inspect/span.ts'
import type { Timeline } from '../inspect/timeline.ts'
import { type Thrown, thrownIn } from './thrown.ts'
import { jsonText } from './value-text.ts'

/** What went wrong in a run, or keeps going wrong. */
export interface RunFailure {
  /** `step "ship" failed, 3 attempts`. */
  readonly what: string
  readonly thrown: Thrown
  readonly step?: Span
  /** When its attempts failed. */
  readonly failedAt: readonly Moment[]
  /** It is tried again. */
  readonly goesOn: boolean
}

/** Nothing, if all goes well. */
export function failureOf(timeline: Timeline): RunFailure | undefined {
  const { outcome, parked, spans } = timeline
  if (parked !== undefined) return failed(`parked: ${parked.code}`, reportIn(parked.report))
  if (outcome?.kind === 'failed') return ofRun(outcome.error, spans)
  const again = spans.findLast(({ state }) => state === 'backoff')
  return again === undefined ? undefined : ofBackoff(again)
}

function ofRun(error: Bytes, spans: readonly Span[]): RunFailure {
  const thrown = thrownIn(error)
  const step = spans.findLast(({ id }) => id !== '' && id === thrown.stepId)
  if (step === undefined) {
    const tries = spans.filter(({ kind }) => kind === 'code')
    const told = tries.length > 1 ? `the code failed, ${tries.length} attempts` : 'the code failed'
    return { ...failed(told, thrown), failedAt: tries.map(({ begun }) => begun) }
  }
  return ofStep(step, step.value === undefined ? thrown : thrownIn(step.value), false)
}

function ofBackoff(span: Span): RunFailure | undefined {
  const error = span.kind === 'code' ? span.value : span.attempts.at(-1)?.error
  if (error === undefined) return undefined
  if (span.kind !== 'code') return ofStep(span, thrownIn(error), true)
  const told = failed(`the code failed, attempt ${span.attempt}`, thrownIn(error))
  return { ...told, failedAt: [span.begun], goesOn: true }
}

function ofStep(step: Span, thrown: Thrown, goesOn: boolean): RunFailure {
  const failedAt = step.attempts.flatMap(({ state, ended }) =>
    state === 'failed' && ended !== undefined ? [ended] : [],
  )
  const times = failedAt.length === 1 ? '1 attempt' : `${failedAt.length} attempts`
  const tried = failedAt.length === 0 ? '' : `, ${times}`
  return { what: `step "${step.id}" failed${tried}`, thrown, step, failedAt, goesOn }
}

const failed = (what: string, thrown: Thrown): RunFailure => ({
  ...{ what, thrown, failedAt: [], goesOn: false },
})

/** What a parked run is set aside with: an error, or facts by which it is told. */
function reportIn(report: Bytes): Thrown {
  const value = decodeValue(report)
  if (value instanceof Error) return thrownIn(report)
  if (typeof value !== 'object' || value === null) return { ...untold, title: String(value) }
  const facts = new Map<string, unknown>(Object.entries(value))
  const site = facts.get('site')
  const stacks = typeof site === 'string' ? [`    at ${site}`] : []
  return { ...untold, title: reportText(facts), stack: stacks.join(''), stacks }
}

function reportText(facts: ReadonlyMap<string, unknown>): string {
  if (facts.has('recorded') && facts.has('asked')) {
    const [entry, recorded, asked] = ['entry', 'recorded', 'asked'].map(name => facts.get(name))
    return `at entry ${entry} the journal has ${recorded}, but the code asked for ${asked}`
  }
  return [...facts].map(([name, fact]) => `${name}: ${jsonText(fact)}`).join(', ')
}

const untold: Thrown = { title: '', stack: '', stacks: [], causes: [] }
