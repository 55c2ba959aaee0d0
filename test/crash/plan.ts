import { Dice } from './dice.ts'

/**
 * Everything about a story that chance decides, from its seed: what each life starts and cancels,
 * and when it is killed. Only the wall-clock instant of a kill cannot be had again exactly.
 */
export interface RunPlan {
  readonly id: string
  readonly workflow: WorkflowName
  readonly data: RunData
  /** Started this long after opening, in ms. */
  readonly after: number
  /** Cancelled this long after it was started, in ms. */
  readonly cancelAfter?: number
}

export type RunData = { readonly n: number; readonly fails: number; readonly text: string }

const WORKFLOWS = [
  'chain',
  'retried',
  'parallel',
  'guarded',
  'faulty',
  'endless',
  'big',
  'listener',
  'family',
] as const
export type WorkflowName = (typeof WORKFLOWS)[number]

/** An event that is sent, for a workflow with limits. */
export interface EventPlan {
  readonly id: string
  readonly workflow: FlowName
  readonly key: string
  /** Sent this long after opening, in ms. */
  readonly after: number
}

const FLOWS = ['lane', 'batch', 'quiet', 'single'] as const
export type FlowName = (typeof FLOWS)[number]

/** Where the process kills itself, at the n-th time it gets there. */
const INSTANTS = [
  /** A step body has begun. */
  'body',
  /** Between a step's effect and its record. */
  'effect',
  /** The bytes of a commit are on their way to the disk. */
  'commit',
  /** They are there, and nobody has been told. */
  'committed',
  /** `start` or `cancel` has just resolved. */
  'acknowledged',
  /** A reader was shown an entry. */
  'shown',
  /** The code of a run begins: for the first time, or in a replay. */
  'code',
  /** `close` is under way. */
  'close',
] as const
export type Instant = (typeof INSTANTS)[number]

export type Death =
  | { readonly by: 'self'; readonly instant: Instant; readonly nth: number; readonly spin: number }
  /** The parent kills, so many ms after the process said that it begins to open or has opened. */
  | { readonly by: 'parent'; readonly since: 'opening' | 'open'; readonly after: number }
  /** It closes the engine and leaves. */
  | { readonly by: 'nobody' }

export interface LifePlan {
  readonly seed: string
  readonly life: number
  readonly death: Death
  /** When it begins to close, in ms after opening. */
  readonly closeAfter?: number
  /** The last life: nothing is started, everything has to end. */
  readonly calm: boolean
  readonly residentRuns: number
}

export function lifePlan(seed: string, life: number): LifePlan {
  const dice = new Dice(seed, life, 'life')
  const residentRuns = dice.oneOf([1, 3, 10_000])
  const death = deathOf(dice)
  const closes = death.by === 'nobody' || (death.by === 'self' && death.instant === 'close')
  const plan = { seed, life, death, calm: false, residentRuns }
  return closes ? { ...plan, closeAfter: dice.between(0, 80) } : plan
}

export const calmPlan = (seed: string, life: number): LifePlan => ({
  seed,
  life,
  death: { by: 'nobody' },
  calm: true,
  residentRuns: new Dice(seed, 'calm').oneOf([1, 10_000]),
})

/** How often each is reached in an ordinary life. */
const MOST: { readonly [At in Instant]: number } = {
  body: 10,
  effect: 10,
  commit: 8,
  committed: 8,
  acknowledged: 4,
  shown: 25,
  code: 6,
  close: 4,
}

function deathOf(dice: Dice): Death {
  const kind = dice.between(1, 100)
  if (kind <= 15) return { by: 'parent', since: 'opening', after: dice.between(0, 40) }
  if (kind <= 35) return { by: 'parent', since: 'open', after: dice.between(0, 90) }
  if (kind <= 40) return { by: 'nobody' }
  const instant = dice.oneOf(INSTANTS)
  // Often among the first: then it strikes while earlier runs are being recovered.
  const nth = dice.chance(0.5) ? dice.between(1, 3) : dice.between(1, MOST[instant])
  const spin = 2 ** dice.between(0, 12)
  return { by: 'self', instant, nth, spin }
}

/** What a life starts. */
export function runPlans(seed: string, life: number): readonly RunPlan[] {
  const dice = new Dice(seed, life, 'runs')
  const count = dice.oneOf([1, 3, 6, 9, 18])
  return Array.from({ length: count }, (_, nth) => runPlan(dice, `r${life}.${nth}`))
}

/** What a life sends: mostly for one key, so that it comes into its own way, over lives as well. */
export function eventPlans(seed: string, life: number): readonly EventPlan[] {
  const dice = new Dice(seed, life, 'events')
  const [workflow, key] = [dice.oneOf(FLOWS), dice.oneOf(['a', 'b'])]
  const isBurst = dice.chance(0.5)
  return Array.from({ length: dice.oneOf([0, 0, 0, 4, 8]) }, (_, nth) => ({
    id: `e${life}.${nth}`,
    workflow: dice.chance(0.8) ? workflow : dice.oneOf(FLOWS),
    key: dice.chance(0.8) ? key : 'c',
    after: isBurst ? 0 : dice.between(0, 40),
  }))
}

function runPlan(dice: Dice, id: string): RunPlan {
  const workflow = dice.oneOf(WORKFLOWS)
  const text = workflow === 'big' ? 'x'.repeat(dice.between(30_000, 150_000)) : id
  const data = { n: dice.between(1, 6), fails: dice.between(0, 3), text }
  const plan = { id, workflow, data, after: dice.chance(0.7) ? 0 : dice.between(0, 40) }
  const cancelled = dice.chance(workflow === 'guarded' ? 0.7 : 0.25)
  return cancelled ? { ...plan, cancelAfter: dice.chance(0.5) ? 0 : dice.between(0, 12) } : plan
}
