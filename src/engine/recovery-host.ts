import { keys } from '../../journal/keys.ts'
import type { OpenedJournal } from '../../journal/open.ts'
import { dueOf } from '../../journal/pending.ts'
import type { Recovery as Left } from '../../journal/recovery.ts'
import type { Instant } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import { isIdle } from './idle.ts'
import type { EngineSettings } from './options.ts'
import { type Recovering, Recovery } from './recovery.ts'

export const newRecovery = (
  { journal, recovery }: OpenedJournal,
  { clock, logger, limits }: EngineSettings,
  failed: (error: unknown) => void,
): Recovery => {
  const write = (next: Left | undefined): Promise<void> =>
    journal.change(group => {
      if (next === undefined) group.del(keys.recovery)
      else group.put(keys.recovery, next)
    })
  const { deathsPerRun } = limits
  return new Recovery(
    { logger, deathsPerRun, write, alarm: (...what) => clock.alarm(...what), failed },
    recovery,
  )
}

/** Something became of a run: it may have got through. */
export function watch(recovery: Recovery, run: Run, time: { now(): Instant }): void {
  if (recovery.isTrying) recovery.see(recovering(run, time.now()))
}

// A run with an overdue timer has an input yet to come.
const recovering = (run: Run, now: Instant): Recovering => ({
  id: run.id,
  entries: run.ledger.seq,
  rests: isIdle(run) && ![...run.ledger.open.values()].some(what => isDue(dueOf(what), now)),
})

/** Why a run is to be parked without being replayed. */
export interface Aside {
  readonly code: 'POISON' | 'NON_DETERMINISTIC'
  readonly report: object
}

/** A run that comes into memory is parked if the process died that often while it alone did. */
export function asideFor(recovery: Recovery, run: Run): Aside | undefined {
  const deaths = recovery.takeDeaths(run.id)
  const misfit = recovery.takeMisfit(run.id)
  if (deaths !== undefined) return { code: 'POISON', report: poisonReport(run, deaths) }
  return misfit && { code: 'NON_DETERMINISTIC', report: misfit }
}

function poisonReport({ ledger }: Run, deaths: number): object {
  const step = [...ledger.open.values()].find(({ kind }) => kind === 'step')
  return { deaths, ...(step !== undefined && 'id' in step && { step: step.id }) }
}

const isDue = (timer: ReturnType<typeof dueOf>, now: Instant): boolean =>
  timer !== undefined && timer.due <= now[timer.clock]
