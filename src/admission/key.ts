import { types } from 'node:util'
import type { Key } from '../define/flow/key.ts'
import type { ReceivedEvent } from '../define/received-event.ts'
import { INVALID } from './limit-id.ts'
import { valueText } from './value-text.ts'

/** What keys need of the world around. */
export interface KeyHost {
  /** The value of an expression over `event`. May throw. */
  evaluate(expression: string, event: ReceivedEvent): unknown
  /** Told of a key that threw, or gave what cannot be the value of one. */
  failed(key: Key, error: unknown): void
}

/**
 * The value of a key as its limit id has it. Undefined where it is `false`: then what it is the key
 * of does not apply to the event. Without a key it is empty, and `INVALID` where the key failed.
 */
export function keyValue(
  key: Key | undefined,
  event: ReceivedEvent,
  host: KeyHost,
): string | undefined {
  if (key === undefined) return ''
  return guarded(key, host, INVALID, () => {
    const value = evaluated(key, event, host)
    return value === false ? undefined : valueText(value)
  })
}

/** Whether what a key gives is truthy; false where it failed. */
export const keyHolds = (key: Key, event: ReceivedEvent, host: KeyHost): boolean =>
  guarded(key, host, false, () => Boolean(evaluated(key, event, host)))

/** What a key gives as it is, such as the seconds of a priority; undefined where it failed. */
export const keyResult = (key: Key, event: ReceivedEvent, host: KeyHost): unknown =>
  guarded(key, host, undefined, () => evaluated(key, event, host))

function evaluated({ of }: Key, event: ReceivedEvent, host: KeyHost): unknown {
  const value = typeof of === 'string' ? host.evaluate(of, event) : of(event)
  if (!types.isPromise(value)) return value
  // Nobody awaits it: its rejection would end the process.
  value.catch(() => {})
  throw new TypeError('A key is needed at once: its function cannot be asynchronous.')
}

function guarded<Result>(key: Key, host: KeyHost, otherwise: Result, ask: () => Result): Result {
  try {
    return ask()
  } catch (error) {
    host.failed(key, error)
    return otherwise
  }
}
