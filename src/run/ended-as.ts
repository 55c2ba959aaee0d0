import type { Entry } from '../../journal/entry.ts'
import type { Ending } from './call.ts'
import { decodeThrown } from './thrown.ts'

/** The command that a run ends with. */
export type Ended = Extract<
  Entry,
  { readonly type: 'run.completed' | 'run.continued' | 'run.failed' | 'run.cancelled' }
>

export const isEnded = (entry: Entry): entry is Ended =>
  entry.type === 'run.completed' ||
  entry.type === 'run.continued' ||
  entry.type === 'run.failed' ||
  entry.type === 'run.cancelled'

/**
 * Whether code that ended like this, or rests, may have led to this end of its run. What it returned or
 * threw is not compared.
 */
export function endedAs(recorded: Ended, how: Ending | undefined): boolean {
  switch (recorded.type) {
    case 'run.completed':
      return how?.kind === 'returned'
    case 'run.continued':
      return how?.kind === 'continued'
    case 'run.cancelled':
      return how !== undefined
    case 'run.failed':
      return how?.kind === 'threw' || byTheEngine(recorded.error, how)
    default:
      return recorded satisfies never
  }
}

// Of code that goes on, the run is too long; of code that ended well, the output cannot be stored.
function byTheEngine(error: Uint8Array, how: Ending | undefined): boolean {
  const thrown = decodeThrown(error)
  if (!(thrown instanceof Error) || !('code' in thrown)) return false
  if (how === undefined) return thrown.code === 'RUN_TOO_LONG'
  return thrown.code === 'VALUE_UNSTORABLE' || thrown.code === 'VALUE_TOO_LARGE'
}
