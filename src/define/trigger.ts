import { isDeepStrictEqual } from 'node:util'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { cron } from './cron.ts'
import type { CronTrigger } from './cron-trigger.ts'
import { mustBePattern } from './event-name.ts'
import { type EventOf, type EventRef, namedEvent } from './event-ref.ts'
import { allOf, checkExpression, equalsText } from './expressions.ts'
import { isObject, mustHaveOnly, type Place, refusal, within } from './place.ts'
import type { ReceivedEvent } from './received-event.ts'

/** What starts runs of a workflow. */
export type Trigger = EventTrigger | CronTrigger<unknown>

/** An event that starts runs, as plain data. */
export interface EventTrigger {
  readonly kind: 'event'
  /** A name, or one whose last part is `*`. */
  readonly pattern: string
  readonly schema?: StandardSchemaV1
  /** Only events for which this holds: an expression over `event`, or code. */
  readonly if?: string | ((event: ReceivedEvent) => boolean)
}

/** How a trigger is written: an event, by type or name; a pattern; a schedule; with a condition. */
export type TriggerOption<Source> = Source | ConditionalTrigger<Source>

export interface ConditionalTrigger<Source> {
  readonly event: Source
  /** Only these: an expression over `event`, such as `"event.data.plan == 'pro'"`, or a function. */
  readonly if?: string | ((event: EventOf<Source>) => boolean)
}

export type TriggerSource = EventRef | CronTrigger<unknown>

const MOST = 10

/** Throws DEFINITION_INVALID, naming the trigger. */
export function triggersOf(option: unknown, place: Place): readonly Trigger[] {
  if (option === undefined) return []
  if (!Array.isArray(option)) return [triggerOf(option, place)]
  if (option.length > MOST) {
    const hint = `Use a pattern such as 'app/*' for several names, or another workflow.`
    throw refusal(place, `there are ${option.length} triggers; ${MOST} are allowed.`, hint)
  }
  const triggers = option.map((each, index) => triggerOf(each, within(place, index)))
  refuseDuplicates(triggers, place)
  return triggers
}

function triggerOf(option: unknown, place: Place): Trigger {
  if (isCron(option)) return checkedCron(option)
  const isConditional = isObject(option) && 'event' in option
  if (!isConditional) return eventTrigger(option, undefined, place, place)
  mustHaveOnly(option, ['event', 'if'], place)
  const condition = 'if' in option ? option.if : undefined
  return eventTrigger(option.event, condition, within(place, 'event'), within(place, 'if'))
}

function eventTrigger(
  ref: unknown,
  condition: unknown,
  place: Place,
  conditionPlace: Place,
): EventTrigger {
  const { name: pattern, schema, equals } = namedEvent(ref, place)
  mustBePattern(pattern, place)
  const base = { kind: 'event', pattern, ...(schema !== undefined && { schema }) } as const
  const wanted = equalsText(equals, 'event')
  if (typeof condition === 'function') {
    if (wanted === undefined) return { ...base, if: condition as (event: ReceivedEvent) => boolean }
    const hint = 'Test what where() was given in the function, and name the event type alone.'
    throw refusal(conditionPlace, 'a function cannot be joined with where().', hint)
  }
  if (condition !== undefined) checkExpression(condition, ['event'], conditionPlace)
  const text = allOf([wanted, condition], place)
  return { ...base, ...(text !== undefined && { if: text }) }
}

const isCron = (option: unknown): option is CronTrigger<unknown> =>
  isObject(option) && 'kind' in option && option.kind === 'cron'

// It may have been written by hand.
const checkedCron = ({ kind: _, expression, ...options }: CronTrigger<unknown>) =>
  cron(expression, options)

// Schedules are compared by whoever runs them; one and the same object twice is a slip anyway.
function refuseDuplicates(triggers: readonly Trigger[], place: Place): void {
  for (const [index, trigger] of triggers.entries()) {
    const first = triggers.findIndex(other => isSame(other, trigger))
    if (first === index) continue
    const hint = 'Remove one of them: a run is started once however many triggers match.'
    throw refusal(within(place, index), `it is the same as trigger ${first}.`, hint)
  }
}

function isSame(one: Trigger, other: Trigger): boolean {
  if (one.kind === 'cron' || other.kind === 'cron') {
    return isDeepStrictEqual(one, other)
  }
  return one.pattern === other.pattern && one.if === other.if
}
