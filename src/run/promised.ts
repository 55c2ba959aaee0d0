import { types } from 'node:util'

/**
 * A promise of a value, or the value itself if it is an ordinary promise: another one around it
 * would cost a promise and a round of microtasks more. Unlike Promise.resolve it throws nothing,
 * whatever the getters of the value do.
 */
export const promised = (value: unknown): Promise<unknown> =>
  isOrdinary(value) ? value : new Promise(resolve => resolve(value))

/** A promise of what a call gives, also if it throws. */
export function promisedBy(call: () => unknown): Promise<unknown> {
  try {
    return promised(call())
  } catch (error) {
    return Promise.reject(error)
  }
}

/**
 * What is awaited and never comes. A new one each time: a promise holds what awaits it, and one for
 * all would hold every run that has ended.
 */
export const forever = (): Promise<never> => new Promise(() => {})

const isOrdinary = (value: unknown): value is Promise<unknown> =>
  types.isPromise(value) &&
  Object.getPrototypeOf(value) === Promise.prototype &&
  !Object.hasOwn(value, 'then') &&
  !Object.hasOwn(value, 'constructor')
