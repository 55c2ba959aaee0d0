import { connect, type EngineClient } from '../control/engine-client.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { withMutedConsole } from './muted-console.ts'
import { withRows } from './opened.ts'
import { plain } from './plain.ts'
import { UsageError } from './usage.ts'
import { processLoading, type UserCode, userCode } from './user-code.ts'

/** What an engine is opened with where none runs. */
export interface OwnEngine {
  /** The module that exports the workflows. */
  readonly code: string
  /** Whether step bodies are called: else nothing of what is stored is carried out. */
  readonly executes: boolean
}

/** Steps that run when the work is done get so long to end. */
const DRAIN = '10s'

/**
 * Opens an engine of the user's workflows on a journal that none has, for as long as the work takes. It
 * is of the copy of the package that their code imports. Throws USAGE_INVALID where the code does not
 * know what runs there; what opening a journal throws.
 */
export async function withOwnEngine<Result>(
  { globals, io, place }: { readonly globals: Globals; readonly io: Io; readonly place: string },
  { code: file, executes }: OwnEngine,
  work: (client: EngineClient) => Promise<Result>,
): Promise<Result> {
  return withMutedConsole(async () => {
    const code = await userCode(file, processLoading(io.cwd))
    const openEngine = await openerOf(code)
    const { durability, secrets } = await fitting(code, globals, io)
    const engine = await openEngine({
      ...{ path: place, workflows: code.workflows, durability, secrets },
      // It is not known how long they are to be kept.
      retention: 'forever',
      ...(!executes && { bodies: () => new Promise(() => {}) }),
    })
    if (globals.quiet !== true) await io.err.write(`${noticeOf(code, executes)}\n`)
    try {
      const client = await connect(place)
      if (client === undefined) throw new Error(`the engine of ${place} cannot be asked`)
      return await work(client).finally(() => client.close())
    } finally {
      await engine.close(executes ? { drain: DRAIN } : {})
    }
  })
}

function noticeOf({ path }: UserCode, executes: boolean): string {
  const opened = `No engine runs: one with the workflows of ${plain(path)} is opened`
  return executes
    ? `${opened}, and carries on all runs meanwhile.`
    : `${opened} to take it. Steps run when your application opens the journal.`
}

/** Of the options of a command that can do without an engine. */
export const ownEngineFor = ({
  code,
  wait,
}: {
  readonly code?: string
  readonly wait?: true
}): OwnEngine | undefined => (code === undefined ? undefined : { code, executes: wait === true })

type OpenEngine = (options: object) => Promise<{ close(options: object): Promise<void> }>

async function openerOf(code: UserCode): Promise<OpenEngine> {
  const { openEngine }: { openEngine?: OpenEngine } = (await code.module('perdure')) ?? {}
  if (openEngine !== undefined) return openEngine
  throw new UsageError('USAGE_INVALID', `${code.path} cannot import perdure.`, {
    hint: 'Install perdure where your code is.',
    facts: { path: code.path },
  })
}

/** How the journal is to be opened, if the code knows all that is under way in it. */
function fitting(code: UserCode, globals: Globals, io: Io) {
  const known = new Set(code.workflows.map(({ id }) => id))
  return withRows(globals, io, async ({ reader, meta }) => {
    for await (const { run, workflow, status } of reader.heads('active')) {
      if (status === 'parked' || known.has(workflow)) continue
      const what = `Run ${run} is of the workflow ${workflow}, which is not in ${code.path}.`
      throw new UsageError('USAGE_INVALID', what, {
        hint: 'Name the module that exports all workflows of your application.',
        facts: { run, workflow, path: code.path, known: [...known] },
      })
    }
    return { durability: meta.durability, secrets: meta.secrets ?? [] }
  })
}
