import type { Timeline } from '../inspect/timeline.ts'
import { codeFrame, placeText } from './code-frame.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { nextText } from './next-commands.ts'
import { runDetailOf } from './run-detail.ts'
import { failureOf, type RunFailure } from './run-failure.ts'
import { runNamed } from './run-ref.ts'
import { runTimeline } from './run-timeline.ts'
import { type FailureShown, showText } from './show-text.ts'

export interface ShowCommandOptions {
  readonly all?: true
  /** `false`: --no-collapse. */
  readonly collapse?: boolean
}

/** `perdure show <run>` */
export function show(context: Context, ref: string, options: ShowCommandOptions): Promise<Exit> {
  return context.journal(async ({ source }) => {
    const { io, output, secrets } = context
    const { run } = await runNamed(ref, source)
    const timeline = await runTimeline(run, source)
    const failure = failureOf(timeline)
    await output.one(runDetailOf(timeline, secrets), () =>
      showText(
        timeline,
        output.looks,
        { ...options, now: io.now(), secrets },
        found(failure, io.cwd),
      ),
    )
    if (!output.isJson) await tellNext(context, ref, timeline, failure)
    return exit.ok
  })
}

/** The failure, with the source that it came out of. */
export function found(failure: RunFailure | undefined, cwd: string): FailureShown | undefined {
  if (failure === undefined) return undefined
  const { stacks } = failure.thrown
  const frame = codeFrame(stacks, cwd)
  const place =
    frame === undefined ? placeText(stacks, cwd) : `${frame.file}:${frame.line}:${frame.column}`
  return { failure, frame, place }
}

async function tellNext(
  context: Context,
  ref: string,
  timeline: Timeline,
  failure: RunFailure | undefined,
): Promise<void> {
  const text = nextText(ref, timeline, failure, context.output.looks)
  if (text !== '') await context.tell(text.trimEnd())
}
