import { decodeValue } from '../../journal/codec/decode.ts'
import { LawBroken } from '../laws/law.ts'
import { type Facts, type Keyed, keyOf } from './facts.ts'
import type { Throttle } from './flow.ts'
import type { Recorded, Records } from './records.ts'
import type { World } from './world.ts'

/**
 * Those that were let in by one limit, or have begun under it, keep the pace of it; but for
 * `retries`, which go on with what has begun.
 */
export function mayHaveCome(
  { all }: Records,
  { flows, deployed }: World,
  retries: ReadonlySet<string>,
): void {
  for (const at of [0, 1, 2] as const) {
    // At another pace, what was before counts otherwise.
    if (deployed.has(at)) continue
    const { throttle, rateLimit } = flows[at]
    const runs = all.filter(
      ({ ledger }) => ledger.workflow === `w${at}` && !retries.has(ledger.run),
    )
    if (throttle !== undefined) {
      for (const times of timesOf(runs, throttle, begunAt)) mustKeepDistance(times, throttle)
    }
    if (rateLimit?.algorithm !== 'sliding') continue
    const { limit, period } = rateLimit
    for (const times of timesOf(runs, rateLimit, letInAt)) {
      const full = times.find(at => times.filter(t => t > at - period && t <= at).length > limit)
      if (full === undefined) continue
      const fault = `w${at} ${JSON.stringify(rateLimit)} let in at ${times}`
      throw new LawBroken('a window lets in so many', fault)
    }
  }
}

/** Moments in their order, for each value of a key. */
function timesOf(
  runs: readonly Recorded[],
  keyed: Keyed,
  timeOf: (recorded: Recorded) => number | undefined,
): Iterable<readonly number[]> {
  const times = new Map<string, number[]>()
  for (const recorded of runs) {
    const scheduled = recorded.find('run.scheduled')?.entry
    const at = timeOf(recorded)
    // It goes on in the place of the one before it.
    if (scheduled === undefined || scheduled.continues !== undefined || at === undefined) continue
    const value = keyOf(keyed, decodeValue(scheduled.data) as Facts)
    if (value !== undefined) times.set(value, [...(times.get(value) ?? []), at])
  }
  return [...times.values()].map(all => all.sort((a, b) => a - b))
}

// What is gathered has the key of one of its events.
function begunAt(recorded: Recorded): number | undefined {
  return recorded.find('gather.set') ? undefined : recorded.find('run.started')?.at
}

function letInAt(recorded: Recorded): number | undefined {
  const { skippedFor } = recorded.ledger
  const wasKept =
    skippedFor === 'rate-limit' || skippedFor === 'idempotency' || skippedFor === 'draining'
  return wasKept ? undefined : recorded.entries[0]?.at
}

/** Times `limit`, so that all are whole. */
function mustKeepDistance(times: readonly number[], { limit, period, burst }: Throttle): void {
  let next = Number.NEGATIVE_INFINITY
  for (const at of times) {
    if (at < Math.floor((next - (burst - 1) * period) / limit)) {
      const fault = `${limit} in ${period}, ${burst} at once, began at ${times}`
      throw new LawBroken('starts keep their distance', fault)
    }
    next = Math.max(next, at * limit) + period
  }
}
