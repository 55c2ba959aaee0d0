import type { Record } from '../../journal/entry.ts'
import { PerdureError } from '../../journal/error.ts'
import type { Head } from '../../journal/head.ts'
import { silentLogger } from '../define/logger.ts'
import { rehearse } from '../run/rehearse.ts'
import { codeHost } from './code-host.ts'
import { listeningOf } from './event-parts.ts'
import type { Parts } from './parts.ts'

/** Runs that are read and replayed at the same time. */
const AT_ONCE = 32

/**
 * Replays every run that is under way, and notes those that do not fit their code: none of them gets
 * a turn. Those that are paused are replayed when they go on, as ever. While runs come back in groups,
 * because the process has died again and again, nothing is looked at ahead.
 */
export async function preflight(parts: Parts): Promise<void> {
  const { journal, recovery, settings } = parts
  if (recovery.isGated) return
  const look = looker(parts)
  let replayed = 0
  await sideBySide(journal.heads('active'), async head => {
    if (head.status !== 'running') return
    await look(head)
    replayed++
  })
  const misfits = recovery.misfits.size
  settings.logger.info({ replayed, misfits }, 'runs replayed before they go on')
}

/** Resolves when the runs that are known not to fit are parked. */
export async function parkMisfits(parts: Parts): Promise<void> {
  const { misfits } = parts.recovery
  await sideBySide([...misfits.keys()].values(), run => park(parts, run))
}

async function park({ outcomes, residents }: Parts, run: string): Promise<void> {
  const parked = outcomes.wait(run)
  // Unless it is loaded, nobody waits for it.
  parked.catch(() => {})
  if ((await residents.load(run)) !== undefined) await parked
}

// All take from one iterator.
async function sideBySide<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const worker = async (): Promise<void> => {
    for await (const item of items) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

function looker(parts: Parts): (head: Head) => Promise<void> {
  const { journal, recovery, scoping, settings } = parts
  const host = codeHost(scoping.scopes, settings.clock, silentLogger, listeningOf(parts), () => {})
  return async head => {
    const { run, workflow } = head
    const known = settings.workflows.get(workflow)
    if (known === undefined) return
    const records: Record[] = []
    try {
      for await (const record of journal.records(head)) records.push(record)
      const { verdict, ...divergence } = await rehearse(run, known, records, host)
      if (verdict === 'diverges') recovery.misfits.set(run, divergence)
    } catch (error) {
      // What is wrong with the run shows again, and is told, when it is brought back.
      if (error instanceof PerdureError) settings.logger.warn({ run, error }, 'run not replayed')
    }
  }
}
