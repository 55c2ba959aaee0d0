import { PerdureError } from '../../journal/error.ts'
import { type Exit, exit } from './exit.ts'
import type { Io } from './io.ts'
import { plain } from './plain.ts'

/** Tells a person what went wrong and what to do next. */
export async function explain(error: unknown, io: Io): Promise<Exit> {
  const message = error instanceof Error ? error.message : String(error)
  const hint = error instanceof PerdureError ? `  ${plain(error.hint)}\n` : ''
  await io.err.write(`perdure: ${plain(message)}\n${hint}`)
  const isDamage = error instanceof PerdureError && error.code === 'JOURNAL_CORRUPT'
  return isDamage ? exit.damaged : exit.refused
}
