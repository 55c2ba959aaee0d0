import type { Ledger } from '../../journal/ledger.ts'
import type { Open } from '../../journal/pending.ts'
import { reasonOf, runSoFar } from '../inspect/stored-why.ts'
import type { Reason, Why } from '../inspect/why.ts'
import type { Door } from './door.ts'
import { stepOf, turnOf } from './held-up.ts'
import type { Parts } from './parts.ts'

/** Says what a run waits for. Throws RUN_NOT_FOUND. */
export async function why(parts: Parts, door: Door, id: string): Promise<Why> {
  const head = await door.headOf(id)
  const { run, workflow, status } = head
  const about = { run, workflow, status }
  const { ledger, skipped } = await runSoFar(parts.journal, head)
  if (skipped !== undefined) return { ...about, waitsFor: [skipped] }
  const holds: Reason[] = []
  if (status === 'parked') holds.push({ kind: 'parked', code: head.parkedFor ?? '' })
  if (status === 'paused') holds.push({ kind: 'paused' })
  const opens = [...ledger.open.values()]
  const waits = await Promise.all(opens.map(open => reasonNow(parts, ledger, open)))
  return { ...about, waitsFor: [...holds, ...waits.flat()] }
}

async function reasonNow(parts: Parts, ledger: Ledger, open: Open): Promise<Reason[]> {
  switch (open.kind) {
    case 'queue':
      return [await turnOf(parts, ledger, open)]
    case 'gather': {
      const { gather, key } = open
      const now = parts.events.admission.admission.gatherers.of(ledger.run) ?? open
      return [{ kind: 'gather', gather, key, count: now.count, due: now.due }]
    }
    case 'step':
      return [stepOf(parts, ledger, open)]
    default:
      return reasonOf(parts.journal, ledger, open, parts.time.stamp().at)
  }
}
