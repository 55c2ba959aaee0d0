import type { Head } from '../../journal/head.ts'
import type { OpenedReader } from '../../journal/open-reader.ts'
import { globOf } from '../inspect/run-query.ts'
import { StoredSource } from '../inspect/stored-source.ts'
import type { Compared } from '../testing/compatibility-text.ts'
import { type ReplayOptions, replayJournals } from '../testing/replay-journals.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { mustBeWorkflow } from './filters.ts'
import { withMutedConsole } from './muted-console.ts'
import { withRows } from './opened.ts'
import { Progress } from './progress.ts'
import { compatibilityOf, replayText } from './replay-report.ts'
import { runNamed } from './run-ref.ts'
import { processLoading, type UserCode, userCode } from './user-code.ts'

export interface ReplayCommandOptions {
  readonly code: string
  readonly workflow?: string
  readonly run?: string
  readonly ended?: true
}

/** `perdure replay` */
export async function replay(context: Context, options: ReplayCommandOptions): Promise<Exit> {
  const { io, globals, output } = context
  return withMutedConsole(async () => {
    const code = await userCode(options.code, processLoading(io.cwd))
    const replayer = await replayerOf(code)
    return withRows(globals, io, async (opened, place) => {
      await mustBeNamed(options, code, opened)
      const one = options.run === undefined ? undefined : await runIn(opened, options.run)
      const report = await replayed({ code, replayer, opened, one, context, options })
      const differs = one === undefined ? isWorse(report) : !fits(report)
      const record = compatibilityOf(report, { journal: place, code, differs })
      const { looks } = output
      await output.one(
        record,
        () => `${replayText(report, { one, differs, looks, cwd: io.cwd })}\n`,
      )
      return differs ? exit.differs : exit.ok
    })
  })
}

/** A workflow that is neither in the code nor in the journal would be safe for none of its no runs. */
async function mustBeNamed(
  { workflow }: ReplayCommandOptions,
  { workflows }: UserCode,
  { reader, tip }: OpenedReader,
): Promise<void> {
  if (workflow === undefined) return
  const ids = workflows.map(({ id }) => id)
  if (ids.some(globOf(workflow))) return
  const stored = await new StoredSource(reader, () => tip).census()
  mustBeWorkflow(workflow, [...new Set([...ids, ...stored.workflows.map(each => each.workflow)])])
}

interface Replaying {
  readonly code: UserCode
  readonly replayer: typeof replayJournals
  readonly opened: OpenedReader
  readonly one: Head | undefined
  readonly context: Context
  readonly options: ReplayCommandOptions
}

async function replayed(replaying: Replaying): Promise<Compared> {
  const { code, replayer, opened, one, context, options } = replaying
  const progress = new Progress(context, 'replaying')
  const { workflow, ended = one !== undefined } = options
  const all = ended || workflow !== undefined ? undefined : opened.tip?.active.count
  const named = workflow === undefined ? undefined : globOf(workflow)
  let done = 0
  const replayOptions: ReplayOptions = {
    ended,
    only: facts =>
      (one === undefined || facts.run === one.run) && (named?.(facts.workflow) ?? true),
    onRun: () => progress.at(++done, one === undefined ? all : 1, 'runs'),
  }
  try {
    return await replayer(code.workflows, { store: opened.store }, replayOptions)
  } finally {
    progress.clear()
  }
}

const runIn = ({ reader, tip }: OpenedReader, ref: string): Promise<Head> =>
  runNamed(ref, new StoredSource(reader, () => tip))

/**
 * The copy of the package that the user's code imports replays it: classes of another copy, such as
 * StepError, would be others to code that asks for them by `instanceof`.
 */
async function replayerOf(code: UserCode): Promise<typeof replayJournals> {
  const theirs: { replayJournals?: typeof replayJournals } =
    (await code.module('perdure/testing')) ?? {}
  return theirs.replayJournals ?? replayJournals
}

/** Of runs that have ended, those that do the same and then go on are none to worry about. */
const isWorse = ({ fitting, live, ended }: Compared): boolean =>
  fitting < live.runs || ended.diverges + ended.damaged + ended.defect > 0

const fits = ({ live, parked, ended }: Compared): boolean =>
  [live, parked, ended].every(tally => tally.runs === tally.same + tally.extends)
