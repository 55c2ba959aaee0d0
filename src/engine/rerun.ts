import type { Entry, Record } from '../../journal/entry.ts'
import type { Head } from '../../journal/head.ts'
import type { Journal } from '../../journal/journal.ts'
import { EngineError } from '../define/error.ts'
import { carryOver } from '../run/carry-over.ts'
import { Run } from '../run/run.ts'
import { type ChildAgain, childrenAgain } from './children-again.ts'
import type { Parts } from './parts.ts'

/** Writes a new run that takes over what a failed one recorded, all in one commit. Gives its id. */
export async function rerun(head: Head, from: string | undefined, parts: Parts): Promise<string> {
  const { journal, events, settings } = parts
  const moment = parts.time.stamp()
  const id = parts.newRunId()
  const records: Record[] = []
  for await (const record of journal.records(head)) records.push(record)
  const carried = carryOver(records, id, moment, from)
  if (carried === undefined) throw noSuchStep(head.run, from)
  const children = await childrenAgain(head.run, carried, moment, parts)
  parts.events.admission.takeOver(head, id, holdsIn(carried))
  const next = new Run(id, settings.workflows.get(head.workflow))
  const durable = append(next, withChildren(carried, children), journal)
  // From now on: a child may end, or an event come, before the run is in memory.
  events.adopt(next)
  const start = children.flatMap(({ arrival }) => arrival ?? [])
  await Promise.all([
    durable,
    events.dispatcher.schedule(
      group => {
        for (const { finished } of children) {
          if (finished === undefined) continue
          events.mailbag.add(id, { input: finished, posted: group.post(id, finished) })
        }
      },
      { start, cancel: [], reason: '' },
    ),
  ])
  await parts.residents.load(id)
  return id
}

const holdsIn = (records: readonly Record[]): readonly string[] =>
  records.flatMap(({ entries }) =>
    entries.flatMap(entry => (entry.type === 'slot.set' ? entry.holds : [])),
  )

function append(next: Run, carried: readonly Record[], journal: Journal): Promise<void> {
  let durable = Promise.resolve()
  for (const record of carried) {
    next.note(record)
    durable = journal.append([{ record, ledger: next.ledger }])
    next.evolve(record)
  }
  return durable
}

function withChildren(carried: readonly Record[], children: readonly ChildAgain[]): Record[] {
  const entries = new Map<number, Entry>()
  for (const { seq, entry } of children) if (entry !== undefined) entries.set(seq, entry)
  return carried.map(record => ({
    ...record,
    entries: record.entries.map((entry, at) => entries.get(record.seq + at) ?? entry),
  }))
}

const noSuchStep = (run: string, step: string | undefined): EngineError =>
  new EngineError('STEP_NOT_FOUND', `Run ${run} has no step '${step}'.`, {
    hint: 'Steps are named with their occurrence from the second on: charge, charge:1, ...',
    facts: { run, step },
  })
