import type { EventReader } from '../../journal/event-reader.ts'
import type { Ledger } from '../../journal/ledger.ts'
import type { OpenWait } from '../../journal/pending.ts'
import { viewOf } from '../router/event-view.ts'
import { type NearMiss, nearMiss } from '../router/near-miss.ts'

/** Events that are looked at, and those that are told. */
const LOOKED_AT = 1_000
const TOLD = 5

/** Events of the names that a wait listens for which did not fit it: those that came closest first. */
export async function nearMisses(
  reader: EventReader,
  { on, since }: OpenWait,
  { createdAt }: Ledger,
  now: number,
): Promise<readonly NearMiss[]> {
  const near: NearMiss[] = []
  for (const listener of on) {
    let looked = 0
    for await (const { event } of reader.events(listener.event, since ?? createdAt)) {
      const missed = nearMiss(listener, viewOf(event), now)
      if (missed !== undefined) near.push(missed)
      if (++looked === LOOKED_AT) break
    }
  }
  // Of those that differ in as much the newest.
  return near
    .reverse()
    .sort((a, b) => a.differs.length - b.differs.length)
    .slice(0, TOLD)
}
