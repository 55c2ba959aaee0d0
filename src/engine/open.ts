import type { StoredHeld, StoredLimit, StoredQueued } from '../../journal/admission.ts'
import { called } from '../../journal/error.ts'
import type { InboxInput, StoredWait } from '../../journal/event-reader.ts'
import type { Head } from '../../journal/head.ts'
import { type OpenedJournal, openJournal, openOn } from '../../journal/open.ts'
import type { Recovery } from '../../journal/recovery.ts'
import type { StoredSchedule } from '../../journal/schedule.ts'
import { NEAR } from '../timers/alarm.ts'
import { recallTerms } from './batch-terms.ts'
import { Census } from './census.ts'
import { openControl } from './control.ts'
import { isKnownAgain } from './door.ts'
import { Engine } from './engine.ts'
import { Lifetime } from './lifetime.ts'
import { type EngineOptions, type EngineSettings, settingsOf } from './options.ts'
import { Parts } from './parts.ts'
import { parkMisfits, preflight } from './preflight.ts'
import { begunRecovery } from './recovery.ts'
import { beginSchedules } from './schedule-parts.ts'

/**
 * Opens an engine on a journal and carries on with every run that has not ended.
 *
 * Throws JOURNAL_LOCKED if another engine has the directory (`facts.holder` says who),
 * JOURNAL_CORRUPT, JOURNAL_TAIL_LOST, JOURNAL_FORMAT or JOURNAL_UNUSABLE if the directory cannot be
 * trusted, DEFINITION_INVALID and WORKFLOW_DUPLICATE.
 *
 * @example
 * await using engine = await openEngine({ path: './data', workflows: [greeting] })
 */
export function openEngine(options: EngineOptions): Promise<Engine> {
  return called(open(() => settingsOf(options)))
}

/** The same, with settings that may have been checked before, for another opening. */
export function openWith(settings: () => EngineSettings): Promise<Engine> {
  return called(open(settings))
}

async function open(settled: () => EngineSettings): Promise<Engine> {
  const settings = settled()
  const found: Found = {
    heads: [],
    waits: [],
    inbox: [],
    running: 0,
    runs: [],
    schedules: { rows: [], heads: [] },
    census: new Census(),
  }
  const opened = await openStore(settings, found)
  const lifetime = new Lifetime(settings)
  try {
    return await begin(opened, settings, lifetime, found)
  } catch (error) {
    await lifetime.close(0)
    await opened.journal.close().catch(() => {})
    throw error
  }
}

async function begin(
  opened: OpenedJournal,
  settings: EngineSettings,
  lifetime: Lifetime,
  { heads, waits, inbox, runs, schedules, census }: Found,
): Promise<Engine> {
  if (opened.tornTail !== undefined) {
    settings.logger.warn(opened.tornTail, 'a write that was not acknowledged was cut by a crash')
  }
  if (opened.unanchored) {
    const { path } = settings
    settings.logger.warn(
      { path },
      'no anchor: whether the end of the journal is missing is unknown',
    )
  }
  const parts = new Parts(opened, settings, error => lifetime.fail(error))
  lifetime.begin(parts)
  // What there is nothing to do for is not waited for: tests open engines by the thousand.
  if (waits.length + inbox.length > 0) await parts.events.recall(waits, inbox)
  parts.events.admission.recall(census, inbox)
  await recallTerms(parts)
  if (settings.preflight === 'park') await preflight(parts)
  // They are in the index now. Whoever still has the lists must not keep what was in them.
  waits.length = 0
  inbox.length = 0
  // Before any run has its turn: what ends from now on must be known to run.
  await beginSchedules(parts, schedules)
  if (parts.recovery.misfits.size > 0) await parkMisfits(parts)
  parts.alarm.start(opened.timers)
  for (const head of heads) resume(parts, head)
  for (const run of parts.events.mailbag.runs) parts.postman.fetch(run)
  parts.recovery.begin(runs)
  const engine = new Engine(parts, drain => lifetime.close(drain))
  const { directory } = opened
  if (directory !== undefined && settings.control)
    await answerOutside(engine, parts, lifetime, directory)
  return engine
}

async function answerOutside(
  engine: Engine,
  parts: Parts,
  lifetime: Lifetime,
  directory: string,
): Promise<void> {
  const server = await openControl(engine, parts, directory)
  if (server !== undefined) lifetime.control(server)
}

/** What opening the journal came across. */
interface Found {
  /** Runs that have to be brought back. */
  readonly heads: Head[]
  readonly waits: StoredWait[]
  readonly inbox: InboxInput[]
  readonly census: Census
  readonly schedules: { readonly rows: StoredSchedule[]; readonly heads: Head[] }
  /** How many are under way, if all are replayed. */
  running: number
  /** All runs to which something happens at once. */
  runs: readonly string[]
}

const openStore = (settings: EngineSettings, found: Found) => {
  const { store, path, durability, clock, ids, secrets } = settings
  const options = {
    path,
    secrets,
    now: Math.floor(clock.wall()),
    newId: ids.journal(),
    timersWithin: NEAR,
    onHead: (head: Head) => {
      found.census.head(head)
      if (needsAttention(head, settings)) found.heads.push(head)
      if (head.schedule !== undefined) found.schedules.heads.push(head)
      if (settings.preflight === 'park' && head.status === 'running') found.running++
    },
    onWait: (wait: StoredWait) => void found.waits.push(wait),
    onInput: (input: InboxInput) => {
      found.inbox.push(input)
      found.census.input(input)
    },
    onQueued: (queued: StoredQueued) => found.census.queued(queued),
    onHeld: (held: StoredHeld) => found.census.held(held),
    onLimit: (limit: StoredLimit) => found.census.limit(limit),
    onSchedule: (row: StoredSchedule) => void found.schedules.rows.push(row),
    recover: (left: Recovery | undefined, overdue: readonly string[]) => {
      // Bodies take places as their runs come back: the oldest first, whatever their ids are.
      found.heads.sort((a, b) => a.createdAt - b.createdAt)
      const busy = [...found.heads, ...found.inbox].map(({ run }) => run)
      found.runs = [...new Set([...busy, ...overdue])]
      return begunRecovery(left, found.runs.length + found.running)
    },
    ...(durability !== undefined && { durability }),
  }
  return store === undefined ? openJournal(options) : openOn(store, options)
}

// Runs that only wait stay where they are: their timers bring them back.
const needsAttention = (head: Head, { workflows }: EngineSettings): boolean =>
  head.status === 'parked'
    ? isKnownAgain(head, workflows)
    : !head.passive || !workflows.has(head.workflow)

function resume(parts: Parts, { run, status }: Head): void {
  if (status === 'parked') void parts.postman.post(run, { type: 'run.unparked' }).catch(() => {})
  else void parts.residents.load(run)
}
