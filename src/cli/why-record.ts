import { toTaggedJson } from '../../journal/codec/json.ts'
import { maskedKey, maskedLimit } from '../inspect/masked-limit.ts'
import { isSecret } from '../inspect/secret-path.ts'
import type { Secrets } from '../inspect/secrets.ts'
import type { About } from '../inspect/source.ts'
import type { LimitInfo, Reason, Why } from '../inspect/why.ts'
import type { ReasonRecord, WhyRecord } from './records/why.ts'
import { wallTime } from './timers.ts'
import { isoText } from './times.ts'

type Masks = Pick<Secrets, 'mask'>

/** What keeps a run from going on, with times by the wall clock and secrets masked. */
export function whyRecordOf(
  { run, workflow, status, waitsFor }: Why,
  about: About,
  secrets: Masks,
): WhyRecord {
  const reasons = waitsFor.map(reason => reasonRecord(reason, about, secrets))
  return { v: 1, kind: 'why', run, workflow, status, waitsFor: reasons }
}

function reasonRecord(reason: Reason, about: About, secrets: Masks): ReasonRecord {
  const elapsed = (due: number): string => isoText(wallTime({ clock: 'elapsed', due }, about))
  const held = (limit: LimitInfo | undefined) =>
    limit !== undefined && { limit: limitRecord(limit, elapsed, secrets) }
  switch (reason.kind) {
    case 'skipped':
    case 'parked':
    case 'paused':
    case 'child':
      return { ...reason }
    case 'turn':
      return { kind: 'turn', ahead: reason.ahead, ...held(reason.limit) }
    case 'gather':
      return {
        ...{ ...reason, key: maskedLimit(reason.key, secrets) },
        due: elapsed(reason.due),
      }
    case 'step': {
      const { id, attempt, executes, limit } = reason
      return { kind: 'step', id, attempt, executes, ...held(limit) }
    }
    case 'timer': {
      const { id, of } = reason
      return { kind: 'timer', id, of, due: isoText(wallTime(reason, about)) }
    }
    case 'event': {
      const { id, events, due, near } = reason
      const until = due !== undefined && { due: elapsed(due) }
      const missed = near.map(each => nearRecord(each, secrets))
      return { kind: 'event', id, events: [...events], ...until, near: missed }
    }
    default:
      return reason satisfies never
  }
}

function limitRecord(
  { kind, of, key, value, most, holders, until }: LimitInfo,
  elapsed: (due: number) => string,
  secrets: Masks,
): NonNullable<Extract<ReasonRecord, { kind: 'turn' }>['limit']> {
  return {
    ...{ kind, of },
    ...(key !== undefined && { key }),
    ...(value !== undefined && { value: keyValue(key, value, secrets) }),
    ...(most !== undefined && { most }),
    holders: [...holders],
    ...(until !== undefined && { until: elapsed(until) }),
  }
}

/** The value of a key may be a secret by the path that it was read from: `event.data.token`. */
const keyValue = (key: string | undefined, value: string, secrets: Masks): string =>
  key === undefined ? value : maskedKey(key, value, secrets)

type NearMiss = Extract<Reason, { kind: 'event' }>['near'][number]
type NearRecord = Extract<ReasonRecord, { kind: 'event' }>['near'][number]

function nearRecord({ event, id, ts, differs }: NearMiss, secrets: Masks): NearRecord {
  return {
    ...{ event, id, ts: isoText(ts) },
    differs: differs.map(({ path, is, wanted, got }) => ({
      path,
      ...(is !== undefined && { is }),
      ...(is !== 'fits' && { wanted: masked(path, wanted, event, secrets) }),
      got: masked(path, got, event, secrets),
    })),
  }
}

function masked(
  path: string,
  value: unknown,
  event: string,
  secrets: Masks,
): NearRecord['differs'][number]['got'] {
  const isHidden = isSecret(path, secrets, [event])
  const shown = isHidden ? '‹redacted›' : secrets.mask(toTaggedJson(value))
  return JSON.parse(JSON.stringify(shown))
}
