import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DumpHeader } from './dump/header.ts'
import { Loading } from './dump/loading.ts'
import { createDirectory } from './dump/new-directory.ts'
import { systemCode, unusable } from './leveldb/damage.ts'
import { findDirectory } from './leveldb/directory.ts'
import { orNoRoom } from './leveldb/no-room.ts'
import { acquireOwnership } from './leveldb/owner.ts'
import { self } from './open-directory.ts'
import { type Found, findVersions } from './salvage/find.ts'
import { History } from './salvage/history.ts'
import type { FileDamage, OnSalvage, Salvaged } from './salvage/report.ts'
import { RowSaver } from './salvage/rows.ts'
import { saveRuns } from './salvage/run-saver.ts'
import { type RunSurvey, surveyRuns } from './salvage/run-survey.ts'
import { Versions } from './salvage/versions.ts'
import { noCounts } from './tip.ts'

export interface SalvageOptions {
  /** A directory that is empty or absent. */
  readonly into: string
  /** Wall clock in ms. */
  readonly now: number
  /** Where what is found is put in order. Default: the system's temporary directory. */
  readonly scratch?: string
  /** Is told how far it has got. */
  readonly onProgress?: OnSalvage
}

/**
 * Saves what can be verified of a damaged journal into a new one, which is as sound as any. `dir` is
 * only read, and not by LevelDB, which would drop what it cannot read. Of each run the records are kept
 * that follow each other from the first one on. A run that has not ended and of which the end is, or may
 * be, missing is parked (`JOURNAL_CORRUPT`): it can be read up to the damage, and `engine.retry(id)` goes
 * on from there, which may do again what it had done. So is one that waits for a child which is gone.
 *
 * Commits of the new journal have numbers far behind those of the old one if any may be missing, so
 * that no key that a step passes to other systems comes twice.
 *
 * Throws JOURNAL_LOCKED if an engine has `dir`, JOURNAL_UNUSABLE if there is nothing to save, or `into` is
 * not empty.
 *
 * @example
 * const { whole, cut, lost } = await salvage('./data', { into: './saved', now: Date.now() })
 */
export async function salvage(dir: string, options: SalvageOptions): Promise<Salvaged> {
  const { now, scratch = tmpdir() } = options
  await mustExist(dir)
  const ownership = await acquireOwnership(dir, self(now))
  try {
    const work = await mkdtemp(join(scratch, 'perdure-salvage-'))
    const versions = await Versions.open(work).catch(error => {
      throw orNoRoom(ownership.path, SAVING, error)
    })
    try {
      return await salvageFrom(ownership.path, versions, options)
    } catch (error) {
      throw orNoRoom(ownership.path, SAVING, error)
    } finally {
      await versions.close()
      await rm(work, { recursive: true, force: true })
    }
  } finally {
    await ownership.release()
  }
}

const SAVING = {
  problem: 'cannot be sorted on the disk of temporary files',
  elsewhere: 'have it done on another disk (`TMPDIR`)',
}

async function mustExist(dir: string): Promise<void> {
  try {
    await findDirectory(dir)
  } catch (error) {
    const problem = systemCode(error) === 'ENOENT' ? 'does not exist' : 'cannot be read'
    throw unusable(dir, problem, 'Name the directory of a journal.', error)
  }
}

async function salvageFrom(
  dir: string,
  versions: Versions,
  { into, now, onProgress }: SalvageOptions,
): Promise<Salvaged> {
  const found = await findVersions(dir, versions, onProgress)
  const history = await History.read(versions, found.anchor)
  const survey = await surveyRuns(versions, history, found.losses)
  if (history.meta === undefined && history.newest === undefined && survey.saved.size === 0) {
    throw unusable(dir, 'holds nothing that could be saved', 'Name the directory of a journal.')
  }
  const header = headerOf(history, survey, found)
  const { report } = await createDirectory(into, now, async store => {
    const loading = new Loading(store, header)
    try {
      const report = await save({ versions, history, survey, loading, onProgress }, header)
      const { tip } = await loading.finish()
      return { tip, report }
    } catch (error) {
      await loading.discard()
      throw error
    }
  })
  return { journal: header.journal, ...report, damage: damageOf(found.losses) }
}

/** Each once: the log is checked as a whole, and read again for what is in it. */
function damageOf(losses: Found['losses']): readonly FileDamage[] {
  const damage = new Map<string, FileDamage>()
  for (const { file, offset, why } of losses) {
    damage.set(JSON.stringify([file, offset, why]), { file, offset, why })
  }
  return [...damage.values()]
}

interface Saving {
  readonly versions: Versions
  readonly history: History
  readonly survey: RunSurvey
  readonly loading: Loading
  readonly onProgress: OnSalvage | undefined
}

async function save(
  { versions, history, survey, loading, onProgress }: Saving,
  { at, elapsed = at }: DumpHeader,
): Promise<Omit<Salvaged, 'journal' | 'damage'>> {
  const rows = new RowSaver(versions, history, loading)
  const cut = await saveRuns(versions, survey, loading, { at, elapsed }, onProgress)
  const schedules = await rows.stated('schedules')
  const limits = await rows.stated('limits')
  const events = await rows.events()
  await rows.eventIds()
  const inputs = await rows.inputs(survey)
  const { runs, entries } = loading
  const { lost } = survey
  const mayBeMore = history.lastMissing > 0
  return {
    whole: runs - cut.length,
    cut,
    lost,
    mayBeMore,
    entries,
    events,
    inputs,
    schedules,
    limits,
  }
}

/** More commits than were ever lost with the end of a journal. */
const SKIPPED = 1_000_000

function headerOf(history: History, survey: RunSurvey, { losses }: Found): DumpHeader {
  const { meta, newest, chain, highest, epoch, lastMissing } = history
  const isSure = losses.length === 0 && lastMissing === 0 && newest?.commit === highest
  const at = Math.max(newest?.at ?? 0, survey.at)
  const createdAt = meta?.createdAt ?? at
  return {
    format: 2,
    journal: meta?.id ?? survey.journal ?? `salvaged-${createdAt}`,
    createdAt,
    durability: meta?.durability ?? 'fsync',
    epoch,
    commit: isSure ? highest : highest + SKIPPED,
    chain: isSure ? chain : '',
    at,
    elapsed: Math.max(newest?.elapsed ?? 0, survey.elapsed),
    counts: { ...noCounts(), ...newest?.counts },
    ...(meta?.secrets !== undefined && { secrets: meta.secrets }),
  }
}
