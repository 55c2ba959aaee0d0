import type { Ledger } from '../../journal/ledger.ts'
import { type CommitSeen, passedIn } from './commit-laws.ts'
import type { History, RunHistory } from './history.ts'
import type { Law } from './law.ts'

/** A run that a commit removes. */
export interface RemovalSeen {
  readonly run: string
  readonly of: RunHistory
  readonly commit: CommitSeen
  readonly history: History
}

export const removalLaws: readonly Law<RemovalSeen>[] = [
  {
    name: 'only what ended longer ago than the retention is removed',
    fault({ run, of, commit, history }) {
      const before = passedIn(history, commit.epoch) - lengthOf(history.retention)
      for (let link: RunHistory | undefined = of; link !== undefined; ) {
        const { outcome, continuedAs }: Ledger = link.ledger
        if (outcome === undefined) return `${run}: ${link.ledger.run} goes on`
        if (outcome.elapsed >= before)
          return `${run}: ${link.ledger.run} ended at ${outcome.elapsed}`
        link = continuedAs === undefined ? undefined : history.run(continuedAs)
      }
      return undefined
    },
  },
  {
    name: 'nothing is left of a run that is removed',
    fault({ run, history }) {
      const left = [...history.rows.keys()].find(
        key => key.startsWith(`e!${run}!`) || key === `a!${run}` || key === `z!${run}`,
      )
      return left && `${left} is left`
    },
  },
]

/** Whether a run and all that continue it ended before a moment of elapsed time. */
export function hasEndedBefore(history: History, run: string, before: number): boolean {
  const of = history.run(run)
  if (of === undefined) return true
  const { outcome, continuedAs } = of.ledger
  if (outcome === undefined || outcome.elapsed >= before) return false
  return continuedAs === undefined || hasEndedBefore(history, continuedAs, before)
}

export const lengthOf = (retention: number | 'forever'): number =>
  retention === 'forever' ? Number.POSITIVE_INFINITY : retention
