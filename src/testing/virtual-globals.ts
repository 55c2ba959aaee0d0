import { AsyncLocalStorage } from 'node:async_hooks'

/** Where `Date` and `Math.random` take what they say from. */
export interface TimeAndChance {
  wall(): number
  random(): number
}

const inside = new AsyncLocalStorage<TimeAndChance>()
const RealDate = globalThis.Date
const { now } = RealDate
const { random } = Math
let users = 0

/**
 * Runs `work`; in all that it sets off, `Date` and `Math.random` say what they are told, everywhere
 * else what they always do. So code that reads the clock between its steps is found out, and a
 * schedule comes out the same every time.
 */
export const withTimeAndChance = <Result>(
  given: TimeAndChance,
  work: () => Promise<Result>,
): Promise<Result> => whileReplaced(() => inside.run(given, work))

/** Keeps what is needed for it in place, for many of them: to change globals is slow. */
export async function whileReplaced<Result>(work: () => Promise<Result>): Promise<Result> {
  if (users++ === 0) patch()
  try {
    return await work()
  } finally {
    if (--users === 0) restore()
  }
}

function patch(): void {
  RealDate.now = () => inside.getStore()?.wall() ?? now()
  Math.random = () => inside.getStore()?.random() ?? random()
  globalThis.Date = new Proxy(RealDate, {
    construct(target, args, newTarget) {
      const given = args.length === 0 ? inside.getStore() : undefined
      return Reflect.construct(target, given === undefined ? args : [given.wall()], newTarget)
    },
    apply: () => new globalThis.Date().toString(),
  })
}

function restore(): void {
  globalThis.Date = RealDate
  RealDate.now = now
  Math.random = random
}
