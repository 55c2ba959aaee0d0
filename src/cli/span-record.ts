import { maskedLimit } from '../inspect/masked-limit.ts'
import type { Secrets } from '../inspect/secrets.ts'
import type { Attempt, Moment, Span } from '../inspect/span.ts'
import { jsonOf, maskedJson } from './masked.ts'
import type { SpanRecord } from './records/run-detail.ts'
import { isoText } from './times.ts'

type Masks = Pick<Secrets, 'mask'>

export function spanRecordOf(span: Span, secrets: Masks): SpanRecord {
  const { seq, kind, id, state, shielded, group, value } = span
  return {
    ...{ seq, kind, id, state, shielded },
    ...(group !== undefined && { group }),
    ...timesOf(span),
    about: aboutOf(span, secrets),
    attempts: span.attempts.map(attempt => attemptRecord(attempt, secrets)),
    ...(value !== undefined && {
      value: maskedJson(value, secrets, dataNamesOf(span)),
      valueBytes: value.length,
    }),
    answers: [...span.answers],
  }
}

/** Whose data it came to: an event's, if it waited for one. */
export const dataNamesOf = (span: Span): readonly string[] =>
  span.kind === 'wait' && span.received !== undefined ? [span.received.event.name] : []

/** When it began, and if it has ended when, and what lies between. */
function timesOf({ begun, ended }: { readonly begun: Moment; readonly ended?: Moment }) {
  return {
    beganAt: isoText(begun.at),
    ...(ended !== undefined && { endedAt: isoText(ended.at), tookMs: ended.at - begun.at }),
  }
}

function attemptRecord(attempt: Attempt, secrets: Masks): SpanRecord['attempts'][number] {
  const { number, state, error, retryAt, ended, late } = attempt
  return {
    ...{ number, state },
    ...timesOf(attempt),
    ...(error !== undefined && { error: maskedJson(error, secrets) }),
    ...(retryAt !== undefined &&
      ended !== undefined && { retryInMs: Math.max(0, retryAt - ended.elapsed) }),
    ...(late !== undefined && {
      late: { at: isoText(late.when.at), ok: late.ok, value: maskedJson(late.value, secrets) },
    }),
  }
}

/** Dues on the elapsed clock are told as the time that was left when the span began. */
function aboutOf(span: Span, secrets: Masks): SpanRecord['about'] {
  const left = (due: number | undefined): number | undefined =>
    due === undefined ? undefined : Math.max(0, due - span.begun.elapsed)
  const facts = (about: object): SpanRecord['about'] =>
    jsonOf(about, secrets) as SpanRecord['about']
  switch (span.kind) {
    case 'step':
      return {}
    case 'sleep':
      return span.clock === 'wall'
        ? facts({ until: isoText(span.due) })
        : facts({ forMs: left(span.due) })
    case 'wait': {
      const { on, due, received } = span
      const events = on.map(({ key, event, program }) => ({ key, event, if: program }))
      return facts({ events, atMostMs: left(due), received })
    }
    case 'child': {
      const { child, workflow, abandon, due } = span
      return facts({ run: child, workflow, abandon, atMostMs: left(due) })
    }
    case 'send':
      return facts({ events: span.events })
    case 'code':
      return facts({ attempt: span.attempt, retryInMs: left(span.retryAt) })
    case 'start':
      return facts({ until: isoText(span.due) })
    case 'queue': {
      const { lane, place, limits, holds } = span.queue
      const all = (ids: readonly string[]) => ids.map(id => maskedLimit(id, secrets))
      return facts({ lane, place, limits: all(limits), holds: all(holds) })
    }
    case 'gather': {
      const { gather, key, mode } = span.gather
      const id = maskedLimit(key, secrets)
      return facts({ gather, key: id, mode, count: span.count, forMs: left(span.due) })
    }
    default:
      return span satisfies never
  }
}
