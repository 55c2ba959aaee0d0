import { isDeepStrictEqual } from 'node:util'
import { keys, ranges } from '../../journal/keys.ts'
import { openCommit, openRecord } from '../../journal/reader.ts'
import { decodeThrown } from '../run/thrown.ts'
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
  const calm = { ...spec, faults: { ...spec.faults, crashes: 0, writes: 0 } }
  const guide: Guide = new Guide(result, () => trial.machine.disk)
  const trial = new Trial(new Prepared(calm, defaults), guide.source, { moves })
  const reference = await trial.run()
  if (guide.isLost || reference.isCut) return undefined
  const look = typeof crashTransparent === 'function' ? crashTransparent : () => undefined
  // Of an attempt that nobody waits for, the effect may be lost when its process dies.
  const hasStrays = !guide.hasFollowed() || guide.hasStrays(result) || guide.hasStrays(reference)
  const seen = hasStrays ? () => undefined : look
  const [came, would] = [endOf(result.end, seen), endOf(reference.end, seen)]
  if (isDeepStrictEqual(came, would)) return undefined
  const message = `came to ${worldText(came)},\nwithout crashes to ${worldText(would)}`
  return { kind: 'crashTransparent', name: NAME, message }
}

/** Answers a schedule's questions so that it goes as another one was recorded. */
class Guide {
  readonly #labels: readonly string[]
  readonly #answers = new Map<string, number[]>()
  readonly #disk: () => { readonly rows: Rows; readonly writes: number }
  #writes = -1
  #at = 0
  /** The other way was not possible here. */
  isLost = false

  /** `disk` is that of the schedule that asks. */
  constructor(
    { rows, decisions }: TrialResult<unknown>,
    disk: () => { readonly rows: Rows; readonly writes: number },
  ) {
    this.#labels = recordedMoves(rows)
    this.#disk = disk
    for (const { stream, value } of decisions) {
      const kind = kindOf(stream)
      if (kind === 'outcome' || kind === 'delay') {
        // Of an attempt that was made again, and then came to something else, nobody can say what
        // it would have come to.
        this.isLost ||= (this.#answers.get(stream)?.[0] ?? value) !== value
        this.#answers.set(stream, [value])
      } else if (kind !== 'schedule' && kind !== 'write') {
        this.#answers.set(stream, [...(this.#answers.get(stream) ?? []), value])
      }
    }
  }

  /** Whether everything came that was recorded the other way. */
  hasFollowed(): boolean {
    this.#look()
    return this.#at === this.#labels.length
  }

  /** Whether an attempt was carried out that left no trace: nobody waited for it any more. */
  hasStrays({ answered }: TrialResult<unknown>): boolean {
    return [...answered].some(attempt => !this.#labels.includes(attempt))
  }

  readonly source: Source = (stream, at, _, labels = []) => {
    if (kindOf(stream) !== 'schedule') return this.#answers.get(stream)?.[at] ?? 0
    this.#look()
    const wanted = this.#labels[this.#at]
    const move = wanted === undefined ? 0 : labels.indexOf(wanted)
    if (move >= 0) return move
    // A start or an event may have left no trace of its own; time must pass for some answers.
    const other = labels.indexOf('time')
    this.isLost ||= !labels.some(label => /^(start|event|signal) /.test(label)) && other < 0
    return other >= 0 && labels.length === 1 ? other : 0
  }

  /** How far it has come: not every move leads to a record, and one may lead to several. */
  #look(): void {
    const { rows, writes } = this.#disk()
    if (writes === this.#writes) return
    this.#writes = writes
    const came = recordedMoves(rows)
    this.isLost ||= came.some((label, at) => label !== this.#labels[at])
    this.#at = came.length
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
          if (input.type === 'step.failed' && isTimeout(input.error)) return ['time']
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

const isTimeout = (error: Uint8Array): boolean => {
  const thrown = decodeThrown(error)
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'STEP_TIMEOUT'
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
