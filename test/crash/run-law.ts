import { isDeepStrictEqual } from 'node:util'
import { decodeValue } from '../../journal/codec/decode.ts'
import { isFinal, lifecycle } from '../../journal/lifecycle.ts'
import type { Fact, RunFacts } from './snapshot.ts'
import type { Seen } from './stage.ts'

/** What holds for the entries of every run, ended or not. The fold of them has checked the rest. */
export function runLaw(facts: RunFacts): readonly string[] {
  return [
    ...onlyLateAfterEnd(facts),
    ...shieldedAfterCancel(facts),
    ...uniqueSteps(facts),
    ...firesWhenDue(facts),
    ...sawWhatIsRecorded(facts),
  ].map(fault => `run ${facts.head.run}: ${fault}`)
}

function onlyLateAfterEnd({ entries }: RunFacts): readonly string[] {
  let ended = false
  return entries.flatMap(({ entry }, seq) => {
    const fault = ended && entry.type !== 'step.late' ? [`${seq} ${entry.type} after its end`] : []
    ended ||= isFinal(lifecycle.running[entry.type] ?? 'running')
    return fault
  })
}

function shieldedAfterCancel({ entries }: RunFacts): readonly string[] {
  const from = entries.findIndex(({ entry }) => entry.type === 'run.cancel_requested')
  if (from < 0) return []
  return entries.slice(from).flatMap(({ entry }) => {
    const asks = entry.type === 'step.scheduled' || entry.type === 'timer.set'
    return asks && entry.shielded !== true ? [`${entry.id} was begun after the cancellation`] : []
  })
}

function uniqueSteps({ entries }: RunFacts): readonly string[] {
  const ids = new Set<string>()
  return entries.flatMap(({ entry }) => {
    if (entry.type !== 'step.scheduled' && entry.type !== 'timer.set') return []
    const again = ids.has(entry.id) ? [`${entry.id} was asked for twice`] : []
    ids.add(entry.id)
    return again
  })
}

function firesWhenDue({ entries }: RunFacts): readonly string[] {
  return entries.flatMap(({ entry, record }, seq) => {
    if (entry.type !== 'timer.fired') return []
    const asked = entries[entry.of]?.entry
    const failed = entries
      .slice(0, seq)
      .findLast(({ entry: e }) => e.type === 'step.failed' && e.of === entry.of)?.entry
    const now = asked?.type === 'timer.set' && asked.clock === 'wall' ? record.at : record.elapsed
    const due =
      asked?.type === 'timer.set' || asked?.type === 'gather.set'
        ? asked.due
        : failed?.type === 'step.failed'
          ? failed.retryAt
          : asked?.type === 'code.failed'
            ? asked.retryAt
            : undefined
    if (due === undefined) return [`timer ${entry.of} fired that was never set`]
    return now < due ? [`timer ${entry.of} fired at ${now}, it was due at ${due}`] : []
  })
}

/** The code saw each answer, in the order of the journal, and no other. */
function sawWhatIsRecorded({ entries }: RunFacts): readonly string[] {
  const last = entries.find(({ entry }) => entry.type === 'run.completed')?.entry
  if (last?.type !== 'run.completed') return []
  const { seen } = decodeValue(last.output) as { seen?: readonly Seen[] }
  if (seen === undefined) return []
  const recorded = entries.flatMap(fact => answerOf(fact, entries))
  if (isDeepStrictEqual(seen, recorded)) return []
  const at = recorded.findIndex((answer, place) => !isDeepStrictEqual(answer, seen[place]))
  return [`answer ${at} was ${recorded[at]}, its code saw ${seen[at]}`]
}

function answerOf({ entry }: Fact, entries: readonly Fact[]): readonly Seen[] {
  if (!('of' in entry)) return []
  const asked = entries[entry.of]?.entry
  if (entry.type === 'event.received' && asked?.type === 'wait.set') {
    return [[asked.id, entry.event.id]]
  }
  if (asked?.type !== 'step.scheduled' && asked?.type !== 'timer.set') return []
  if (entry.type === 'step.succeeded') return [[asked.id, decodeValue(entry.value) as string]]
  if (entry.type === 'step.failed' && entry.retryAt === undefined) return [[asked.id, 'failed']]
  return entry.type === 'timer.fired' && asked.type === 'timer.set' ? [[asked.id, 'slept']] : []
}
