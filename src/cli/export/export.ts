import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Context } from '../context.ts'
import { type Exit, exit } from '../exit.ts'
import { runNamed } from '../run-ref.ts'
import { runTimeline } from '../run-timeline.ts'
import { UsageError } from '../usage.ts'
import { chromeTrace } from './chrome-trace.ts'
import { htmlReport } from './html.ts'
import { mermaidGantt } from './mermaid.ts'

export interface ExportOptions {
  readonly html?: true
  readonly chromeTrace?: true
  readonly mermaid?: true
  readonly out?: string
}

/** `perdure export <run>` */
export function exportRun(context: Context, ref: string, options: ExportOptions): Promise<Exit> {
  const { html, chromeTrace: isTrace, mermaid, out } = options
  if ([html, isTrace, mermaid].filter(wanted => wanted === true).length !== 1) {
    throw new UsageError('USAGE_INVALID', 'Say as what the run is to be exported.', {
      hint: 'Give one of --html, --chrome-trace, --mermaid.',
    })
  }
  return context.journal(async ({ source }) => {
    const { io, output, secrets } = context
    const { run } = await runNamed(ref, source)
    const timeline = await runTimeline(run, source)
    const now = io.now()
    const text = html
      ? htmlReport(timeline, now, secrets)
      : isTrace
        ? chromeTrace(timeline, now, secrets)
        : mermaidGantt(timeline, now)
    if (out === undefined) await output.text(text)
    else {
      writeTo(resolve(io.cwd, out), text)
      await context.tell(`Written: ${out}`)
    }
    return exit.ok
  })
}

function writeTo(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError('USAGE_INVALID', `${file} cannot be written: ${why}`, {
      hint: 'Name a file in a directory that there is, and that you may write to.',
      facts: { file },
      cause,
    })
  }
}
