import type { Ledger } from '../../journal/ledger.ts'
import type { OpenQueue, OpenStep } from '../../journal/pending.ts'
import { parseLimitId, SHARED } from '../admission/limit-id.ts'
import type { Blocked } from '../admission/turnstile.ts'
import type { Parts } from './parts.ts'
import type { LimitInfo, Reason } from './why.ts'

/** Places in a line that are counted: nobody wants to know of more to the last one. */
const COUNTED = 10_000

/** Why a run has not begun. */
export async function turnOf(
  parts: Parts,
  { run, workflow }: Ledger,
  open: OpenQueue,
): Promise<Reason> {
  const { lobby } = parts.events.admission.admission
  const { lane, limits, holds } = open
  const now = parts.time.now().elapsed
  const blocked = lobby.blockedBy({ workflow, lane, limits, holds }, now)
  let ahead = 0
  for await (const row of parts.journal.queued(lane)) {
    if (row.run === run || ahead === COUNTED) break
    if (!lobby.isGoing(row.run)) ahead++
  }
  return { kind: 'turn', ahead, ...limitOf(parts, blocked) }
}

/** Why a step has not ended. */
export function stepOf(parts: Parts, ledger: Ledger, { id, seq, attempt }: OpenStep): Reason {
  const { attempts, residents, time } = parts
  const step = { kind: 'step', id, attempt } as const
  if (attempts.executes(ledger.run, seq)) return { ...step, executes: true }
  const run = residents.get(ledger.run)
  const claim = run && parts.events.admission.claimOf(run)
  const blocked = attempts.steps.blockedBy(claim, time.now().elapsed)
  return { ...step, executes: false, ...limitOf(parts, blocked) }
}

function limitOf(parts: Parts, blocked: Blocked | undefined): { readonly limit?: LimitInfo } {
  if (blocked === undefined) return {}
  const { limit: name, until } = blocked
  const at = name.indexOf('!')
  const [workflow, id] = [name.slice(0, at), name.slice(at + 1)]
  const time = Number.isFinite(until) ? { until } : {}
  if (at === -1) return { limit: { kind: 'engine', of: SHARED, holders: [], ...time } }
  const limit = at === 0 ? undefined : parseLimitId(id)
  if (limit === undefined) return { limit: { kind: 'pause', of: id, holders: [], ...time } }
  const { admission } = parts.events.admission
  const { kind, owner: of, keyText, value } = limit
  const most = admission.rules.most(workflow, id)
  const holders =
    kind === 'step' ? parts.attempts.executingUnder(id) : admission.lobby.holders.of(id)
  return {
    limit: {
      kind: kind as LimitInfo['kind'],
      of,
      ...(keyText !== '' && { key: keyText, value }),
      ...(kind !== 'throttle' && most !== undefined && { most }),
      holders,
      ...time,
    },
  }
}
