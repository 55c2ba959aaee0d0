import { type Incoming, incoming } from './condition.ts'
import { namesEvent } from './event-ref.ts'
import { misfit } from './given-text.ts'
import { momentAt } from './moment.ts'
import { durationAt, isObject, mustHaveOnly, type Place, refusal, within } from './place.ts'
import type { WaitTimer } from './wait-options.ts'

/** A wait as data: the event, the condition on it, and how long. */
export interface EventWait extends Incoming {
  /** Milliseconds. */
  readonly timeout: number
  /** Milliseconds since the epoch. */
  readonly since?: number
}

/** One of several things waited for, under the key that tells what came. */
export type AnyWait =
  | ({ readonly kind: 'event'; readonly key: string } & Incoming)
  | { readonly kind: 'timer'; readonly key: string; readonly duration: number }

export interface SignalWait {
  readonly signal: string
  /** Milliseconds. */
  readonly timeout: number
}

const MOST = 100
const LONGEST_SIGNAL = 255

/** The options of `waitForEvent`. Throws DEFINITION_INVALID, naming the step and the option. */
export function eventWait(id: string, options: unknown): EventWait {
  const place = placeOf(id)
  mustBeOptions(options, place, "{ event: completed, timeout: '24h' }")
  mustHaveOnly(options, ['event', 'timeout', 'match', 'if', 'since'], place)
  const { timeout, since } = options as { timeout?: unknown; since?: unknown }
  return {
    ...incoming(options, place),
    timeout: durationAt(timeout, within(place, 'timeout')),
    ...(since !== undefined && { since: momentAt(since, within(place, 'since')) }),
  }
}

/** The things that `waitForAny` waits for, in the order in which they were written. */
export function anyWaits(id: string, sources: unknown): readonly AnyWait[] {
  const place = placeOf(id)
  mustBeOptions(sources, place, "{ paid, late: step.timer('24h') }")
  const keys = Object.entries(sources)
  if (keys.length === 0 || keys.length > MOST) {
    const hint = `Give 1 to ${MOST} events and timers, each under a key.`
    throw refusal(place, `there are ${keys.length} things to wait for.`, hint)
  }
  return keys.map(([key, source]) => anyWait(key, source, within(place, key)))
}

function anyWait(key: string, source: unknown, place: Place): AnyWait {
  if (isTimer(source)) {
    return { kind: 'timer', key, duration: durationAt(source.duration, within(place, 'duration')) }
  }
  if (namesEvent(source)) return { kind: 'event', key, ...incoming({ event: source }, place) }
  mustBeOptions(source, place, "an event, { event, match }, or step.timer('24h')")
  mustHaveOnly(source, ['event', 'match', 'if'], place)
  return { kind: 'event', key, ...incoming(source, place) }
}

/** What `step.timer` gives. */
export const waitTimer = (duration: unknown): WaitTimer => ({
  kind: 'timer',
  duration: durationAt(duration, { of: 'The duration of step.timer()', path: '' }),
})

/** The options of `waitForSignal`. */
export function signalWait(id: string, options: unknown): SignalWait {
  const place = placeOf(id)
  mustBeOptions(options, place, "{ signal: 'approved', timeout: '7d' }")
  mustHaveOnly(options, ['signal', 'timeout'], place)
  const { signal, timeout } = options as { signal?: unknown; timeout?: unknown }
  if (typeof signal !== 'string' || signal === '' || signal.length > LONGEST_SIGNAL) {
    const hint = `Use a text of 1 to ${LONGEST_SIGNAL} characters.`
    throw refusal(within(place, 'signal'), misfit(signal, 'is not the name of a signal.'), hint)
  }
  return { signal, timeout: durationAt(timeout, within(place, 'timeout')) }
}

const placeOf = (id: string): Place => ({ of: `Step '${id}'`, path: '' })

const isTimer = (source: unknown): source is WaitTimer =>
  isObject(source) && 'kind' in source && source.kind === 'timer' && 'duration' in source

function mustBeOptions(options: unknown, place: Place, example: string): asserts options is object {
  if (isObject(options) && !Array.isArray(options)) return
  throw refusal(place, 'an object is missing.', `Write ${example}.`)
}
