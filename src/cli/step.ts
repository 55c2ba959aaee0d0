import type { Span } from '../inspect/span.ts'
import { codeFrame } from './code-frame.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { plain } from './plain.ts'
import type { StepDetailRecord } from './records/step-detail.ts'
import { runNamed } from './run-ref.ts'
import { runTimeline } from './run-timeline.ts'
import { spanRecordOf } from './span-record.ts'
import { stepText } from './step-text.ts'
import { thrownIn } from './thrown.ts'
import { UsageError } from './usage.ts'

const MOST_NAMED = 20

/** `perdure step <run> <step>` */
export function step(context: Context, ref: string, id: string): Promise<Exit> {
  return context.journal(async ({ source }) => {
    const { io, output, secrets } = context
    const { run } = await runNamed(ref, source)
    const timeline = await runTimeline(run, source)
    const span = spanNamed(id, run, timeline.spans)
    const { workflow } = timeline
    const record: StepDetailRecord = {
      ...{ v: 1, kind: 'step-detail', run, workflow, step: spanRecordOf(span, secrets) },
    }
    await output.one(record, () => {
      const frame = codeFrame(stacksOf(span), io.cwd)
      return stepText({ span, timeline, frame, secrets, now: io.now(), cwd: io.cwd }, output.looks)
    })
    return exit.ok
  })
}

/** Where its newest error came from. */
function stacksOf({ attempts, value, state }: Span): readonly string[] {
  const error = attempts.findLast(({ error }) => error !== undefined)?.error
  if (error !== undefined) return thrownIn(error).stacks
  return state === 'failed' && value !== undefined ? thrownIn(value).stacks : []
}

/** By its id, or by the seq of its entry: what has no id has only that. */
function spanNamed(id: string, run: string, spans: readonly Span[]): Span {
  const found =
    spans.find(span => span.id === id) ??
    spans.find(span => String(span.seq) === id || (span.id === '' && span.kind === id))
  if (found !== undefined) return found
  const ids = spans.map(span => (span.id === '' ? span.kind : span.id))
  const there = ids.length > MOST_NAMED ? [...ids.slice(0, MOST_NAMED), '...'] : ids
  throw new UsageError('NOT_FOUND', `Run ${run} has no step ${plain(id)}.`, {
    hint: ids.length === 0 ? 'It has none at all.' : `It has ${there.join(', ')}.`,
    facts: { run, step: id },
  })
}
