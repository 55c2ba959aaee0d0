import { lifecycle, type RunStatus } from '../../journal/lifecycle.ts'
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
    hint: `There are ${known.join(', ')}.`,
    facts: { text },
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
