import { PerdureError } from '../../journal/error.ts'
import type { Head } from '../../journal/head.ts'
import { isFinal, type RunStatus } from '../../journal/lifecycle.ts'
import type { EngineClient } from '../control/engine-client.ts'
import { aside } from './aside.ts'
import { type Choice, chosenRuns } from './chosen-runs.ts'
import { confirmed } from './confirm.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { paint } from './looks.ts'
import { plain } from './plain.ts'
import type { ChangedRecord } from './records/changed.ts'
import { shownId } from './run-ref.ts'

export type Action = 'cancel' | 'pause' | 'resume' | 'retry'

export interface ChangeOptions extends Choice {
  readonly yes?: true
  readonly dryRun?: true
  /** Of `cancel`. */
  readonly reason?: string
  /** Of `retry`. */
  readonly from?: string
}

interface Deed {
  /** Which runs a filter means by itself. */
  readonly usual: readonly RunStatus[]
  readonly will: string
  readonly did: string
  /** Gives the id of the run that goes on in its place, if another does. */
  readonly ask: (
    client: EngineClient,
    run: string,
    options: ChangeOptions,
  ) => Promise<string | undefined>
}

const DEEDS: { readonly [Name in Action]: Deed } = {
  cancel: {
    usual: ['scheduled', 'running', 'paused', 'parked'],
    will: 'are asked to end',
    did: 'asked to end',
    ask: async (client, run, { reason }) => void (await client.cancel(run, reason)),
  },
  pause: {
    usual: ['running'],
    will: 'are paused',
    did: 'paused',
    ask: async (client, run) => void (await client.pause(run)),
  },
  resume: {
    usual: ['paused'],
    will: 'go on',
    did: 'resumed',
    ask: async (client, run) => void (await client.resume(run)),
  },
  retry: {
    usual: ['failed', 'parked'],
    will: 'are tried again',
    did: 'tried again',
    ask: (client, run, { from }) => client.retry(run, from === undefined ? {} : { from }),
  },
}

/** `perdure cancel`, `pause`, `resume`, `retry` and `rerun` */
export function changeRuns(
  context: Context,
  action: Action,
  refs: readonly string[],
  options: ChangeOptions,
): Promise<Exit> {
  const deed = DEEDS[action]
  return context.engine(async client => {
    const where = { source: client, now: context.io.now() }
    const heads = await chosenRuns(refs, options, deed.usual, where)
    if (heads.length === 0) await context.tell('No run is one of these.')
    if (options.dryRun !== true && heads.length > 1) {
      const question = `${preview(heads, deed, context)} Go on?`
      if (!(await confirmed(context, options, question))) return exit.refused
    }
    const record = await changed(heads, deed, action, options, client)
    await context.output.one(record, () => textOf(record, deed, context))
    await aside(record.skipped.map(skippedText), context)
    const isRefused = record.changed.length === 0 && record.skipped.length > 0
    return isRefused ? exit.refused : exit.ok
  })
}

const SHOWN = 3

function preview(heads: readonly Head[], { will }: Deed, { output }: Context): string {
  const ids = heads.slice(0, SHOWN).map(({ run }) => plain(shownId(run, output.looks.ascii)))
  const more = heads.length > SHOWN ? ` and ${heads.length - SHOWN} more` : ''
  return `${heads.length} runs ${will}: ${ids.join(', ')}${more}.`
}

/** As many at a time as a connection takes. */
const AT_ONCE = 16

async function changed(
  heads: readonly Head[],
  deed: Deed,
  action: Action,
  options: ChangeOptions,
  client: EngineClient,
): Promise<ChangedRecord> {
  const done: (ChangedRecord['changed'][number] | undefined)[] = []
  const skipped: (ChangedRecord['skipped'][number] | undefined)[] = []
  const rest = heads.entries()
  const line = async (): Promise<void> => {
    for (const [at, head] of rest) {
      const { run: id, workflow } = head
      const misfit = misfitOf(head, action, deed)
      if (misfit !== undefined) {
        skipped[at] = { id, code: 'RUN_STATUS', message: misfit }
        continue
      }
      try {
        const next = options.dryRun === true ? undefined : await deed.ask(client, id, options)
        done[at] = { id, workflow, ...(next !== undefined && next !== id && { run: next }) }
      } catch (error) {
        if (!(error instanceof PerdureError) || CONNECTION.has(error.code)) throw error
        skipped[at] = { id, code: error.code, message: error.message }
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, line))
  return {
    ...{ v: 1, kind: 'changed' },
    ...(options.dryRun === true && { dryRun: true }),
    changed: done.flatMap(each => each ?? []),
    skipped: skipped.flatMap(each => each ?? []),
  }
}

/** Nothing more can be asked then. */
const CONNECTION: ReadonlySet<string> = new Set(['JOURNAL_CLOSED', 'ENGINE_CLOSED', 'JOURNAL_BUSY'])

/** Why a run cannot be asked for this; an ended one would be cancelled without a word. */
function misfitOf({ run, status, continuedAs }: Head, action: Action, deed: Deed) {
  // It is the last that continues it that is asked.
  if (continuedAs !== undefined || deed.usual.includes(status)) return undefined
  if (action === 'cancel' || isFinal(status)) return `Run ${run} has ended: it is ${status}.`
  return `Run ${run} is ${status}, not ${deed.usual.join(' or ')}.`
}

function textOf({ changed, dryRun }: ChangedRecord, { did }: Deed, { output }: Context): string {
  const what = dryRun === true ? `would be ${did}` : did
  const { looks } = output
  const mark = dryRun === true ? '' : `${paint(looks, 'green', looks.ascii ? 'ok' : '✓')} `
  return changed
    .map(({ id, run }) => {
      const next = run === undefined ? '' : `, as ${plain(run)}`
      return `${mark}${plain(id)} ${what}${next}\n`
    })
    .join('')
}

const skippedText = ({ id, message }: ChangedRecord['skipped'][number]): string =>
  `perdure: ${plain(id)} is left as it is: ${plain(message)}`
