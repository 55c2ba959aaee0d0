import type { EngineClient } from '../control/engine-client.ts'
import { globOf } from '../inspect/run-query.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { momentOf } from './filters.ts'
import { givenData } from './given-data.ts'
import { unlessInterrupted } from './interrupt.ts'
import { ownEngineFor } from './own-engine.ts'
import { plain } from './plain.ts'
import type { SentRecord } from './records/sent.ts'
import { endOf, printResult, resultOf } from './run-result.ts'
import { suggestion } from './suggestion.ts'
import { UsageError } from './usage.ts'

export interface SendOptions {
  readonly id?: string
  readonly at?: string
  readonly wait?: true
  readonly allowUnknown?: true
  /** Where no engine runs. */
  readonly code?: string
}

/** `perdure send` */
export async function send(
  context: Context,
  name: string,
  args: readonly string[],
  options: SendOptions,
): Promise<Exit> {
  const data = await givenData(args, context.io)
  const ts = momentOf('--at', options.at, context.io.now())
  return context.engine(async client => {
    if (options.allowUnknown !== true) await mustBeHeard(name, client)
    const { commit } = await client.about()
    const { id } = options
    const { ids } = await client.send({
      ...{ name, data },
      ...(id !== undefined && { id }),
      ...(ts !== undefined && { ts }),
    })
    const record = await sentRecord(name, ids[0] ?? '', commit, client)
    if (options.wait !== true) {
      await context.output.one(record, () => textOf(record, context))
      return exit.ok
    }
    await context.tell(textOf(record, context).trimEnd())
    return unlessInterrupted(context.io, client, async () => {
      for (const run of [...record.started, ...record.resumed]) {
        const head = await endOf(run.id, client, client)
        await printResult(await resultOf(head, client, context), context, {})
      }
      return exit.ok
    })
  }, ownEngineFor(options))
}

/** Who listens: triggers and cancellations in the code, waits of runs. */
async function mustBeHeard(name: string, client: EngineClient): Promise<void> {
  const { workflows } = await client.known()
  const known = new Set(workflows.flatMap(each => [...each.startedBy, ...each.cancelledBy]))
  if ([...known].some(pattern => globOf(pattern)(name))) return
  for await (const page of client.waits()) {
    for (const { on } of page) {
      for (const { event } of on) {
        if (event === name) return
        known.add(event)
      }
    }
  }
  const listed = [...known].filter(each => !each.startsWith('perdure/')).sort()
  throw new UsageError('USAGE_INVALID', `Nothing listens to the event ${JSON.stringify(name)}.`, {
    hint: `${suggestion(name, listed)}To send it nonetheless: --allow-unknown.`,
    facts: { event: name, known: listed.slice(0, 100) },
  })
}

/** What the commits since then tell of the event. */
async function sentRecord(
  event: string,
  id: string,
  after: number,
  client: EngineClient,
): Promise<SentRecord> {
  const started = new Map<string, SentRecord['started'][number]>()
  const resumed = new Map<string, SentRecord['started'][number]>()
  for await (const page of client.commits({ after })) {
    for (const { workflow, record } of page) {
      for (const entry of record.entries) {
        const run = { id: record.run, workflow }
        if (entry.type === 'run.scheduled' && entry.event?.id === id) started.set(run.id, run)
        if (entry.type === 'event.received' && entry.event.id === id) resumed.set(run.id, run)
      }
    }
  }
  const runs = { started: [...started.values()], resumed: [...resumed.values()] }
  return { v: 1, kind: 'sent', event, id, ...runs }
}

function textOf({ id, started, resumed }: SentRecord, { output }: Context): string {
  const arrow = output.looks.ascii ? '->' : '→'
  const told = [
    ...started.map(run => `started ${plain(run.id)} ${plain(run.workflow)}`),
    ...resumed.map(run => `resumed ${plain(run.id)} ${plain(run.workflow)}`),
  ]
  const lines = told.length === 0 ? ['it started and resumed no run yet'] : told
  return `${plain(id)} accepted\n${lines.map(line => `  ${arrow} ${line}\n`).join('')}`
}
