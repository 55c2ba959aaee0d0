import { stat } from 'node:fs/promises'
import { JournalError } from '../../journal/error.ts'
import { openReader } from '../../journal/open-reader.ts'
import type { Store } from '../../journal/store.ts'
import { silentLogger } from '../define/logger.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { codeHost } from '../engine/code-host.ts'
import type { Limits } from '../engine/limits.ts'
import { type EngineSettings, settingsOf } from '../engine/options.ts'
import { systemClock } from '../ports/clock.ts'
import { Expressions } from '../router/folding.ts'
import type { Scopes } from '../run/call.ts'
import { rehearse } from '../run/rehearse.ts'
import type { CodeHost } from '../run/replay.ts'
import { useScopes } from '../run/scopes.ts'
import { Compatibility } from './compatibility.ts'
import { divergenceHint } from './divergence-hint.ts'
import { runsOfDump } from './dump-reader.ts'
import type { Outcome, ReplayedRun } from './replayed-run.ts'
import { RowsStore } from './rows-store.ts'
import { type RunFacts, runsOfStore, type StoredRun } from './stored-run.ts'

/**
 * A directory, or a file that `perdure dump <dir> --json` wrote; a journal opened with `openReader`; or
 * the rows of a simulated disk.
 */
export type Journals =
  | string
  | { readonly store: Store }
  | { readonly rows: ReadonlyMap<string, Uint8Array> }

/** Which runs are replayed, and how. */
export interface ReplayOptions {
  /** Runs that have ended as well. Default: only those that have not. */
  readonly ended?: boolean
  /** Runs whose workflow is not among those given: `'unsafe'` (default), or none of your concern. */
  readonly unknown?: 'unsafe' | 'ignore'
  /** As the engine has it. */
  readonly limits?: Pick<Partial<Limits>, 'valueBytes'>
  /** Where a directory is copied to, to be read. Default: the system's temporary directory. */
  readonly scratch?: string
  /** Which runs, of those. Default: all. Those too damaged to tell are replayed as well. */
  readonly only?: (facts: RunFacts) => boolean
  /** Told of each run as soon as it is replayed, also of those that are the same. */
  readonly onRun?: (replayed: ReplayedRun) => void
}

/** Runs that are read and replayed at the same time. */
const AT_ONCE = 64

/**
 * Replays every stored run against workflows as they are now: the engine's own replay, in which no step
 * body runs. Nothing is written; a directory is copied first, and may be that of an engine that runs.
 * A run that does not fit is reported, not thrown: `report.assertSafe()` throws.
 *
 * Throws DEFINITION_INVALID and WORKFLOW_DUPLICATE, as `openEngine` does; JOURNAL_UNUSABLE if there is
 * no journal, JOURNAL_CORRUPT if it is damaged as a whole.
 *
 * @example
 * const report = await replayJournals([onboarding, billing], './backup')
 * report.assertSafe()
 */
export async function replayJournals(
  workflows: readonly AnyWorkflow[],
  journal: Journals,
  options: ReplayOptions = {},
): Promise<Compatibility> {
  const settings = settingsOf({ path: ':memory:', workflows, limits: options.limits ?? {} })
  const { runs, close } = await openRuns(journal, options)
  const { scopes, end } = useScopes()
  const replaying = new Replaying(settings, scopes)
  const report = new Compatibility(options.unknown === 'ignore')
  const worker = async (): Promise<void> => {
    for await (const stored of runs) {
      if (options.only !== undefined && isOther(stored, options.only)) continue
      const replayed = await replaying.replay(stored)
      report.note(replayed)
      options.onRun?.(replayed)
    }
  }
  try {
    // All take from one iterator; a run that waits for what its code awaits does not keep the others.
    const workers = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker))
    for (const each of workers) if (each.status === 'rejected') throw each.reason
  } finally {
    end()
    await close()
  }
  return report
}

/** Damage shows where the run is replayed. */
function isOther(stored: StoredRun, only: (facts: RunFacts) => boolean): boolean {
  let facts: RunFacts
  try {
    facts = stored.facts()
  } catch {
    return false
  }
  return !only(facts)
}

interface OpenedRuns {
  readonly runs: AsyncIterable<StoredRun>
  close(): Promise<void>
}

async function openRuns(journal: Journals, options: ReplayOptions): Promise<OpenedRuns> {
  const { ended = false, scratch } = options
  if (typeof journal === 'object') {
    const store = 'store' in journal ? journal.store : new RowsStore(journal.rows)
    return { runs: runsOfStore(store, ended), close: async () => {} }
  }
  if (await isFile(journal)) return { runs: runsOfDump(journal, ended), close: async () => {} }
  const { store, close } = await openReader(journal, scratch === undefined ? {} : { scratch })
  return { runs: runsOfStore(store, ended), close }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isFile(),
    () => false,
  )

/** Calls the code of stored runs. */
class Replaying {
  readonly #workflows: ReadonlyMap<string, AnyWorkflow>
  readonly #host: CodeHost

  constructor({ workflows, limits }: EngineSettings, scopes: Scopes) {
    const expressions = new Expressions()
    const listening = {
      values: { bytes: limits.valueBytes },
      workflow: (id: string) => workflows.get(id),
      listener: expressions.listener.bind(expressions),
    }
    this.#workflows = workflows
    this.#host = codeHost(scopes, systemClock, silentLogger, listening, () => {})
  }

  async replay(stored: StoredRun): Promise<ReplayedRun> {
    let facts: RunFacts | undefined
    try {
      facts = stored.facts()
      const { run, workflow, status } = facts
      return { run, workflow, status, ...(await this.#outcome(stored, facts)) }
    } catch (error) {
      return { run: stored.run, ...present(facts), ...failure(error) }
    }
  }

  async #outcome(stored: StoredRun, { run, workflow: id, parkedFor }: RunFacts): Promise<Outcome> {
    const workflow = this.#workflows.get(id)
    if (workflow === undefined) return { verdict: 'unknown', hint: unknownHint(id) }
    if (parkedFor === 'POISON') return { verdict: 'unchecked', hint: POISON_HINT }
    const records = await stored.records()
    const rehearsal = await rehearse(run, workflow, records, this.#host)
    if (rehearsal.verdict === 'same') return rehearsal
    return { ...rehearsal, hint: divergenceHint(rehearsal, records) }
  }
}

const present = (facts: RunFacts | undefined) =>
  facts === undefined ? {} : { workflow: facts.workflow, status: facts.status }

function failure(error: unknown): Outcome {
  if (error instanceof JournalError) {
    // Whatever else it is concerns the journal as a whole.
    if (error.code !== 'JOURNAL_CORRUPT') throw error
    return { verdict: 'damaged', error, hint: error.hint }
  }
  return { verdict: 'defect', error, hint: DEFECT_HINT }
}

const unknownHint = (id: string): string =>
  `Give '${id}' among the workflows, also where openEngine() is called, until its last run has ended.`

const POISON_HINT =
  'It was parked because it kept killing the process: look at its code before engine.retry(id).'

const DEFECT_HINT = 'An engine would park it with ENGINE_DEFECT. Please report it, with this error.'
