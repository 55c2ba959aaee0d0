import { isFinal } from '../../journal/lifecycle.ts'
import type { Source } from '../inspect/source.ts'
import { type Timeline, TimelineFold } from '../inspect/timeline.ts'
import type { Context } from './context.ts'
import { entryText } from './entry-text.ts'
import { recordOf } from './events.ts'
import { type Exit, exit } from './exit.ts'
import { unlessInterrupted } from './interrupt.ts'
import { plain } from './plain.ts'
import { Redrawn } from './redrawn.ts'
import { runDetailOf } from './run-detail.ts'
import { RunEntries, type RunEntry } from './run-entries.ts'
import { failureOf } from './run-failure.ts'
import { runNamed } from './run-ref.ts'
import { found } from './show.ts'
import { showText } from './show-text.ts'
import { isoText } from './times.ts'
import { UsageError } from './usage.ts'

export interface WatchOptions {
  readonly exitStatus?: true
}

/** What is open gets longer, though nothing happens. */
const REDRAW_MS = 1_000
const TYPE_WIDTH = 'run.cancel_requested'.length
const STEP_WIDTH = 20

/** `perdure watch <run>` */
export function watch(context: Context, ref: string, { exitStatus }: WatchOptions): Promise<Exit> {
  return context.journal(async ({ source, client, place }) => {
    const { run, status } = await runNamed(ref, source)
    if (client === undefined && !isFinal(status)) throw cannotWatch(run, place)
    return unlessInterrupted(context.io, client, async () => {
      const { looks, format } = context.output
      const isDrawn = looks.isTerminal && format === 'table'
      const timeline = await (isDrawn ? drawn : told)(run, source, context)
      if (timeline.outcome?.kind === 'continued') {
        await context.tell(`It goes on as another run: perdure watch ${timeline.outcome.successor}`)
      }
      return exitStatus && timeline.status !== 'completed' ? exit.ended : exit.ok
    })
  })
}

const cannotWatch = (run: string, place: string): UsageError =>
  new UsageError('ENGINE_ABSENT', `Run ${run} cannot be watched: no engine has ${place} open.`, {
    hint: 'In a copy nothing happens. Start your application, or look at it as it is: perdure show',
    facts: { run, place },
  })

/** On a terminal: the whole picture, again and again. */
async function drawn(run: string, source: Source, context: Context): Promise<Timeline> {
  const { io, secrets, output } = context
  const screen = new Redrawn(io.out)
  const fold = new TimelineFold(run)
  const draw = (): Promise<void> => {
    const timeline = fold.timeline()
    const failure = found(failureOf(timeline), io.cwd)
    return screen.draw(showText(timeline, output.looks, { now: io.now(), secrets }, failure))
  }
  const timer = setInterval(() => void (fold.entries > 0 && draw()), REDRAW_MS)
  try {
    for await (const _ of followed(run, source, fold)) await draw()
  } finally {
    clearInterval(timer)
  }
  return fold.timeline()
}

/** Else: a line for each entry; for programs a record, or at the end a document. */
async function told(run: string, source: Source, context: Context): Promise<Timeline> {
  const { output, secrets, io } = context
  const fold = new TimelineFold(run)
  const reader = new RunEntries()
  for await (const records of followed(run, source, fold)) {
    const { workflow } = fold.timeline()
    for (const entry of records.flatMap(record => reader.read(record))) {
      const record = recordOf(entry, { run, workflow }, secrets)
      if (output.format === 'ndjson') await output.json(record)
      else if (output.format !== 'json')
        await output.text(lineOf(entry, entryText(entry.entry, record, entry.record.elapsed)))
    }
    if (io.out.isClosed) break
  }
  const timeline = fold.timeline()
  if (output.format === 'json') await output.json(runDetailOf(timeline, secrets))
  return timeline
}

function lineOf({ entry, step = '', record }: RunEntry, text: string): string {
  const parts = [isoText(record.at), entry.type.padEnd(TYPE_WIDTH), plain(step).padEnd(STEP_WIDTH)]
  return `${[...parts, plain(text)].join('  ').trimEnd()}\n`
}

type Records = readonly Parameters<RunEntries['read']>[0][]

/** What is recorded, page by page, and then what comes, until the run has ended. */
async function* followed(run: string, source: Source, fold: TimelineFold): AsyncGenerator<Records> {
  // Asked for first: what is committed meanwhile comes twice, and is not taken in again.
  const { commit } = await source.about()
  for await (const page of source.records(run)) {
    for (const record of page) fold.add(record)
    yield page
  }
  if (isFinal(fold.status)) return
  for await (const page of source.commits({ after: commit, follow: true })) {
    const fresh = page
      .map(({ record }) => record)
      .filter(record => record.run === run && record.seq >= fold.entries)
    for (const record of fresh) fold.add(record)
    if (fresh.length > 0) yield fresh
    if (isFinal(fold.status)) return
  }
}
