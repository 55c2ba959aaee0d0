import type { Condition } from '../../src/router/condition.ts'
import { MatchIndex } from '../../src/router/match-index.ts'
import { type Figure, median } from './figure.ts'

const FEW = 1_000
const MANY = 100_000
const MILLION = 1_000_000
const CROWD = 10_000
const ROUNDS = 15
const NAME = 'app/user.profile.completed'

const program = { alternatives: [{ terms: [{ path: ['data', 'userId'], literal: 0 }] }] }

interface Wait {
  readonly run: string
  readonly seq: number
}

interface Sent {
  readonly name: string
  readonly data: { readonly userId: string; readonly plan: string }
  readonly id: string
  readonly ts: number
}

/**
 * Waits on one event name, each for its own user, and events for users picked at random. Prints and
 * returns events a second matched, heap bytes a wait and the cost of removals.
 *
 * The floor of the speed, in the same run: a `Map` from user to wait that looks up the same events.
 * Rounds alternate between the sizes, so that a busy machine slows all of them.
 */
export async function waitsBench(): Promise<Figure[]> {
  return [...matching(), ...memory(), crowd()]
}

function matching(): Figure[] {
  const few = filled(FEW)
  const many = filled(MANY)
  const map = new Map(waitsOf(MANY).map(([condition, wait]) => [condition.literals[0], wait]))
  const toFew = eventsFor(FEW)
  const toMany = eventsFor(MANY)
  const speeds: { floor: number; few: number; many: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    speeds.push({
      floor: speedOf(toMany, event => (map.has(event.data.userId) ? 1 : 0)),
      few: speedOf(toFew, event => few.candidates(NAME, event).length),
      many: speedOf(toMany, event => many.candidates(NAME, event).length),
    })
  }
  const floor = median(speeds.map(speed => speed.floor))
  const inMany = median(speeds.map(speed => speed.many))
  return [
    { name: 'floor: a Map of 100,000 users', value: floor, unit: 'events/s' },
    {
      name: 'events matched against 1,000 waits',
      value: median(speeds.map(speed => speed.few)),
      unit: 'events/s',
    },
    {
      name: 'events matched against 100,000 waits',
      value: inMany,
      unit: 'events/s',
      ratio: inMany / floor,
      goal: 'at least 10,000 events/s',
    },
    {
      name: 'time of an event, 100,000 waits to 1,000',
      value: median(speeds.map(speed => speed.few / speed.many)),
      unit: 'times',
      goal: 'at most 2',
    },
  ]
}

function memory(): Figure[] {
  const before = heap()
  const waits = waitsOf(MILLION)
  const owned = heap() - before
  const index = new MatchIndex<Wait>()
  let longest = 0
  const begun = performance.now()
  for (const [condition, wait] of waits) {
    const start = performance.now()
    index.add(NAME, condition, wait)
    longest = Math.max(longest, performance.now() - start)
  }
  const adding = performance.now() - begun
  const held = heap() - before
  for (const [condition, wait] of waits) index.remove(NAME, condition, wait)
  const left = heap() - before - owned
  if (index.size !== 0) throw new Error('waits are left over')
  // Without the array of pairs, which is of the benchmark: a slot and a pair of two a wait.
  const pairs = 8 + 32 + 16 + 2 * 8
  const name = '1,000,000 waits'
  return [
    {
      name: `${name}, heap with refs and conditions`,
      value: held / MILLION - pairs,
      unit: 'B a wait',
      goal: 'at most 400 B',
    },
    { name: `${name}, heap of the index`, value: (held - owned) / MILLION, unit: 'B a wait' },
    { name: `${name}, left after removal`, value: left / MILLION, unit: 'B a wait', goal: '0' },
    { name: `${name}, added`, value: (MILLION / adding) * 1_000, unit: 'waits/s' },
    { name: `${name}, the longest addition`, value: longest, unit: 'ms' },
  ]
}

/** Many waits under one key, removed one by one. */
function crowd(): Figure {
  const cost = (count: number): number => {
    const index = new MatchIndex<Wait>()
    const condition: Condition = { program, literals: ['everyone'] }
    const waits = waitsOf(count).map(([, wait]) => wait)
    for (const wait of waits) index.add(NAME, condition, wait)
    const begun = performance.now()
    while (waits.length > 0) index.remove(NAME, condition, waits.pop()!)
    return (performance.now() - begun) / count
  }
  const ratios = Array.from({ length: ROUNDS }, () => cost(10 * CROWD) / cost(CROWD))
  return {
    name: 'a removal, 100,000 waits under one key to 10,000',
    value: median(ratios),
    unit: 'times',
    goal: 'at most 4, the cost of caches',
  }
}

function filled(count: number): MatchIndex<Wait> {
  const index = new MatchIndex<Wait>()
  for (const [condition, wait] of waitsOf(count)) index.add(NAME, condition, wait)
  return index
}

// A run id of 30 characters, flat as it comes from the journal, not a rope.
function waitsOf(count: number): [Condition, Wait][] {
  return Array.from({ length: count }, (_, i) => [
    { program, literals: [userOf(i)] },
    { run: flat(`run-${i.toString().padStart(26, '0')}`), seq: i % 100 },
  ])
}

function eventsFor(users: number): Sent[] {
  let state = 0x9e3779b9
  return Array.from({ length: MANY }, (_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const user = Math.floor((state / 2 ** 32) * users)
    return { name: NAME, data: { userId: userOf(user), plan: 'free' }, id: `e${i}`, ts: i }
  })
}

const userOf = (i: number): string => flat(`user-${i.toString().padStart(8, '0')}`)

const flat = (text: string): string => Buffer.from(text).toString('latin1')

function speedOf(events: readonly Sent[], match: (event: Sent) => number): number {
  let found = 0
  const begun = performance.now()
  for (const event of events) found += match(event)
  const took = performance.now() - begun
  if (found < events.length) throw new Error('an event missed its wait')
  return (events.length / took) * 1_000
}

function heap(): number {
  if (globalThis.gc === undefined) throw new Error('heap figures need node --expose-gc')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
