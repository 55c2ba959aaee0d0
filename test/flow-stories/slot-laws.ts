import { parseLimitId, SHARED } from '../../src/admission/limit-id.ts'
import { LawBroken } from '../laws/law.ts'
import { type Facts, keyOf } from './facts.ts'
import type { Slots } from './flow.ts'
import type { Records } from './records.ts'
import type { At } from './story.ts'
import type { Executing, World } from './world.ts'

/** A step is about to execute: each of its limits must have had a place left. */
export function mayExecute(step: Executing, { held, flows, most }: World): void {
  if (held.length >= most) {
    throw new LawBroken('so many steps at once', `${most} execute in the engine`)
  }
  const limitsOf = (at: At) => flows[at].concurrency?.filter(({ per }) => per === 'step') ?? []
  for (const slots of limitsOf(step.at)) {
    const place = placeOf(step.at, slots, step.facts)
    if (place === undefined) continue
    const beside = held.filter(({ at, facts }) =>
      limitsOf(at).some(other => placeOf(at, other, facts) === place),
    )
    if (beside.length < slots.limit) continue
    const others = beside.map(({ run, step }) => `${step} of ${run}`).join(', ')
    const fault = `${step.step} of ${step.run} begins beside ${others}: ${place} lets ${slots.limit}`
    throw new LawBroken('so many steps at once', fault)
  }
}

/** What steps share places of; nothing: the limit does not apply to them. */
function placeOf(at: At, slots: Slots, facts: Facts): string | undefined {
  const value = keyOf(slots, facts)
  const owner = slots.scope === 'engine' ? SHARED : `w${at}`
  return value === undefined ? undefined : `${owner} ${slots.key ?? ''} ${value}`
}

/** No limit is held by more runs than it has places, and by none twice. */
export function mayHold(records: Records, world: World): void {
  for (const [id, runs] of holders(records)) {
    if (new Set(runs).size < runs.length) {
      throw new LawBroken('a run holds a place once', `${id} is held by ${runs}`)
    }
    const { kind } = parseLimitId(id) ?? {}
    if (kind === 'singleton' && runs.length > 1) {
      throw new LawBroken('one run at a time', `${id} is held by ${runs}`)
    }
    const places = kind === 'run' ? placesOf(id, world) : Number.POSITIVE_INFINITY
    if (runs.length > places) {
      throw new LawBroken('so many runs at once', `${id} has ${places} places, held by ${runs}`)
    }
  }
}

function holders({ active }: Records): ReadonlyMap<string, readonly string[]> {
  const runs = new Map<string, string[]>()
  for (const recorded of active) {
    for (const { holds } of recorded.opened('slot')) {
      for (const id of holds) runs.set(id, [...(runs.get(id) ?? []), recorded.ledger.run])
    }
  }
  return runs
}

/** Of workflows that share a limit each has its own number: there are never more than the largest. */
function placesOf(id: string, { flows, deployed }: World): number {
  // Who holds a place under an older number keeps it.
  if (deployed.size > 0) return Number.POSITIVE_INFINITY
  const { owner, keyText } = parseLimitId(id) ?? {}
  const isShared = owner === SHARED
  const sharers = isShared ? flows : flows.filter((_, at) => owner === `w${at}`)
  const limits = sharers.flatMap(({ concurrency = [] }) =>
    concurrency
      .filter(({ per, key = '' }) => per === 'run' && key === keyText)
      .filter(({ scope }) => (scope === 'engine') === isShared)
      .map(({ limit }) => limit),
  )
  return Math.max(...limits)
}
