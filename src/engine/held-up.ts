import type { Ledger } from '../../journal/ledger.ts'
import type { OpenQueue, OpenStep } from '../../journal/pending.ts'
import { type LimitId, limitId, parseLimitId, SHARED } from '../admission/limit-id.ts'
import { pausedUntil } from '../admission/pause.ts'
import type { Blocked } from '../admission/turnstile.ts'
import { HOLDERS_MOST, type LimitInfo, type Reason } from '../inspect/why.ts'
import type { Parts } from './parts.ts'

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
  const time = Number.isFinite(until) ? { until } : {}
  if (at === -1) return { limit: { ...engineInfo(parts), ...time } }
  const [workflow, id] = [name.slice(0, at), name.slice(at + 1)]
  const limit = at === 0 ? undefined : parseLimitId(id)
  return { limit: { ...(limit ? limitInfo(parts, workflow, limit) : heldUp(parts, id)), ...time } }
}

const engineInfo = ({ attempts, settings }: Parts): LimitInfo => ({
  kind: 'engine',
  of: SHARED,
  most: settings.concurrency,
  holders: attempts.executing(HOLDERS_MOST),
})

/** All of a workflow, or everything, is held up. */
function heldUp({ events }: Parts, what: string): LimitInfo {
  const isKnown = what === SHARED || events.admission.admission.rules.knows(what)
  return { kind: isKnown ? 'pause' : 'unknown-workflow', of: what, holders: [] }
}

function limitInfo({ events, attempts, time }: Parts, workflow: string, limit: LimitId): LimitInfo {
  const { kind, owner: of, keyText, value } = limit
  const { rules, lobby, marks } = events.admission.admission
  const id = limitId(limit)
  const about = { of, ...(keyText !== '' && { key: keyText, value }) }
  if ((pausedUntil(marks, id) ?? 0) > time.now().elapsed) {
    return { kind: 'pause', ...about, holders: [] }
  }
  if (kind === 'throttle') return { kind, ...about, holders: [] }
  const most = rules.most(workflow, id)
  const many = most !== undefined && { most }
  if (kind === 'step') {
    return { kind, ...about, ...many, holders: attempts.executing(HOLDERS_MOST, id) }
  }
  // Nothing else stops anybody from beginning.
  const holds = kind === 'singleton' ? kind : 'run'
  return { kind: holds, ...about, ...many, holders: lobby.holders.of(id).slice(0, HOLDERS_MOST) }
}
