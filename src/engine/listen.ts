import { type Change, listenersOf } from '../../journal/pending.ts'
import type { Listeners } from '../router/listeners.ts'

/** Makes it known what a run listens for from now on, and what no longer. */
export function listen(listeners: Listeners, run: string, changes: readonly Change[]): void {
  for (const { op, what } of changes) {
    const on = listenersOf(what)
    if (on === undefined) continue
    const kind = what.kind === 'wait' ? 'wait' : 'cancel'
    if (op === 'opened') listeners.add(run, what.seq, kind, on)
    else listeners.remove(run, what.seq)
  }
}
