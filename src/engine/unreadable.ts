import { PerdureError } from '../../journal/error.ts'
import type { Parts } from './parts.ts'

/** A run could not be read: damage is that run's alone, if the engine may go on with the others. */
export function unreadable(
  { damaged, settings }: Pick<Parts, 'damaged' | 'settings'>,
  run: string,
  error: unknown,
  failed: (error: unknown) => void,
): void {
  const code = error instanceof PerdureError ? error.code : undefined
  // A close may overtake the reading of a run, or its removal: the next opening knows.
  if (code === 'JOURNAL_CLOSED' || code === 'RUN_NOT_FOUND') return
  if (code !== 'JOURNAL_CORRUPT') return failed(error)
  damaged.set(run, error)
  settings.logger.error({ run, error }, 'the records of a run are damaged')
  if (settings.onDamage === 'refuse') failed(error)
}
