import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { noSuchRun } from '../../../journal/error.ts'
import type { Source } from '../../inspect/source.ts'
import type { Context } from '../context.ts'
import { type Exit, exit } from '../exit.ts'
import { flowchart } from '../graph/flowchart.ts'
import { Tallies } from '../graph/tallies.ts'
import { traced } from '../graph.ts'
import { runNamed } from '../run-ref.ts'
import { runTimeline } from '../run-timeline.ts'
import { UsageError } from '../usage.ts'
import { chromeTrace as traceEvents } from './chrome-trace.ts'
import { mermaidGantt } from './gantt.ts'
import { htmlReport } from './html.ts'

export interface ExportOptions {
  readonly html?: true
  readonly chromeTrace?: true
  readonly mermaid?: true
  readonly gantt?: true
  readonly out?: string
}

/** `perdure export <run>` */
export function exportRun(context: Context, ref: string, options: ExportOptions): Promise<Exit> {
  const { html, chromeTrace, mermaid, gantt, out } = options
  if ([html, chromeTrace, mermaid, gantt].filter(wanted => wanted === true).length !== 1) {
    throw new UsageError('USAGE_INVALID', 'Say as what the run is to be exported.', {
      hint: 'Give one of --html, --chrome-trace, --mermaid, --gantt.',
    })
  }
  return context.journal(async ({ source }) => {
    const { io, output } = context
    const { run } = await runNamed(ref, source)
    const text = mermaid ? await pathOf(run, source) : await drawn(run, source, context, options)
    if (out === undefined) await output.text(text)
    else {
      writeTo(resolve(io.cwd, out), text)
      await context.tell(`Written: ${out}`)
    }
    return exit.ok
  })
}

/** What it asked for after what. */
async function pathOf(run: string, source: Source): Promise<string> {
  const tallies = new Tallies()
  if (!(await traced(run, source, tallies))) throw noSuchRun(run)
  return flowchart(tallies, 'one run')
}

/** When it did what. */
async function drawn(
  run: string,
  source: Source,
  { io, secrets }: Context,
  { html, chromeTrace }: ExportOptions,
): Promise<string> {
  const timeline = await runTimeline(run, source)
  if (html) return htmlReport(timeline, io.now(), secrets)
  return chromeTrace ? traceEvents(timeline, io.now(), secrets) : mermaidGantt(timeline, io.now())
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
