import type { Source } from '../choices.ts'
import type { Rng } from '../rng.ts'
import { isFault, kindOf } from '../stream.ts'
import { deviation } from './uniform.ts'

/** How often something else than the boring answer is given, by the luck of the trial. */
const FAULT_RATES = [0, 0, 0, 1 / 32, 1 / 8, 1 / 2] as const
const OTHER_RATES = [0, 1 / 32, 1 / 8, 1 / 4, 1 / 2, 1] as const
/** In how many trials no step fails, so that faults show alone. */
const CALM_RATE = 1 / 4
/** A step that fails once in eight attempts never runs out of them: some have to fail always. */
const ALWAYS_RATE = 1 / 12

interface Habit {
  readonly rate: number
  /** The answer given all the time, where there is one. */
  readonly always?: number
  /** Answers that do not come up, as bits of their index. */
  readonly without: number
}

/**
 * What one trial is like: every kind of decision has a rate at which it deviates and answers that
 * never come up, so that what is on shows without the noise of the rest. Each step has an outcome
 * rate of its own, and now and then one outcome for all its attempts.
 */
export function swarm(rng: Rng): Source {
  const known = new Map<string, Habit>()
  const isCalm = rng.split('calm').chance(CALM_RATE)
  return (stream, _, n) => {
    const name = habitOf(stream)
    let habit = known.get(name)
    if (habit === undefined) {
      habit = acquired(rng.split(name), name, isCalm)
      known.set(name, habit)
    }
    if (habit.always !== undefined) return 1 + (habit.always % (n - 1))
    if (!rng.chance(habit.rate)) return 0
    return allowed(habit.without, deviation(rng, n), n)
  }
}

/** The answer itself or the next one that may come up; itself if none may. */
function allowed(without: number, value: number, n: number): number {
  for (let step = 0; step < Math.min(n - 1, 32); step++) {
    const other = 1 + ((value - 1 + step) % (n - 1))
    if (((without >>> (other % 32)) & 1) === 0) return other
  }
  return value
}

/** The attempts of a step share one; apart from outcomes, so does all that is of one kind. */
function habitOf(stream: string): string {
  const kind = kindOf(stream)
  if (kind !== 'outcome') return kind
  const slash = stream.lastIndexOf('/')
  return slash < 0 ? kind : stream.slice(0, slash)
}

function acquired(rng: Rng, name: string, isCalm: boolean): Habit {
  const kind = kindOf(name)
  const chosen = rng.below(2 ** 32)
  if (isFault(kind)) return { rate: rng.pick(FAULT_RATES), without: rng.chance(1 / 2) ? chosen : 0 }
  const rate = rng.pick(OTHER_RATES)
  if (kind !== 'outcome') return { rate, without: 0 }
  if (isCalm) return { rate: 0, without: 0 }
  if (rng.chance(ALWAYS_RATE)) return { rate: 1, always: chosen, without: 0 }
  return { rate, without: rng.chance(1 / 4) ? chosen : 0 }
}
