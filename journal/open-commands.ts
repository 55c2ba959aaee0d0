import type { Ledger } from './ledger.ts'
import { isAside, type Open, type OpenCancel, type OpenGather } from './pending.ts'

/** Adds what waits for an answer from now on. */
export function begin(ledger: Ledger, what: Open): void {
  ledger.open.set(what.seq, what)
  ledger.changes.push({ op: 'opened', what })
  if (what.kind === 'step') ledger.running++
  if (isAside(what)) ledger.aside++
}

/** Takes away what waits no longer. Throws if nothing is open under the seq. */
export function settle(ledger: Ledger, seq: number): Open {
  const what = ledger.open.get(seq)
  if (what === undefined) throw new Error(`nothing is open under ${seq} in run ${ledger.run}`)
  ledger.open.delete(seq)
  ledger.changes.push({ op: 'closed', what })
  if (what.kind === 'step') ledger.running--
  if (isAside(what)) ledger.aside--
  return what
}

export function gatherOf({ open }: Ledger): OpenGather | undefined {
  for (const what of open.values()) if (what.kind === 'gather') return what
  return undefined
}

export function cancelOf({ open }: Ledger): OpenCancel | undefined {
  for (const what of open.values()) if (what.kind === 'cancel') return what
  return undefined
}
