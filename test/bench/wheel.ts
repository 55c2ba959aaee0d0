import type { Timer } from '../../src/timers/timer.ts'
import { Wheel } from '../../src/timers/wheel.ts'
import type { Figure } from './figure.ts'

const TIMERS = 1_000_000
const ROUNDS = 5
const START = Date.UTC(2026, 0, 1)
const SPAN = 30 * 24 * 3_600_000
const SECOND = 1_000

interface Entry {
  readonly due: number
  readonly item: number
  dropped: boolean
}

/**
 * One million timers due within 30 days, a third of them removed, the rest fired; an operation is
 * an insert, a removal or a firing. Prints and returns operations a second and bytes a timer.
 *
 * The floor, measured in the same run, is the least any program would do with the same dues: push
 * an object per timer on an array, drop a third by a flag, sort once by due, walk the rest. It knows
 * all timers before the first one fires, which the wheel must not.
 */
export async function wheelBench(): Promise<Figure[]> {
  const dues = randomDues()
  const floor = speedOf(() => sortedArray(dues))
  const floorBytes = bytesPerTimer(() => entriesOf(dues))
  const speed = (name: string, fire: Fire): Figure => {
    const value = speedOf(() => wheel(dues, fire))
    return { name, value, unit: 'ops/s', ratio: value / floor, goal: 'at least 2 million' }
  }
  const bytes = bytesPerTimer(() => filled(dues))
  return [
    { name: 'floor: an array, sorted once', value: floor, unit: 'ops/s' },
    speed('timer wheel, one alarm per expiry', byExpiry),
    speed('timer wheel, advanced every second', bySecond),
    speed('timer wheel, one jump over 30 days', byJump),
    { name: 'floor: an array of objects', value: floorBytes, unit: 'B a timer' },
    {
      name: 'timer wheel, memory',
      value: bytes,
      unit: 'B a timer',
      ratio: bytes / floorBytes,
      goal: 'at most 150 B',
    },
  ]
}

type Fire = (wheel: Wheel<number>) => number

function wheel(dues: Float64Array, fire: Fire): number {
  const wheel = new Wheel<number>(START)
  const timers: Timer<number>[] = []
  for (let item = 0; item < dues.length; item++) timers.push(wheel.insert(dues[item]!, item))
  let operations = dues.length
  for (let item = 0; item < dues.length; item += 3) if (wheel.remove(timers[item]!)) operations++
  return operations + fire(wheel)
}

function byExpiry(wheel: Wheel<number>): number {
  let fired = 0
  for (let at = wheel.nextExpiry(); at !== undefined; at = wheel.nextExpiry()) {
    fired += wheel.advance(at).length
  }
  return fired
}

function bySecond(wheel: Wheel<number>): number {
  let fired = 0
  for (let now = START; wheel.size > 0; now += SECOND) fired += wheel.advance(now).length
  return fired
}

const byJump = (wheel: Wheel<number>): number => wheel.advance(START + SPAN).length

function sortedArray(dues: Float64Array): number {
  const entries = entriesOf(dues)
  let operations = entries.length
  for (let item = 0; item < entries.length; item += 3) {
    entries[item]!.dropped = true
    operations++
  }
  entries.sort((a, b) => a.due - b.due)
  for (const entry of entries) if (!entry.dropped) operations++
  return operations
}

function entriesOf(dues: Float64Array): Entry[] {
  const entries: Entry[] = []
  for (let item = 0; item < dues.length; item++) {
    entries.push({ due: dues[item]!, item, dropped: false })
  }
  return entries
}

function filled(dues: Float64Array): Wheel<number> {
  const wheel = new Wheel<number>(START)
  for (let item = 0; item < dues.length; item++) wheel.insert(dues[item]!, item)
  return wheel
}

// The dues are there before, the items are small integers inside the timer: neither is counted.
function randomDues(): Float64Array {
  let state = 0x9e3779b9
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return Float64Array.from({ length: TIMERS }, () => START + 1 + Math.floor(random() * (SPAN - 1)))
}

function speedOf(work: () => number): number {
  const speeds = Array.from({ length: ROUNDS }, () => {
    globalThis.gc?.()
    const begun = performance.now()
    const operations = work()
    return (operations / (performance.now() - begun)) * 1_000
  })
  return speeds.sort((a, b) => a - b)[ROUNDS >> 1]!
}

function bytesPerTimer(fill: () => unknown): number {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('heap figures need node --expose-gc')
  gc()
  const before = memoryUsed()
  const held = [fill()]
  gc()
  const used = memoryUsed() - before
  held.length = 0
  return used / TIMERS
}

// Typed arrays keep their numbers outside the heap.
function memoryUsed(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
