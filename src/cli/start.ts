import { PerdureError } from '../../journal/error.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { givenData } from './given-data.ts'
import { unlessInterrupted } from './interrupt.ts'
import { ownEngineFor } from './own-engine.ts'
import { plain } from './plain.ts'
import type { StartedRecord } from './records/sent.ts'
import { endOf, printResult, resultOf } from './run-result.ts'
import { suggestion } from './suggestion.ts'

export interface StartOptions {
  readonly id?: string
  readonly wait?: true
  readonly exitStatus?: true
  /** Where no engine runs. */
  readonly code?: string
}

/** `perdure start` */
export async function start(
  context: Context,
  workflow: string,
  args: readonly string[],
  options: StartOptions,
): Promise<Exit> {
  const data = await givenData(args, context.io)
  return context.engine(async client => {
    const named = options.id === undefined ? {} : { id: options.id }
    const run = await client.start(workflow, data, named).catch(error => {
      throw withSuggestion(error, workflow)
    })
    if (options.wait === true) {
      if (!context.output.isJson) await context.tell(`started ${plain(run)}`)
      return unlessInterrupted(context.io, client, async () => {
        const head = await endOf(run, client, client)
        return printResult(await resultOf(head, client, context), context, options)
      })
    }
    const record: StartedRecord = { v: 1, kind: 'started', run, workflow }
    await context.output.one(record, () => `${plain(run)}\n`)
    return exit.ok
  }, ownEngineFor(options))
}

/** `perdure signal` */
export async function signal(
  context: Context,
  name: string,
  args: readonly string[],
  options: Pick<StartOptions, 'code'>,
): Promise<Exit> {
  const data = await givenData(args, context.io)
  return context.engine(async client => {
    await client.signal(name, data)
    const record = { v: 1, kind: 'signalled', signal: name }
    await context.output.one(record, () => `signalled ${plain(name)}\n`)
    return exit.ok
  }, ownEngineFor(options))
}

function withSuggestion(error: unknown, workflow: string): unknown {
  if (!(error instanceof PerdureError) || error.code !== 'WORKFLOW_UNKNOWN') return error
  const { message, facts } = error
  const known = Array.isArray(facts.known) ? facts.known.map(String) : []
  const hint = `${suggestion(workflow, known)}The engine knows ${known.join(', ') || 'none'}.`
  return new PerdureError('WORKFLOW_UNKNOWN', message, { hint, facts, cause: error })
}
