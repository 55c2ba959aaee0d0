import { confirmed } from './confirm.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { mustBeStatus, spanOf } from './filters.ts'
import type { CollectedRecord } from './records/sent.ts'

export interface GcOptions {
  readonly olderThan?: string
  readonly status?: readonly string[]
  readonly dryRun?: true
  readonly yes?: true
}

/** `perdure gc` */
export function gc(context: Context, options: GcOptions): Promise<Exit> {
  const olderThan = spanOf('--older-than', options.olderThan)
  const what = {
    ...(olderThan !== undefined && { olderThan }),
    ...(options.status !== undefined && { status: options.status.map(mustBeStatus) }),
  }
  return context.engine(async client => {
    const would = await client.gc({ ...what, dryRun: true })
    if (options.dryRun === true) {
      const record: CollectedRecord = { v: 1, kind: 'collected', dryRun: true, ...would }
      await context.output.one(record, () => `${runsText(would.runs)} would be removed\n`)
      return exit.ok
    }
    const question = `${runsText(would.runs)} ${would.runs === 1 ? 'is' : 'are'} removed for good. Go on?`
    if (would.runs > 0 && !(await confirmed(context, options, question))) return exit.refused
    const { runs, records, events } = await client.gc(what)
    const record: CollectedRecord = { v: 1, kind: 'collected', runs, records, events }
    const told = `removed ${runsText(runs)}, ${records} records, ${events} events\n`
    await context.output.one(record, () => told)
    return exit.ok
  })
}

const runsText = (runs: number): string => (runs === 1 ? '1 run' : `${runs} runs`)
