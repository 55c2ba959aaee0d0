import type { Condition } from './condition.ts'
import type { Duration } from './duration.ts'
import type { EventOf, EventRef } from './event-ref.ts'
import type { Moment } from './moment.ts'

/** What `waitForEvent` waits for; the run was started by `Trigger`. */
export interface WaitOptions<Trigger, Ref> extends Condition<Trigger, EventOf<Ref>> {
  /** What `event()` made, what its `where()` made, or a name. */
  readonly event: Ref
  /** How long to wait at most. */
  readonly timeout: Duration
  /** Looks back first: the oldest stored event since then that fits is taken. Default: no look. */
  readonly since?: Moment
}

/** What `waitForSignal` waits for. */
export interface SignalOptions {
  /** The name under which `engine.signal` sends it. */
  readonly signal: string
  readonly timeout: Duration
}

/** One of the things that `waitForAny` waits for. */
export type AnySource = EventRef | WaitTimer

/** How it is written: an event, by type, `where` or name; one with a condition; or a timer. */
export type AnyOption<Trigger, Source> = Source | ConditionalSource<Trigger, Source>

export interface ConditionalSource<Trigger, Ref> extends Condition<Trigger, EventOf<Ref>> {
  readonly event: Ref
}

/** A span of time among the things that `waitForAny` waits for. Made by `step.timer`. */
export interface WaitTimer {
  readonly kind: 'timer'
  /** Milliseconds. */
  readonly duration: number
}

/** What has come: the key it was asked for under and, unless it was a timer, the event. */
export type Came<Key, Source> = Source extends WaitTimer
  ? { readonly key: Key }
  : { readonly key: Key; readonly event: EventOf<Source> }
