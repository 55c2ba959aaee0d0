import type { Duration } from './duration.ts'
import type { MadeEvent } from './event.ts'
import type { EventOf, EventRef } from './event-ref.ts'
import type { InvokeOptions } from './invoke-options.ts'
import type {
  AnyOption,
  AnySource,
  Came,
  SignalOptions,
  WaitOptions,
  WaitTimer,
} from './wait-options.ts'

/** The steps that wait for what happens outside of the run, or make it happen. */
export interface EventSteps<Trigger = unknown> {
  /**
   * Waits for an event. Gives it whole, or `null` if none came in time. Events count that are sent
   * after the wait was recorded; directly after steps or children also those since the first of them
   * was called; with `since`, those stored since then. What comes while another wait or a sleep is
   * awaited does not count: wait for both at once.
   *
   * @example
   * const profile = await step.waitForEvent('profile', {
   *   event: completed, match: 'data.userId', timeout: '24h' })
   */
  waitForEvent<const Ref extends EventRef>(
    id: string,
    options: WaitOptions<Trigger, Ref>,
  ): Promise<EventOf<Ref> | null>
  /**
   * Waits for the first of several events and timers; the others are no longer waited for. Tell
   * what came by its `key`.
   *
   * @example
   * const first = await step.waitForAny('payment', {
   *   paid: paid.where({ orderId }), late: step.timer('24h') })
   * if (first.key === 'paid') await step.run('ship', () => ship(first.event.data))
   */
  waitForAny<const Sources extends { readonly [key: string]: AnySource }>(
    id: string,
    sources: { readonly [Key in keyof Sources]: AnyOption<Trigger, Sources[Key]> },
  ): Promise<{ readonly [Key in keyof Sources]: Came<Key, Sources[Key]> }[keyof Sources]>
  /** A span of elapsed time for `waitForAny`. Waits for nothing by itself. */
  timer(duration: Duration): WaitTimer
  /** Waits for `engine.signal` of that name. Gives its data, or `null` if none came in time. */
  waitForSignal<Data = unknown>(id: string, options: SignalOptions): Promise<Data | null>
  /**
   * Runs another workflow as a child and gives its output. Throws when the child fails, is
   * cancelled or takes longer than `timeout`, after which it goes on alone.
   */
  invoke<Data, Output>(id: string, options: InvokeOptions<Data, Output>): Promise<Output>
  /** Sends events, recorded and sent in one write: exactly once. Gives their ids, in that order. */
  sendEvent(
    id: string,
    events: MadeEvent | readonly MadeEvent[],
  ): Promise<{ readonly ids: readonly string[] }>
}
