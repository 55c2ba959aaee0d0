import type { Head } from '../../journal/head.ts'
import { type OpenedJournal, openJournal, openOn } from '../../journal/open.ts'
import { Engine } from './engine.ts'
import { Lifetime } from './lifetime.ts'
import { type EngineOptions, type EngineSettings, settingsOf } from './options.ts'
import { Parts } from './parts.ts'

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
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const settings = settingsOf(options)
  const heads: Head[] = []
  const opened = await openStore(settings, head => {
    if (needsAttention(head, settings)) heads.push(head)
  })
  const lifetime = new Lifetime(settings)
  try {
    return await begin(opened, settings, lifetime, heads)
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
  heads: readonly Head[],
): Promise<Engine> {
  if (opened.tornTail !== undefined) {
    settings.logger.warn(opened.tornTail, 'a write that was not acknowledged was cut by a crash')
  }
  const parts = new Parts(opened, settings, error => lifetime.fail(error))
  lifetime.begin(parts)
  await parts.alarm.start()
  for (const head of heads) resume(parts, head)
  return new Engine(parts, drain => lifetime.close(drain))
}

const openStore = (settings: EngineSettings, onHead: (head: Head) => void) => {
  const { store, path, durability, clock, ids } = settings
  const options = {
    path,
    now: Math.floor(clock.wall()),
    newId: ids.journal(),
    onHead,
    ...(durability !== undefined && { durability }),
  }
  return store === undefined ? openJournal(options) : openOn(store, options)
}

// Runs that only wait stay where they are: their timers bring them back.
const needsAttention = (head: Head, { workflows }: EngineSettings): boolean =>
  head.status === 'parked'
    ? head.parkedFor === 'WORKFLOW_UNKNOWN' && workflows.has(head.workflow)
    : !head.passive || !workflows.has(head.workflow)

function resume(parts: Parts, { run, status }: Head): void {
  if (status === 'parked') void parts.postman.post(run, { type: 'run.unparked' }).catch(() => {})
  else void parts.residents.load(run)
}
