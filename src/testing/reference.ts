import { isDeepStrictEqual } from 'node:util'
import { keys, ranges } from '../../journal/keys.ts'
import { openCommit, openRecord } from '../../journal/reader.ts'
import type { Source } from './choices.ts'
import { type FaultDefaults, Prepared } from './prepared.ts'
import type { Breach } from './property.ts'
import { worldText } from './report.ts'
import type { Rows, RunView } from './run-view.ts'
import type { Spec } from './spec.ts'
import { isFault, kindOf } from './stream.ts'
import { Trial } from './trial.ts'
import { MOST_MOVES, type TrialResult } from './trial-result.ts'
import type { View } from './view.ts'

const NAME = 'with crashes the same as without'

/**
 * Runs a schedule again with nothing of what went wrong with the process or the disk: the inputs in
 * the order in which they were recorded, and steps come to what they came to. What is different then
 * was made different by a crash.
 */
export async function differenceWithoutCrashes<World>(
  spec: Spec<World>,
  defaults: FaultDefaults,
  result: TrialResult<World>,
  moves: number = MOST_MOVES,
): Promise<Breach | undefined> {
  const { crashTransparent = false } = spec
  const faults = result.decisions.filter(
    ({ stream, value }) => value > 0 && isFault(kindOf(stream)),
  )
  // Of the others it cannot be said at which moment of the other schedule they would come.
  const onlyCrashes = faults.every(({ stream }) => kindOf(stream) === 'write')
  if (crashTransparent === false || faults.length === 0 || !onlyCrashes) return undefined
  const guide = new Guide(result)
  const calm = { ...spec, faults: { ...spec.faults, crashes: 0, writes: 0 } }
  const reference = await new Trial(new Prepared(calm, defaults), guide.source, { moves }).run()
  if (guide.isLost || reference.isCut) return undefined
  const look = typeof crashTransparent === 'function' ? crashTransparent : () => undefined
  const [came, would] = [endOf(result.end, look), endOf(reference.end, look)]
  if (isDeepStrictEqual(came, would)) return undefined
  const message = `came to ${worldText(came)},\nwithout crashes to ${worldText(would)}`
  return { kind: 'crashTransparent', name: NAME, message }
}

/** Answers a schedule's questions so that it goes as another one was recorded. */
class Guide {
  readonly #labels: readonly string[]
  readonly #answers = new Map<string, number[]>()
  #at = 0
  /** The other way was not possible here. */
  isLost = false

  constructor({ rows, decisions }: TrialResult<unknown>) {
    this.#labels = recordedMoves(rows)
    for (const { stream, value } of decisions) {
      const kind = kindOf(stream)
      // Of an attempt that was made again after a crash, the last one was recorded.
      if (kind === 'outcome' || kind === 'delay') this.#answers.set(stream, [value])
      else if (kind !== 'schedule' && kind !== 'write') {
        this.#answers.set(stream, [...(this.#answers.get(stream) ?? []), value])
      }
    }
  }

  readonly source: Source = (stream, at, _, labels = []) => {
    if (kindOf(stream) !== 'schedule') return this.#answers.get(stream)?.[at] ?? 0
    const wanted = this.#labels[this.#at]
    if (wanted === undefined) return 0
    const move = labels.indexOf(wanted)
    if (move >= 0) {
      this.#at++
      return move
    }
    // A start or an event may have left no trace of its own; time must pass for some answers.
    const other = labels.indexOf('time')
    this.isLost ||= !labels.some(label => /^(start|event|signal) /.test(label)) && other < 0
    return other >= 0 && labels.length === 1 ? other : 0
  }
}

/** The moves that led to what was recorded, in the order of the commits. */
function recordedMoves(rows: Rows): string[] {
  const { gte, lt } = ranges.commits()
  const commits = [...rows.keys()].filter(key => key >= gte && key < lt).sort()
  const steps = new Map<string, string>()
  return commits.flatMap(key =>
    openCommit(key, rows.get(key) as Uint8Array).records.flatMap(([run, seq]) => {
      const at = keys.record(run, seq)
      const bytes = rows.get(at)
      if (bytes === undefined) return []
      const { entries } = openRecord(at, bytes)
      for (const [place, entry] of entries.entries()) {
        if (entry.type === 'step.scheduled') steps.set(`${run} ${seq + place}`, entry.id)
      }
      const [input] = entries
      switch (input?.type) {
        case 'run.scheduled':
          return input.event === undefined ? [`start ${input.workflow}`] : []
        case 'step.succeeded':
        case 'step.failed': {
          const step = steps.get(`${run} ${input.of}`) ?? ''
          return [`${run}/${step}${input.attempt === 0 ? '' : `, attempt ${input.attempt + 1}`}`]
        }
        case 'timer.fired':
          return ['time']
        case 'event.received':
          return [`event ${input.event.name}`]
        default:
          return []
      }
    }),
  )
}

const endOf = <World>(end: View<World>, look: (end: View<World>) => unknown): unknown => ({
  runs: end.runs.map(resultOf),
  seen: look(end),
})

const resultOf = ({ id, status, output, error, reason }: RunView): object => ({
  id,
  status,
  ...(output !== undefined && { output }),
  ...(error !== undefined && { error: error instanceof Error ? error.message : error }),
  ...(reason !== undefined && { reason }),
})
