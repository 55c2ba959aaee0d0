import { isFinal } from '../../journal/lifecycle.ts'
import type { ReplayedRun } from './replayed-run.ts'

/** Runs that differ in the same way. */
export interface Group {
  readonly stage: 'live' | 'parked' | 'ended'
  readonly count: number
  /** One of them, with all that is known. */
  readonly example: ReplayedRun
  /** Ids of the first hundred that were found, in order. */
  readonly runs: readonly string[]
}

interface OpenGroup extends Group {
  count: number
  readonly runs: string[]
}

const IDS = 100
const GROUPS = 10_000

/** Puts runs together that differ in the same way. */
export class Grouping {
  readonly #groups = new Map<string, OpenGroup>()

  add(replayed: ReplayedRun): void {
    const stage = stageOf(replayed)
    const key = JSON.stringify([stage, ...likeness(replayed)])
    const group = this.#groups.get(key)
    if (group === undefined) {
      // A journal in which each run differs in its own way must not fill the memory.
      const full = this.#groups.size >= GROUPS
      const rest = full ? this.#groups.get('') : undefined
      if (rest !== undefined) rest.count++
      else
        this.#groups.set(full ? '' : key, {
          stage,
          count: 1,
          example: replayed,
          runs: [replayed.run],
        })
      return
    }
    group.count++
    if (group.runs.length < IDS) group.runs.push(replayed.run)
  }

  get groups(): readonly Group[] {
    return [...this.#groups.values()]
      .map(group => ({ ...group, runs: group.runs.toSorted() }))
      .sort((a, b) => b.count - a.count || (likenessText(a) < likenessText(b) ? -1 : 1))
  }
}

const likenessText = ({ stage, example }: Group): string =>
  JSON.stringify([stage, ...likeness(example)])

/** Which of the counts a run belongs to. */
export const stageOf = ({ status }: ReplayedRun): Group['stage'] => {
  if (status === 'parked') return 'parked'
  return status !== undefined && isFinal(status) ? 'ended' : 'live'
}

/** What runs have in common that differ in the same way. */
function likeness(replayed: ReplayedRun): readonly unknown[] {
  const { verdict, workflow } = replayed
  switch (replayed.verdict) {
    case 'same':
    case 'unknown':
    case 'unchecked':
      return [verdict, workflow]
    case 'damaged':
    case 'defect':
      return [verdict, workflow, messageOf(replayed.error).replaceAll(replayed.run, '')]
    case 'extends':
    case 'diverges': {
      const { recorded, asked, site } = replayed
      return [verdict, workflow, once(recorded), once(asked), site]
    }
    default:
      return replayed satisfies never
  }
}

/** Whatever is thrown, a text. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

// The same call of a loop, whichever time round.
const once = (described: string): string => described.replace(/:\d+"$/, '"')
