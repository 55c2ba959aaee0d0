import { decodeValue } from '../../journal/codec/decode.ts'
import type { Entry } from '../../journal/entry.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { readable } from '../../src/engine/handle.ts'
import { CancelledError } from '../../src/index.ts'
import { bodyLaw } from './body-law.ts'
import { accounted, gathered, inPace, skipped, withinLimits } from './flow-law.ts'
import type { Scene } from './memory.ts'
import { runLaw } from './run-law.ts'
import type { RunFacts, Snapshot } from './snapshot.ts'
import { hashOf, type Outcome, outcomeHash } from './trail.ts'
import { SCHEDULE } from './workflows.ts'

type Law = (scene: Scene) => readonly string[]

/** What crashes give an engine to warn of. */
const WARNINGS = ['a-write-that-was-not-acknowledged', 'the-process-has-died-again-and-again']

/** What holds after every life, whatever killed it. Each law names what breaks it. */
const laws: { readonly [Name in string]: Law } = {
  'the engine does not stop by itself': ({ lines }) =>
    lines.flatMap(({ mark, words }) =>
      mark === 'N' && !WARNINGS.some(known => words[0]?.startsWith(known)) ? [words.join(' ')] : [],
    ),
  'the trail does not contradict itself': ({ memory }) => memory.faults.splice(0),
  'what was recorded stays as it was': stays,
  'what was acknowledged is there': acknowledged,
  'nobody starts or cancels a run unasked': ({ after, memory }) =>
    [...after.values()].flatMap(facts => unasked(facts, memory, after)),
  'what a reader was shown is there': shown,
  'what was observed is recorded': observed,
  'bodies run when the journal says so': bodyLaw,
  'every event is accounted for': accounted,
  'limits are kept': withinLimits,
  'a throttle keeps its pace': inPace,
  'a run begins with what it gathered': gathered,
  'a run is skipped for another': skipped,
  'a schedule misses no tick': ticks,
  'a run is one story': ({ before, after }) =>
    [...after.values()].filter(facts => !sameRun(facts, before)).flatMap(runLaw),
}

/** Everything that is wrong after a life, each with the law it breaks. */
export const violations = (scene: Scene): readonly string[] =>
  Object.entries(laws).flatMap(([name, law]) => law(scene).map(fault => `${name}: ${fault}`))

function stays({ before, after }: Scene): readonly string[] {
  return [...before.values()].flatMap(({ head: { run }, records }) => {
    const now = after.get(run)?.records ?? []
    const changed = records.find(({ seq, check }, at) => {
      const same = now[at]
      return same?.seq !== seq || same.check !== check
    })
    return changed === undefined ? [] : [`record ${changed.seq} of ${run} has changed or is gone`]
  })
}

function acknowledged({ after, memory }: Scene): readonly string[] {
  const faults = [...memory.accepted].flatMap(run => {
    const first = after.get(run)?.entries[0]?.entry
    if (first?.type !== 'run.scheduled') return [`run ${run} was accepted, and is not there`]
    const same = hashOf(decodeValue(first.data)) === memory.intended.get(run)
    return same ? [] : [`run ${run} was accepted with other data`]
  })
  for (const run of memory.cancelled) {
    const facts = after.get(run)
    const asked = facts?.entries.some(({ entry }) => entry.type === 'run.cancel_requested')
    if (asked || (facts !== undefined && isFinal(facts.head.status))) continue
    faults.push(`the cancellation of ${run} was accepted, and is not there`)
  }
  return faults
}

function unasked(
  { head: { run }, entries }: RunFacts,
  memory: Scene['memory'],
  after: Snapshot,
): string[] {
  const first = entries[0]?.entry
  const faults: string[] = []
  if (first?.type === 'run.scheduled' && !first.continues && !first.parent) {
    const isSent = first.event !== undefined && memory.offered.has(first.event.id)
    const isAsked = first.schedule === SCHEDULE || memory.intended.has(run) || isSent
    if (!isAsked) faults.push(`nobody started ${run}`)
  }
  const cancelled = entries.some(({ entry }) => entry.type === 'run.cancel_requested')
  if (cancelled && !memory.toCancel.has(askedOf(run, after))) faults.push(`nobody cancelled ${run}`)
  return faults
}

// How far the schedule has got is written with the runs that it starts: every second has its run.
function ticks({ after }: Scene): readonly string[] {
  const at = [...after.keys()].flatMap(run => tickOf(run) ?? []).sort((a, b) => a - b)
  return at.flatMap((tick, n) => {
    const before = at[n - 1] ?? tick - 1_000
    return tick - before === 1_000 ? [] : [`no tick between ${before} and ${tick}`]
  })
}

function tickOf(run: string): number | undefined {
  const [schedule, time = ''] = run.split('@')
  const iso = time.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')
  return schedule === SCHEDULE ? Date.parse(iso) : undefined
}

/** A child is cancelled with its parent, and the last run of a chain by the id of the first. */
function askedOf(run: string, after: Snapshot): string {
  const first = after.get(run)?.entries[0]?.entry
  if (first?.type !== 'run.scheduled') return run
  const origin = first.continues ?? first.parent?.run
  return origin === undefined ? run : askedOf(origin, after)
}

// What earlier lives were shown cannot have changed: that law is `stays`.
function shown({ after, lines }: Scene): readonly string[] {
  return lines.flatMap(({ mark, words: [run = '', seq = '', hash = ''] }) => {
    if (mark !== 'S') return []
    const place = `${run} ${seq}`
    const record = after.get(run)?.entries[Number(seq)]?.record
    const entry = record && [...readable(record)].find(entry => entry.seq === Number(seq))
    if (entry === undefined) return [`entry ${place} was shown, and is not there`]
    return hashOf(entry) === hash ? [] : [`entry ${place} was shown otherwise`]
  })
}

function observed({ after, lines }: Scene): readonly string[] {
  return lines.flatMap(({ mark, words: [run = '', seen = ''] }) => {
    if (mark !== 'R') return []
    const recorded = outcomeOf(after, run)
    return recorded === seen ? [] : [`run ${run} ended as ${seen}, recorded is ${recorded}`]
  })
}

const sameRun = ({ head: { run, link } }: RunFacts, before: Snapshot): boolean =>
  before.get(run)?.head.link === link

function outcomeOf(snapshot: Snapshot, run: string): string | undefined {
  for (const { entry } of snapshot.get(run)?.entries ?? []) {
    const outcome = ending(entry)
    if (outcome !== undefined) return outcomeHash(outcome)
    if (entry.type === 'run.continued') return outcomeOf(snapshot, entry.successor)
  }
  return undefined
}

function ending(entry: Entry): Outcome | undefined {
  if (entry.type === 'run.completed') return { output: decodeValue(entry.output) }
  if (entry.type === 'run.failed') return { error: decodeValue(entry.error) }
  if (entry.type === 'run.cancelled') return { error: new CancelledError(entry.reason) }
  return undefined
}
