import { isFinal } from '../../journal/lifecycle.ts'
import type { Scene } from './memory.ts'
import type { RunFacts } from './snapshot.ts'
import type { Line } from './trail.ts'

/**
 * A body runs when its step was durably scheduled and its attempt has no answer yet: never again
 * after an answer was recorded, never twice in one life, never for a run that had ended, and after
 * a cancellation only in a shield.
 */
export function bodyLaw({ before, after, lines }: Scene): readonly string[] {
  const answered = new Set<string>()
  const begun = new Set<string>()
  return lines.flatMap(line => {
    if (line.mark === 'S') noteAnswer(line, after, answered)
    if (line.mark !== 'B') return []
    const [run = '', step = '', attempt = ''] = line.words
    const name = `${run} ${step} attempt ${attempt}`
    const faults: string[] = []
    if (begun.has(name)) faults.push(`${name} began twice in one life`)
    if (answered.has(name)) faults.push(`${name} began again after its answer was seen`)
    begun.add(name)
    const early = notScheduled(after.get(run), step, Number(attempt))
    if (early !== undefined) faults.push(`${name} began although ${early}`)
    const late = notOpen(before.get(run), step, Number(attempt))
    if (late !== undefined) faults.push(`${name} began although ${late}`)
    return faults
  })
}

function noteAnswer({ words }: Line, after: Scene['after'], answered: Set<string>): void {
  const [run = '', seq = ''] = words
  const facts = after.get(run)
  const entry = facts?.entries[Number(seq)]?.entry
  if (entry?.type !== 'step.succeeded' && entry?.type !== 'step.failed') return
  const asked = facts?.entries[entry.of]?.entry
  if (asked?.type === 'step.scheduled') answered.add(`${run} ${asked.id} attempt ${entry.attempt}`)
}

/** By what the journal holds after the life, which is all that can have been durable in it. */
function notScheduled(facts: RunFacts | undefined, step: string, attempt: number) {
  const seq = seqOf(facts, step)
  if (facts === undefined || seq === undefined) return 'its step is not in the journal'
  if (attempt === 0) return undefined
  const failed = facts.entries.findIndex(
    ({ entry }) =>
      entry.type === 'step.failed' && entry.of === seq && entry.attempt === attempt - 1,
  )
  if (failed < 0) return 'the attempt before it has not failed'
  const waited = facts.entries
    .slice(failed)
    .some(({ entry }) => entry.type === 'timer.fired' && entry.of === seq)
  return waited ? undefined : 'its backoff is not over'
}

/** By what the journal held before the life began. */
function notOpen(facts: RunFacts | undefined, step: string, attempt: number): string | undefined {
  if (facts === undefined) return undefined
  const { ledger } = facts
  if (isFinal(ledger.status)) return 'its run had ended'
  const seq = seqOf(facts, step)
  if (seq === undefined) return undefined
  const open = ledger.open.get(seq)
  if (open === undefined) {
    return ledger.cancelled === undefined ? 'its result was recorded' : 'its run was cancelled'
  }
  const next = 'attempt' in open ? open.attempt : 0
  return attempt < next ? `attempt ${next} was next` : undefined
}

function seqOf(facts: RunFacts | undefined, step: string): number | undefined {
  const seq = facts?.entries.findIndex(
    ({ entry }) => entry.type === 'step.scheduled' && entry.id === step,
  )
  return seq === undefined || seq < 0 ? undefined : seq
}
