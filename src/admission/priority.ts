const MOST_SECONDS = 600

/**
 * Where a run stands among those that wait: lower first. That is when it arrived, in milliseconds,
 * moved ahead by as many seconds as `value` says; whole ones, 600 at the most either way. What is no
 * number moves nothing.
 */
export function rankOf(arrival: number, value: unknown): number {
  return Math.max(0, Math.floor(arrival) - secondsOf(value) * 1_000)
}

function secondsOf(value: unknown): number {
  const seconds = typeof value === 'bigint' ? Number(value) : value
  if (typeof seconds !== 'number' || Number.isNaN(seconds)) return 0
  return Math.min(MOST_SECONDS, Math.max(-MOST_SECONDS, Math.round(seconds)))
}
