import type { Secrets } from '../../inspect/secrets.ts'
import type { Span } from '../../inspect/span.ts'
import type { Timeline } from '../../inspect/timeline.ts'
import { spanRecordOf } from '../span-record.ts'
import { isoText } from '../times.ts'

/**
 * A run in the trace event format, which Perfetto and chrome://tracing open: spans and the attempts
 * inside them as complete events, times in microseconds since the run was scheduled.
 */
export function chromeTrace(
  timeline: Timeline,
  now: number,
  secrets: Pick<Secrets, 'mask'>,
): string {
  const { run, workflow, scheduled, newest, spans, status } = timeline
  const end = Math.max(now, newest.at)
  const lanes = lanesOf(spans, end)
  const events = spans.flatMap((span, at) => {
    const tid = (lanes[at] ?? 0) + 1
    const args = spanRecordOf(span, secrets)
    const whole = { ...complete(nameOf(span), span.kind, span, scheduled.at, end, tid), args }
    const attempts = span.attempts.map(attempt => ({
      ...complete(`attempt ${attempt.number}`, 'attempt', attempt, scheduled.at, end, tid),
      args: { state: attempt.state },
    }))
    return [whole, ...(span.attempts.length > 1 ? attempts : [])]
  })
  const names = [...new Set(lanes)].map(lane => meta('thread_name', lane + 1, `lane ${lane + 1}`))
  const all = [meta('process_name', 0, `${workflow} ${run}`), ...names, ...events]
  const otherData = { run, workflow, status, scheduledAt: isoText(scheduled.at) }
  return `${JSON.stringify({ displayTimeUnit: 'ms', otherData, traceEvents: all })}\n`
}

const nameOf = ({ id, kind }: Span): string => (id === '' ? kind : id)

const meta = (name: string, tid: number, told: string) => ({
  ...{ name, ph: 'M', pid: 1, tid, args: { name: told } },
})

function complete(
  name: string,
  cat: string,
  { begun, ended }: Pick<Span, 'begun' | 'ended'>,
  start: number,
  end: number,
  tid: number,
) {
  const ts = Math.round((begun.at - start) * 1_000)
  const dur = Math.max(0, Math.round(((ended?.at ?? end) - begun.at) * 1_000))
  return { name, cat, ph: 'X', ts, dur, pid: 1, tid }
}

/** What overlaps in time is not on one lane: there it would seem to be inside. */
function lanesOf(spans: readonly Span[], end: number): number[] {
  const free: number[] = []
  return spans.map(({ begun, ended }) => {
    const found = free.findIndex(until => until <= begun.at)
    const lane = found === -1 ? free.length : found
    free[lane] = ended?.at ?? end
    return lane
  })
}
