import { type Condition, type Incoming, incoming } from './condition.ts'
import type { Duration } from './duration.ts'
import type { EventOf } from './event-ref.ts'
import { givenText } from './given-text.ts'
import { durationAt, isObject, mustHaveOnly, type Place, refusal, within } from './place.ts'

/** An event that cancels runs. */
export interface CancelOption<Trigger, Ref> extends Condition<Trigger, EventOf<Ref>> {
  readonly event: Ref
  /** Counted from when the run was accepted; later events do not cancel it. Default: none. */
  readonly timeout?: Duration
}

/** The same as data. */
export interface CancelRule extends Incoming {
  /** Milliseconds. */
  readonly timeout?: number
}

const MOST = 5

/** Throws DEFINITION_INVALID, naming the option. */
export function cancelRules(option: unknown, place: Place): readonly CancelRule[] {
  if (option === undefined) return []
  if (!Array.isArray(option)) {
    throw refusal(
      place,
      `${givenText(option)} is not an array.`,
      'Write an array: [{ event, match }].',
    )
  }
  if (option.length > MOST) {
    const hint = 'Join some of them in one expression with ||.'
    throw refusal(place, `there are ${option.length} of them; ${MOST} are allowed.`, hint)
  }
  return option.map((each, index) => cancelRule(each, within(place, index)))
}

function cancelRule(option: unknown, place: Place): CancelRule {
  if (!isObject(option)) {
    const hint = "Write { event: deleted, match: 'data.userId' }."
    throw refusal(place, `${givenText(option)} is not an object.`, hint)
  }
  mustHaveOnly(option, ['event', 'match', 'if', 'timeout'], place)
  const { timeout } = option as { timeout?: unknown }
  return {
    ...incoming(option, place),
    ...(timeout !== undefined && { timeout: durationAt(timeout, within(place, 'timeout')) }),
  }
}
