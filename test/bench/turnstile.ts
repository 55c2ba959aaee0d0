import type { Lane, Rank } from '../../src/admission/lane.ts'
import { SlotLimit } from '../../src/admission/limit.ts'
import { Turnstile } from '../../src/admission/turnstile.ts'
import { leave } from '../admission/limits.ts'
import { type Figure, median } from './figure.ts'

const ADMISSIONS = 200_000
const KEYS = 500_000
const LANES = 10_000
const SLOTS = 10
const ROUNDS = 5

interface Queue extends Lane {
  first: Rank
}

/**
 * Lanes whose lines never end, behind a shared limit of ten: an admission is one that leaves, the
 * next that goes, and its lane offered again.
 *
 * The floor, measured in the same run, is the least any program would do: one limit and one array,
 * used as a ring, from which the next is taken when one leaves. It knows nothing of lanes or ranks.
 */
export async function turnstileBench(): Promise<Figure[]> {
  const floor = speedOf(ring)
  const speed = (name: string, lanes: number, ownMost?: number): Figure => {
    const value = speedOf(() => contest(lanes, ownMost))
    return { name: `turnstile, ${name}`, value, unit: 'admissions/s', ratio: value / floor }
  }
  return [
    { name: 'floor: an array used as a ring', value: floor, unit: 'admissions/s' },
    speed('1 lane', 1),
    speed('10,000 lanes', LANES),
    speed('1 lane with a limit of its own', 1, SLOTS),
    speed('10,000 lanes, each with a limit of its own', LANES, 1),
    {
      name: 'turnstile, kept of a key that has gone',
      value: bytesPerKey(),
      unit: 'B',
      goal: 'at most 1',
    },
  ]
}

function ring(): number {
  const limits = new Map([['shared', new SlotLimit(SLOTS)]])
  const waiting = Array.from({ length: LANES }, (_, place) => ({ rank: place, place }))
  const inside = waiting.slice(0, SLOTS)
  for (const _ of inside) limits.get('shared')!.take()
  const begun = performance.now()
  for (let place = 0; place < ADMISSIONS; place++) {
    limits.get('shared')!.leave()
    if (limits.get('shared')!.roomAt() > 0) throw new Error('nobody left')
    limits.get('shared')!.take()
    inside[place % SLOTS] = waiting[place % LANES]!
    waiting[place % LANES] = { rank: place, place }
  }
  return performance.now() - begun
}

function contest(lanes: number, ownMost?: number): number {
  const limits = new Map([['shared', new SlotLimit(SLOTS)]])
  const turnstile = new Turnstile<Queue>(id => limits.get(id))
  for (let place = 0; place < lanes; place++) {
    const own = `own ${place}`
    if (ownMost !== undefined) limits.set(own, new SlotLimit(ownMost))
    const needed = ownMost === undefined ? ['shared'] : ['shared', own]
    turnstile.offer({ id: `lane ${place}`, limits: needed, first: { rank: place, place } })
  }
  let place = lanes
  const inside: Queue[] = []
  const admit = (): Queue => {
    const queue = turnstile.next(0)!
    queue.first = { rank: place, place: place++ }
    turnstile.offer(queue)
    return queue
  }
  while (inside.length < SLOTS) inside.push(admit())
  const begun = performance.now()
  for (let done = 0; done < ADMISSIONS; done++) {
    leave(turnstile, limits, inside[done % SLOTS]!.limits)
    inside[done % SLOTS] = admit()
    // The owner asks until nobody can go.
    if (turnstile.next(0) !== undefined) throw new Error('more went than there are slots')
  }
  return performance.now() - begun
}

/** While somebody waits all the time, so that the turnstile is never empty. */
function bytesPerKey(): number {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('heap figures need node --expose-gc')
  const closed = new SlotLimit(0)
  const limits = new Map([['closed', closed]])
  const turnstile = new Turnstile<Queue>(id => limits.get(id))
  turnstile.offer({ id: 'always', limits: ['closed'], first: { rank: 0, place: 0 } })
  const pass = (from: number, to: number): void => {
    for (let place = from; place < to; place++) {
      turnstile.offer({ id: `lane ${place}`, limits: [`own ${place}`], first: { rank: 0, place } })
      const queue = turnstile.next(0)!
      leave(turnstile, limits, queue.limits)
    }
  }
  pass(0, 1_000)
  gc()
  const before = process.memoryUsage().heapUsed
  pass(1_000, KEYS)
  gc()
  const used = process.memoryUsage().heapUsed - before
  if (turnstile.size !== 1) throw new Error('a lane was lost')
  return Math.max(0, used / KEYS)
}

function speedOf(work: () => number): number {
  return median(
    Array.from({ length: ROUNDS }, () => {
      globalThis.gc?.()
      return (ADMISSIONS / work()) * 1_000
    }),
  )
}
