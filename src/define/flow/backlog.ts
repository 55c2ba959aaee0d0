import { type Place, refusal, within } from '../place.ts'
import { countAt, oneOfAt, partsAt } from './amount.ts'

/**
 * How much of a workflow may wait to start. At least one of `runs` and `bytes`.
 *
 * @example { runs: 10_000, full: 'skip' }
 */
export interface BacklogOption {
  /** At least 1. Default: no limit. */
  readonly runs?: number
  /** Of the data that the runs were given. At least 1. Default: no limit. */
  readonly bytes?: number
  /**
   * What happens to a run when there is no room: with `'refuse'`, whoever sends or starts it gets
   * OVERLOADED and nothing is accepted; with `'skip'` its run ends as `skipped`. Default `'refuse'`.
   */
  readonly full?: Backlog['full']
}

/** The same as data. */
export interface Backlog {
  readonly runs?: number
  readonly bytes?: number
  readonly full: 'refuse' | 'skip'
}

/** Throws DEFINITION_INVALID. */
export function backlogAt(option: unknown, place: Place): Backlog {
  const example = '{ runs: 10_000 }'
  const {
    runs,
    bytes,
    full = 'refuse',
  } = partsAt(option, ['runs', 'bytes', 'full'], place, example)
  if (runs === undefined && bytes === undefined) {
    throw refusal(place, 'there is no limit in it.', `Write ${example}, or \`bytes\`.`)
  }
  return {
    ...(runs !== undefined && { runs: countAt(runs, within(place, 'runs'), 1) }),
    ...(bytes !== undefined && { bytes: countAt(bytes, within(place, 'bytes'), 1) }),
    full: oneOfAt(full, ['refuse', 'skip'], within(place, 'full')),
  }
}
