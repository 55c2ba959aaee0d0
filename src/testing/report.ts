import { inspect } from 'node:util'
import { PerdureError } from '../../journal/error.ts'
import type { Breach } from './property.ts'
import { printTape } from './tape.ts'
import type { TrialResult } from './trial-result.ts'

/** What a search found to be wrong. */
export interface Finding<World = unknown> {
  readonly breach: Breach
  readonly result: TrialResult<World>
  /** Schedules that were run until it was found. */
  readonly schedules: number
  /** Schedules that were run to make it small. */
  readonly shrinking: number
  /** False if it was given up to look for a smaller one. */
  readonly isSmallest: boolean
  readonly seed: number | undefined
  /** Where the journal of the schedule lies. */
  readonly journal: string | undefined
}

/**
 * Thrown by `check`, `explore` and `replay`: the shortest schedule found that breaks a property. The
 * message is the report: the property, the story, the world, the runs, and how to run it again.
 */
export class PropertyFailed extends PerdureError<'PROPERTY_FAILED'> {
  override readonly name = 'PropertyFailed'
  /** Give it to `replay` with the same spec. */
  readonly replay: string
  /** The schedule, line by line. */
  readonly story: readonly string[]

  constructor(finding: Finding) {
    const replay = printTape(finding.result.tape)
    super('PROPERTY_FAILED', reportOf(finding, replay), {
      hint: `Run it again with replay(spec, '${replay}').`,
      facts: { kind: finding.breach.kind, property: finding.breach.name, replay },
    })
    this.replay = replay
    this.story = finding.result.story.map(({ text }) => text)
  }
}

/** A `sometimes` that no schedule reached. */
export class NeverReached extends PerdureError<'PROPERTY_FAILED'> {
  override readonly name = 'NeverReached'

  constructor(names: readonly string[], schedules: number) {
    super('PROPERTY_FAILED', `Never reached in ${count(schedules)}: ${names.join(', ')}.`, {
      hint: 'Allow what leads there (outcomes, events, faults), or search for longer.',
      facts: { kind: 'sometimes', names, schedules },
    })
  }
}

/** Of a story longer than twice as many lines, the beginning and the end are shown. */
const MOST_LINES = 20

function reportOf(
  { breach, result, schedules, shrinking, isSmallest, seed, journal }: Finding,
  replay: string,
) {
  const world = worldText(result.end.world)
  const width = String(result.story.length).length
  const all = result.story.map(
    ({ kind, text }, at) =>
      `  ${kind === 'fault' ? '!' : ' '} ${String(at + 1).padStart(width)}  ${text}`,
  )
  const left = all.length - 2 * MOST_LINES
  const lines =
    left <= 1
      ? all
      : [...all.slice(0, MOST_LINES), `    ... ${left} more ...`, ...all.slice(-MOST_LINES)]
  return [
    `${breach.kind}: ${breach.name}`,
    ...(breach.message === undefined ? [] : [`  ${breach.message.replaceAll('\n', '\n  ')}`]),
    '',
    ...lines,
    '',
    ...(result.end.world === undefined ? [] : [`  world   ${world}`]),
    ...result.end.runs.map(({ id, workflow, status }) => `  run     ${id} (${workflow}) ${status}`),
    `  replay  ${replay}`,
    ...(seed === undefined ? [] : [`  seed    ${seed}`]),
    ...(journal === undefined ? [] : [`  journal ${journal}`]),
    `  found in ${count(schedules)}, made small in ${shrinking} more`,
    ...(isSmallest ? [] : ['          there it was given up: a shorter one may fail, too']),
  ].join('\n')
}

export const worldText = (world: unknown): string =>
  inspect(world, { breakLength: Infinity, depth: 3, maxArrayLength: 10 })

const count = (schedules: number): string =>
  `${schedules.toLocaleString('en')} ${schedules === 1 ? 'schedule' : 'schedules'}`
