import { lifecycle, type RunStatus } from '../../journal/lifecycle.ts'
import { globOf } from '../inspect/run-query.ts'
import { suggestion } from './suggestion.ts'
import { parseMoment, parseSpan } from './times.ts'
import { UsageError } from './usage.ts'

/** Throws USAGE_INVALID. */
export function momentOf(flag: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const moment = parseMoment(text, now)
  if (moment !== undefined) return moment
  throw new UsageError('USAGE_INVALID', `${flag} ${text} is no time.`, {
    hint: 'Write how long ago (90m, 24h, 7d), or ISO 8601 (2026-01-31 in UTC, 2026-01-31T09:00:00Z).',
    facts: { flag, text },
  })
}

/** Throws USAGE_INVALID. */
export function mustBeStatus(text: string): RunStatus {
  const known = Object.keys(lifecycle)
  const found = known.find((status): status is RunStatus => status === text)
  if (found !== undefined) return found
  throw new UsageError('USAGE_INVALID', `${text} is no status of a run.`, {
    hint: `${suggestion(text, known)}There are ${known.join(', ')}.`,
    facts: { text },
  })
}

/** Types of entries, by a pattern in which * stands for any text. Throws USAGE_INVALID where none fits. */
export function typesOf(pattern: string): (type: string) => boolean {
  const known = [...new Set(Object.values(lifecycle).flatMap(Object.keys))].sort()
  const fits = globOf(pattern)
  if (known.some(fits)) return fits
  throw new UsageError('USAGE_INVALID', `${pattern} is no type of an entry.`, {
    hint: `${suggestion(pattern, known)}There are ${known.join(', ')}.`,
    facts: { pattern, known },
  })
}

/** That a workflow is meant which there is. Throws USAGE_INVALID. */
export function mustBeWorkflow(pattern: string, known: readonly string[]): void {
  if (known.some(globOf(pattern))) return
  throw new UsageError('USAGE_INVALID', `There is no workflow ${JSON.stringify(pattern)}.`, {
    hint: `${suggestion(pattern, known)}There are ${known.join(', ') || 'none'}.`,
    facts: { workflow: pattern, known: known.slice(0, 100) },
  })
}

/** A span of a flag, in ms. Throws USAGE_INVALID. */
export function spanOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const span = parseSpan(text)
  if (span !== undefined) return span
  throw new UsageError('USAGE_INVALID', `${flag} ${text} is no span of time.`, {
    hint: 'Write 90s, 15m, 24h, 7d or 1h30m.',
    facts: { flag, text },
  })
}
