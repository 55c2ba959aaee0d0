import { isDeepStrictEqual } from 'node:util'
import { decodeValue } from '../../journal/codec/decode.ts'
import type { EventFacts } from '../../journal/entry.ts'
import { BATCH, LANE_LIMIT, LANE_THROTTLE, QUIET, type SeenEvents } from './flow-workflows.ts'
import type { Scene } from './memory.ts'
import type { RunFacts, Snapshot } from './snapshot.ts'

/** What was sent is in one run each, which has ended or is to, and what was not is in none. */
export function accounted({ after, memory }: Scene): readonly string[] {
  const places = new Map<string, string[]>()
  for (const facts of flowing(after)) {
    for (const { id } of [...partsOf(facts), ...facts.joining]) {
      places.set(id, [...(places.get(id) ?? []), facts.head.run])
    }
  }
  const lost = [...memory.sent].flatMap(id =>
    places.has(id) ? [] : [`event ${id} was acknowledged, and is in no run`],
  )
  const odd = [...places].flatMap(([id, runs]) => [
    ...(runs.length === 1 ? [] : [`event ${id} is in ${runs.join(' and ')}`]),
    ...(memory.offered.has(id) ? [] : [`nobody sent event ${id}`]),
  ])
  return [...lost, ...odd]
}

/** Neither by what runs did to the world, over all lives, nor by what the journal says they hold. */
export function withinLimits({ after, memory }: Scene): readonly string[] {
  const faults: string[] = []
  for (const [workflow, limit] of [
    ['lane', LANE_LIMIT],
    ['single', 1],
  ] as const) {
    for (const [key, runs] of byKey(after, workflow)) {
      const spans = runs.flatMap(({ head: { run } }) => memory.spans.get(run) ?? [])
      const most = Math.max(
        0,
        ...spans.map(
          ({ from: at }) => spans.filter(({ from, to }) => from <= at && at <= to).length,
        ),
      )
      if (most > limit) faults.push(`${most} runs of ${workflow} ${key} at once did something`)
      const holders = runs.filter(holds).map(({ head: { run } }) => run)
      if (holders.length > limit) faults.push(`${workflow} ${key} is held by ${holders.join(', ')}`)
    }
  }
  return faults
}

/**
 * Between the first of several decisions that a run may begin and the last record that one has begun
 * there is room for all of them. When it was decided is known by the commit before only: a record of
 * the same commit may be younger than the decision.
 */
export function inPace({ after }: Scene): readonly string[] {
  const interval = LANE_THROTTLE.period / LANE_THROTTLE.limit
  return [...byKey(after, 'lane')].flatMap(([key, runs]) => {
    const begun = runs.flatMap(facts => beginningOf(facts) ?? [])
    begun.sort((a, b) => a.decided - b.decided)
    return begun.flatMap((first, at) => {
      let last = first.recorded
      return begun.slice(at + 1).flatMap(({ recorded }, others) => {
        last = Math.max(last, recorded)
        const least = (others + 1) * interval
        // Times are whole milliseconds in some places.
        if (last - first.decided > least - 2) return []
        return [`${others + 2} runs of lane ${key} begin within ${last - first.decided} ms`]
      })
    })
  })
}

/** What was gathered is what it should be, and the code was given just that. */
export const gathered = ({ after }: Scene): readonly string[] =>
  flowing(after).flatMap(facts => {
    const { run, workflow } = facts.head
    const parts = partsOf(facts)
    const faults: string[] = []
    if (new Set(parts.map(({ key }) => key)).size > 1) faults.push('has events of several keys')
    if (parts.some(({ name }) => name !== `crash/${workflow}`)) faults.push('has events of others')
    const most = workflow === 'batch' ? BATCH.maxSize : workflow === 'quiet' ? parts.length : 1
    if (parts.length > most) faults.push(`has ${parts.length} events`)
    const early = tooEarly(facts, parts.length)
    if (early !== undefined) faults.push(early)
    const seen = seenBy(facts)
    if (seen !== undefined && !isDeepStrictEqual(seen, expected(workflow, parts))) {
      faults.push(`was given ${JSON.stringify(seen)}, recorded is ${JSON.stringify(parts)}`)
    }
    return faults.map(fault => `run ${run} of ${workflow} ${fault}`)
  })

/** A run is skipped for one of its key that was there before and has begun. */
export const skipped = ({ after }: Scene): readonly string[] =>
  [...after.values()].flatMap(facts => {
    const { run, workflow } = facts.head
    const last = facts.entries.at(-1)
    if (last?.entry.type !== 'run.skipped') return []
    const { reason, by = '' } = last.entry
    if (workflow !== 'single' || reason !== 'singleton') {
      return [`run ${run} of ${workflow}: ${reason}`]
    }
    const holder = after.get(by)
    const isThere = holder !== undefined && holder.head.status !== 'skipped'
    const isBefore =
      (holder?.records[0]?.elapsed ?? Number.POSITIVE_INFINITY) <= last.record.elapsed
    if (isThere && isBefore && keyOf(holder) === keyOf(facts)) return []
    return [`run ${run} was skipped for ${by}, which is not there or no reason`]
  })

interface Part extends Pick<EventFacts, 'id' | 'name' | 'ts'> {
  readonly key: string
}

const FLOWS: ReadonlySet<string> = new Set(['lane', 'batch', 'quiet', 'single'])

const flowing = (snapshot: Snapshot): RunFacts[] =>
  [...snapshot.values()].filter(({ head }) => FLOWS.has(head.workflow))

function byKey(snapshot: Snapshot, workflow: string): Map<string, RunFacts[]> {
  const runs = new Map<string, RunFacts[]>()
  for (const facts of flowing(snapshot)) {
    if (facts.head.workflow !== workflow) continue
    const key = keyOf(facts) ?? ''
    runs.set(key, [...(runs.get(key) ?? []), facts])
  }
  return runs
}

const keyOf = (facts: RunFacts | undefined): string | undefined => facts && partsOf(facts)[0]?.key

/** The events that a run was begun by, in the order in which they came. */
const partsOf = ({ entries }: RunFacts): Part[] =>
  entries
    .flatMap(({ entry }) => {
      if (entry.type === 'run.scheduled') return [entry]
      return entry.type === 'run.joined' ? entry.events : []
    })
    .map(({ event, data }) => {
      const { id = '', name = '', ts = 0 } = event ?? {}
      return { id, name, ts, key: (decodeValue(data) as { key: string }).key }
    })

const holds = ({ ledger }: RunFacts): boolean =>
  [...ledger.open.values()].some(({ kind }) => kind === 'slot')

function beginningOf({ entries, records, letIn }: RunFacts) {
  const first = records[0]?.elapsed
  const queued = entries.some(({ entry }) => entry.type === 'queue.set')
  if (first === undefined) return undefined
  if (!queued) return { decided: first, recorded: first }
  const started = entries.find(({ entry }) => entry.type === 'run.started')?.record.elapsed
  if (letIn === undefined || started === undefined) return undefined
  return { decided: letIn, recorded: started }
}

function tooEarly({ head, entries, records }: RunFacts, size: number): string | undefined {
  const { workflow } = head
  const over = entries.find(
    ({ entry }) => entry.type === 'timer.fired' || (entry.type === 'run.joined' && entry.full),
  )
  if (workflow !== 'batch' && workflow !== 'quiet') return undefined
  if (over === undefined || (workflow === 'batch' && size === BATCH.maxSize)) return undefined
  const least = workflow === 'batch' ? BATCH.timeout : QUIET.period
  const took = over.record.elapsed - (records[0]?.elapsed ?? 0)
  // Times are whole milliseconds in some places.
  return took < least - 1 ? `was over after ${took} ms with ${size} events` : undefined
}

function seenBy({ entries }: RunFacts): SeenEvents | undefined {
  const last = entries.find(({ entry }) => entry.type === 'run.completed')?.entry
  if (last?.type !== 'run.completed') return undefined
  const { event, events } = decodeValue(last.output) as SeenEvents
  return { event, events }
}

function expected(workflow: string, parts: readonly Part[]): SeenEvents {
  const [first, ...rest] = parts
  const newest = rest.reduce((best, part) => (part.ts >= (best?.ts ?? 0) ? part : best), first)
  const own = workflow === 'quiet' ? newest : first
  return { event: own?.id ?? '', events: parts.map(({ id }) => id) }
}
