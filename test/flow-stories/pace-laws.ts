import { decodeValue } from '../../journal/codec/decode.ts'
import { LawBroken } from '../laws/law.ts'
import { type Facts, type Keyed, keyOf } from './facts.ts'
import type { RateLimit, Throttle } from './flow.ts'
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
    const runs = all.filter(
      ({ ledger }) => ledger.workflow === `w${at}` && !retries.has(ledger.run),
    )
    mayHaveLetIn(runs)
    const { throttle } = flows[at]
    // At another pace, what was before counts otherwise.
    if (deployed.has(at) || throttle === undefined) continue
    for (const times of timesOf(runs, throttle, begunAt)) mustKeepDistance(times, throttle)
  }
}

/**
 * A sliding window lets in so many, with what others have let in whose number, period and key were
 * the same. In between the limit may have been away: what came then does not count.
 */
function mayHaveLetIn(runs: readonly Recorded[]): void {
  let same: Recorded[] = []
  let rule: RateLimit | undefined
  for (const recorded of runs) {
    const { rateLimit } = recorded.entries[0]?.under ?? {}
    if (rateLimit === undefined || letInAt(recorded) === undefined) continue
    if (rule !== undefined && !isSameBut(rule, rateLimit)) same = []
    rule = rateLimit
    same.push(recorded)
    if (rateLimit.algorithm !== 'sliding') continue
    const { limit, period } = rateLimit
    const now = recorded.entries[0]?.at ?? 0
    for (const times of timesOf(same, rateLimit, letInAt)) {
      if (times.filter(at => at > now - period).length <= limit) continue
      const fault = `${recorded.ledger.workflow} ${JSON.stringify(rateLimit)} let in at ${times}`
      throw new LawBroken('a window lets in so many', fault)
    }
  }
}

const isSameBut = (a: RateLimit, b: RateLimit): boolean =>
  a.limit === b.limit && a.period === b.period && a.key === b.key

/** Nothing is cancelled for a time that its workflow does not have by then, or that is not over. */
export function mayHaveTakenTooLong({ all }: Records, retries: ReadonlySet<string>): void {
  for (const recorded of all) {
    // A child may have been told the reason of its parent.
    if (recorded.ledger.parents.length > 0) continue
    const ended = recorded.find('run.cancel_requested')
    const [, phase] = /^it did not (start|finish) in time$/.exec(ended?.entry.reason ?? '') ?? []
    if (ended === undefined || (phase !== 'start' && phase !== 'finish')) continue
    const since = recorded.find(phase === 'start' ? 'queue.set' : 'run.started')?.at ?? 0
    const span = ended.under.timeouts?.[phase]
    const isCopy = retries.has(recorded.ledger.run)
    if (span !== undefined && (isCopy || ended.at >= since + span)) continue
    const fault = `${recorded.ledger.run} did not ${phase} from ${since} to ${ended.at}, ${span}`
    throw new LawBroken('only what takes too long is cancelled for that', fault)
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
