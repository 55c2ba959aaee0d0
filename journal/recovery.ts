import { unseal } from './envelope.ts'
import { keys, parseKey, ranges } from './keys.ts'
import type { Store } from './store.ts'

/**
 * What an opening writes down before it brings runs back, and removes when that is done: an opening
 * that finds it knows that the process died meanwhile, and with whom.
 */
export interface Recovery {
  /** How many openings in a row have died. */
  readonly deaths: number
  /** Runs that were being brought back at a death, and have not been tried again since. */
  readonly suspects: readonly string[]
  /** The runs that are being brought back now. */
  readonly trying: readonly string[]
  /** The run that was alone when the process died, and how often in a row. */
  readonly lone?: string
  readonly times: number
}

export async function readRecovery(store: Store): Promise<Recovery | undefined> {
  const value = await store.get(keys.recovery)
  return value === undefined ? undefined : (unseal(keys.recovery, value).body as Recovery)
}

/** The runs whose timers are overdue. */
export async function overdueRuns(
  store: Store,
  now: { readonly wall: number; readonly elapsed: number },
): Promise<string[]> {
  const runs: string[] = []
  for (const clock of ['elapsed', 'wall'] as const) {
    for await (const chunk of store.scan(ranges.timersDue(clock, 0, now[clock] + 1))) {
      for (const [key] of chunk) runs.push(parseKey.timer(key).run)
    }
  }
  return runs
}
