import { isFinal, type RunStatus, runStatuses } from '../../journal/lifecycle.ts'
import type { EngineClient } from '../control/engine-client.ts'
import { confirmed } from './confirm.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { mustBeStatus, spanOf } from './filters.ts'
import type { OldRuns } from './gc-offline.ts'
import { journalPlace } from './journal-dir.ts'
import { isFile } from './opened.ts'
import type { CollectedRecord } from './records/sent.ts'
import { UsageError } from './usage.ts'

export interface GcOptions {
  readonly olderThan?: string
  readonly status?: readonly string[]
  readonly dryRun?: true
  readonly yes?: true
}

type What = Partial<OldRuns>
type Collected = Pick<CollectedRecord, 'runs' | 'records' | 'events'>

/** `perdure gc` */
export async function gc(context: Context, options: GcOptions): Promise<Exit> {
  const olderThan = spanOf('--older-than', options.olderThan)
  const what = {
    ...(olderThan !== undefined && { olderThan }),
    ...(options.status !== undefined && { status: options.status.map(mustBeEnd) }),
  }
  try {
    return await context.engine(client => byEngine(client, what, context, options))
  } catch (error) {
    if (!(error instanceof UsageError) || error.code !== 'ENGINE_ABSENT') throw error
    if (isFile(journalPlace(context.globals, context.io))) throw error
    return offline(what, context, options)
  }
}

/** Throws USAGE_INVALID: what has not ended is never removed. */
function mustBeEnd(text: string): RunStatus {
  const status = mustBeStatus(text)
  if (isFinal(status)) return status
  throw new UsageError('USAGE_INVALID', `Runs that are ${status} have not ended, and stay.`, {
    hint: `Of those that have ended there are ${runStatuses.filter(isFinal).join(', ')}.`,
    facts: { status },
  })
}

async function byEngine(
  client: EngineClient,
  what: What,
  context: Context,
  options: GcOptions,
): Promise<Exit> {
  const would = await client.gc({ ...what, dryRun: true })
  if (options.dryRun === true) return preview(would.runs, context)
  if (!(await mayRemove(would.runs, context, options))) return exit.refused
  return conclude(await client.gc(what), context)
}

/** How long this application keeps runs is known by its engine alone. */
async function offline(
  { olderThan, ...which }: What,
  context: Context,
  options: GcOptions,
): Promise<Exit> {
  if (olderThan === undefined) {
    throw new UsageError(
      'USAGE_INVALID',
      'No engine has the journal that would know what is old.',
      {
        hint: 'Say it: perdure gc --older-than 30d, or start your application.',
      },
    )
  }
  const { collectOffline, wouldCollect } = await import('./gc-offline.ts')
  const what = { olderThan, ...which }
  const would = await wouldCollect(context, what)
  if (options.dryRun === true) return preview(would.runs, context)
  if (!(await mayRemove(would.runs, context, options))) return exit.refused
  const none = { runs: 0, records: 0 }
  const removed = would.runs === 0 ? none : await collectOffline(context, what, would)
  return conclude({ ...removed, events: 0 }, context)
}

async function preview(runs: number, { output }: Context): Promise<Exit> {
  const none = { records: 0, events: 0 }
  const record: CollectedRecord = { v: 1, kind: 'collected', dryRun: true, runs, ...none }
  await output.one(record, () => `${runsText(runs)} would be removed\n`)
  return exit.ok
}

async function mayRemove(runs: number, context: Context, options: GcOptions): Promise<boolean> {
  const question = `${runsText(runs)} ${runs === 1 ? 'is' : 'are'} removed for good. Go on?`
  return runs === 0 || confirmed(context, options, question)
}

async function conclude({ runs, records, events }: Collected, { output }: Context): Promise<Exit> {
  const record: CollectedRecord = { v: 1, kind: 'collected', runs, records, events }
  const told = `removed ${runsText(runs)}, ${records} records, ${events} events\n`
  await output.one(record, () => told)
  return exit.ok
}

const runsText = (runs: number): string => (runs === 1 ? '1 run' : `${runs} runs`)
