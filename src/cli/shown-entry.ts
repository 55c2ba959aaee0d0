import { saysNoSuchRun } from '../../journal/error.ts'
import type { Source } from '../inspect/source.ts'
import { behind, type Cursor } from './cursor.ts'
import type { Part } from './followed.ts'
import { runNamed } from './run-ref.ts'
import type { Subject, Subjects } from './subjects.ts'
import type { Told } from './tail-line.ts'

/** An entry as `tail` shows it. */
export interface Shown {
  readonly told: Told
  readonly seq: number
  readonly cursor: Cursor
}

export async function shownOf(
  { committed, from }: Part,
  subjects: Subjects,
): Promise<readonly Shown[]> {
  const { workflow, record } = committed
  const { run, seq, at, elapsed, entries } = record
  const of: readonly (Subject | undefined)[] = await subjects.of(committed)
  return entries.slice(from).map((entry, index) => {
    const place = from + index
    const told = { run, workflow, entry, at, elapsed, subject: of[place] }
    return { told, seq: seq + place, cursor: behind(committed, place) }
  })
}

/** The id of a run: who follows may wait for one that is still to come. Throws RUN_NOT_FOUND. */
export async function idOf(ref: string, source: Source, isFollowing: boolean): Promise<string> {
  try {
    return (await runNamed(ref, source)).run
  } catch (error) {
    if (isFollowing && saysNoSuchRun(error) && !ref.startsWith('@')) return ref
    throw error
  }
}
