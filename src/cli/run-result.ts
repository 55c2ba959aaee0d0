import { decodeValue } from '../../journal/codec/decode.ts'
import { toTaggedJson } from '../../journal/codec/json.ts'
import type { Entry } from '../../journal/entry.ts'
import type { Head } from '../../journal/head.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { EngineClient } from '../control/engine-client.ts'
import type { Source } from '../inspect/source.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { paint } from './looks.ts'
import { plain } from './plain.ts'
import type { ResultRecord } from './records/result.ts'
import { statusLook } from './status.ts'
import { isoText, tookText } from './times.ts'
import { UsageError } from './usage.ts'
import { jsonText } from './value-text.ts'

/**
 * Waits until a run, or the last one that continues it, has ended or is parked. Without an engine one
 * that has not throws ENGINE_ABSENT. Throws TIMED_OUT.
 */
export async function endOf(
  run: string,
  source: Source,
  client: EngineClient | undefined,
  timeoutMs?: number,
): Promise<Head> {
  const began = await lastOf(run, source)
  if (isOver(began)) return began
  if (client === undefined) {
    throw new UsageError(
      'ENGINE_ABSENT',
      `Run ${run} has not ended, and no engine carries it on.`,
      {
        hint: 'Start your application, and try again.',
        facts: { run, status: began.status },
      },
    )
  }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>(resolve => {
    if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs, 'late')
  })
  const ended = client.result(run).then(
    () => undefined,
    (error: Error) => error,
  )
  const came = await Promise.race([ended, late])
  clearTimeout(timer)
  if (came === 'late') {
    throw new UsageError(
      'TIMED_OUT',
      `Run ${run} has not ended within ${tookText(timeoutMs ?? 0)}.`,
      {
        hint: `perdure why ${run} tells what it waits for.`,
        facts: { run },
      },
    )
  }
  // The journal says how it ended; if it has not, it is the connection that failed.
  const head = await lastOf(run, source)
  if (isOver(head)) return head
  throw came ?? new Error(`run ${run} has a result and has not ended`)
}

const isOver = ({ status }: Head): boolean => isFinal(status) || status === 'parked'

async function lastOf(run: string, source: Source): Promise<Head> {
  for (let id = run; ; ) {
    const head = await source.run(id)
    if (head === undefined) {
      throw new UsageError('NOT_FOUND', `There is no run ${id}.`, {
        hint: 'It may have been removed since: perdure list shows those there are.',
        facts: { run: id },
      })
    }
    if (head.continuedAs === undefined) return head
    id = head.continuedAs
  }
}

/** How a run ended, as its entries tell. */
export async function resultOf(
  head: Head,
  source: Source,
  { secrets }: Pick<Context, 'secrets'>,
): Promise<ResultRecord> {
  const { run, workflow, createdAt, outcome } = head
  let told: Partial<ResultRecord> = {}
  const shown = (bytes: Uint8Array): ResultRecord['output'] =>
    JSON.parse(JSON.stringify(secrets.mask(toTaggedJson(decodeValue(bytes)))))
  for await (const page of source.records(run)) {
    for (const { entries } of page) for (const entry of entries) told = ending(entry, shown) ?? told
  }
  return {
    ...{ v: 1, kind: 'result', run, workflow, status: head.status as ResultRecord['status'] },
    ...(outcome !== undefined && {
      endedAt: isoText(outcome.at),
      tookMs: Math.max(0, outcome.at - createdAt),
    }),
    ...told,
  }
}

function ending(
  entry: Entry,
  shown: (bytes: Uint8Array) => ResultRecord['output'],
): Partial<ResultRecord> | undefined {
  switch (entry.type) {
    case 'run.completed':
      return { output: shown(entry.output) }
    case 'run.failed':
      return { error: shown(entry.error) }
    case 'run.parked':
      return { error: shown(entry.report), reason: entry.code }
    case 'run.cancelled':
    case 'run.skipped':
      return { reason: entry.reason }
    default:
      return undefined
  }
}

/** Prints it: the output is data, the rest is told beside it. */
export async function printResult(
  record: ResultRecord,
  context: Context,
  { exitStatus }: { readonly exitStatus?: boolean },
): Promise<Exit> {
  const { output } = context
  const { run, workflow, status, tookMs } = record
  if (output.isJson) await output.one(record, () => '')
  else {
    const { mark, style } = statusLook(status, output.looks)
    const took = tookMs === undefined ? '' : ` in ${tookText(tookMs)}`
    const title = `${paint(output.looks, style, mark)} ${plain(run)} ${plain(workflow)} ${status}${took}`
    await context.tell(`${title}${plain(whyText(record))}`)
    if (record.output !== undefined) await output.text(`${JSON.stringify(record.output)}\n`)
  }
  return exitStatus === true && status !== 'completed' ? exit.ended : exit.ok
}

function whyText({ error, reason }: ResultRecord): string {
  const told = [...(reason ? [reason] : []), ...(error === undefined ? [] : [jsonText(error)])]
  return told.length === 0 ? '' : `: ${told.join(': ')}`
}
