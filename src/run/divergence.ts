import { siteIn } from '../../journal/call-site.ts'
import type { Command } from '../../journal/entry.ts'
import type { Ending } from './call.ts'

/** Where code asked for something else than its journal says: the report a parked run carries. */
export interface Divergence {
  /**
   * Seq of the entry that the code did not agree with. Where nothing more was recorded it is the
   * last entry of the turn, behind which the code went on or ended.
   */
  readonly entry: number
  readonly recorded: string
  readonly asked: string
  /** Where in the code: the call, or what threw the error that it ended with. */
  readonly site: string | undefined
  /** The last call that did agree. */
  readonly after: Deed | undefined
}

/** What the code did, and where. */
export interface Deed {
  readonly asked: string
  readonly site: string | undefined
}

/** What the code did in place of a call. */
export function describeEnding(ending: Ending | undefined): Deed {
  if (ending?.kind === 'threw') return describeThrown(ending.error)
  return { asked: ending?.kind ?? 'nothing', site: undefined }
}

export const describeCommand = (command: Command): string =>
  'id' in command ? `${command.type} ${JSON.stringify(command.id)}` : command.type

const LONGEST = 300

// Anything can be thrown, and not everything can be made a text.
function describeThrown(error: unknown): Deed {
  try {
    const site = error instanceof Error ? siteIn(String(error.stack)) : undefined
    return { asked: `threw ${String(error)}`.slice(0, LONGEST), site }
  } catch {
    return { asked: 'threw', site: undefined }
  }
}
