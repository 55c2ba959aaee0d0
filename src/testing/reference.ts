import { isDeepStrictEqual } from 'node:util'
import type { Source } from './choices.ts'
import { type FaultDefaults, Prepared } from './prepared.ts'
import type { Breach } from './property.ts'
import { isByItself, RecordedMoves } from './recorded-moves.ts'
import { worldText } from './report.ts'
import type { Rows, RunView } from './run-view.ts'
import type { Spec } from './spec.ts'
import { isFault, kindOf } from './stream.ts'
import { Trial } from './trial.ts'
import { MOST_MOVES, type TrialOptions, type TrialResult } from './trial-result.ts'
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
  { moves = MOST_MOVES, checked }: TrialOptions = {},
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
  const trial = new Trial(new Prepared(calm, defaults), guide.source, { moves, checked })
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
  readonly #came: RecordedMoves
  readonly #answers = new Map<string, number[]>()
  readonly #disk: () => { readonly rows: Rows; readonly writes: number }
  #writes = -1
  #at = 0
  /** The other way was not possible here. */
  isLost = false

  /** `disk` is that of the schedule that asks. */
  constructor(
    { rows, decisions, requests }: TrialResult<unknown>,
    disk: () => { readonly rows: Rows; readonly writes: number },
  ) {
    const recorded = new RecordedMoves(requests)
    recorded.read(rows)
    this.#labels = recorded.moves
    this.#came = new RecordedMoves(requests)
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
    const other = labels.indexOf('time')
    // Time must pass for what comes by itself, and for some answers.
    if (other >= 0 && (labels.length === 1 || (wanted !== undefined && isByItself(wanted)))) {
      return other
    }
    // What was asked for may have left no trace.
    this.isLost ||= !labels.some(label => /^(start|event|signal) /.test(label)) && other < 0
    return 0
  }

  /** How far it has come: not every move leads to a record, and one may lead to several. */
  #look(): void {
    const { rows, writes } = this.#disk()
    if (writes === this.#writes) return
    this.#writes = writes
    const { moves } = this.#came
    this.#came.read(rows)
    for (; this.#at < moves.length; this.#at++)
      this.isLost ||= moves[this.#at] !== this.#labels[this.#at]
  }
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
