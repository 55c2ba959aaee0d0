import { type Place, refusal, within } from '../place.ts'
import { countAt, oneOfAt, partsAt } from './amount.ts'
import { type Key, type KeyOption, keyIn } from './key.ts'

/**
 * How much of a workflow may execute at the same time: a limit, or two that must both have room. A
 * number alone is the limit of the whole workflow.
 *
 * @example 5
 * @example [10, { limit: 1, key: 'event.data.userId', per: 'run' }]
 */
export type ConcurrencyOption<Event> =
  | ConcurrencyItem<Event>
  | readonly [ConcurrencyItem<Event>]
  | readonly [ConcurrencyItem<Event>, ConcurrencyItem<Event>]

type ConcurrencyItem<Event> = number | ConcurrencyLimit<Event>

export interface ConcurrencyLimit<Event> {
  /** At least 1. */
  readonly limit: number
  /** Each value has the limit for itself. Default: one for all. */
  readonly key?: KeyOption<Event>
  /**
   * With `'engine'` the workflows whose `key` is the same text share their count, and each compares
   * it with its own limit: the key must be an expression then. Default `'workflow'`.
   */
  readonly scope?: 'workflow' | 'engine'
  /**
   * What is counted. `'step'`: step bodies that execute; runs that sleep, wait or back off hold
   * nothing, so many runs may be interleaved. `'run'`: runs from their start to their end, whatever
   * they wait for; with limit 1 they come strictly one after the other. Default `'step'`.
   */
  readonly per?: 'step' | 'run'
}

/** The same as data. */
export interface Concurrency {
  readonly limit: number
  readonly key?: Key
  readonly scope: 'workflow' | 'engine'
  readonly per: 'step' | 'run'
}

const MOST = 2

/** Throws DEFINITION_INVALID. */
export function concurrencyAt(option: unknown, place: Place): readonly Concurrency[] {
  if (option === undefined) return []
  if (!Array.isArray(option)) return [limitAt(option, place)]
  if (option.length === 0 || option.length > MOST) {
    const hint = `Write one limit or ${MOST}, or leave the option out.`
    throw refusal(place, `there are ${option.length} limits.`, hint)
  }
  const limits = option.map((each, index) => limitAt(each, within(place, index)))
  const [one, other] = limits
  if (one !== undefined && other !== undefined && isSame(one, other)) {
    throw equalLimits(one, within(place, 1))
  }
  return limits
}

function limitAt(option: unknown, place: Place): Concurrency {
  if (typeof option === 'number') {
    return { limit: countAt(option, place, 1), scope: 'workflow', per: 'step' }
  }
  const example = "a number, or { limit: 1, key: 'event.data.userId' }"
  const known = ['limit', 'key', 'scope', 'per']
  const { limit, key, scope = 'workflow', per = 'step' } = partsAt(option, known, place, example)
  const made: Concurrency = {
    limit: countAt(limit, within(place, 'limit'), 1),
    ...keyIn(key, within(place, 'key')),
    scope: oneOfAt(scope, ['workflow', 'engine'], within(place, 'scope')),
    per: oneOfAt(per, ['step', 'run'], within(place, 'per')),
  }
  if (made.scope === 'engine' && typeof made.key?.of !== 'string') throw unshareable(place)
  return made
}

const isSame = (one: Concurrency, other: Concurrency): boolean =>
  one.per === other.per && one.scope === other.scope && one.key?.text === other.key?.text

const equalLimits = ({ key }: Concurrency, place: Place) =>
  typeof key?.of === 'function'
    ? refusal(
        place,
        'two keys that are functions cannot be told apart after a restart.',
        'Write one of the two keys as an expression.',
      )
    : refusal(
        place,
        'it counts the same as the other limit.',
        'Keep the smaller of the two limits, or give one another `key`, `per` or `scope`.',
      )

const unshareable = (place: Place) =>
  refusal(
    within(place, 'key'),
    "scope 'engine' needs a key that is an expression: its text is what workflows share.",
    "Write a key such as 'event.data.userId', or \"'payments'\" for one and the same value.",
  )
