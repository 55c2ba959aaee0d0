import { decodeValue } from '../../journal/codec/decode.ts'
import { LawBroken } from '../laws/law.ts'
import type { Facts } from './facts.ts'
import type { Records } from './records.ts'
import type { At, EventName } from './story.ts'

/** An event that was acknowledged. */
export interface Sent {
  readonly name: EventName
  readonly n: number
  /** Workflows that may have left it out: by a debounce that does not keep all. */
  readonly forgetful: readonly At[]
}

const listeners: { readonly [Name in EventName]: readonly At[] } = {
  c0: [0],
  c1: [1],
  call: [0, 1, 2],
}

/** Every event is in a run of each workflow that it starts. */
export function mayHaveLost(records: Records, sent: readonly Sent[]): void {
  for (const at of [0, 1, 2] as const) {
    const { found, isPartial } = seenBy(at, records)
    if (isPartial) continue
    const lost = sent.find(
      ({ name, n, forgetful }) =>
        listeners[name].includes(at) && !forgetful.includes(at) && !found.has(n),
    )
    if (lost === undefined) continue
    throw new LawBroken('nothing that was sent is lost', `${lost.name} ${lost.n}, for w${at}`)
  }
}

/** `isPartial`: a run was cancelled while it gathered, and what it had is gone with it. */
function seenBy(at: At, { all }: Records) {
  const found = new Set<number>()
  let isPartial = false
  for (const recorded of all) {
    if (recorded.ledger.workflow !== `w${at}`) continue
    isPartial ||=
      recorded.ledger.status === 'cancelled' && recorded.find('gather.set') !== undefined
    for (const { entry } of recorded.entries) {
      if (entry.type === 'run.scheduled') found.add((decodeValue(entry.data) as Facts).n)
      if (entry.type !== 'run.joined') continue
      for (const { data } of entry.events) found.add((decodeValue(data) as Facts).n)
    }
  }
  return { found, isPartial }
}
