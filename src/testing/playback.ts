import { setImmediate as immediate } from 'node:timers/promises'
import { type Duration, parseDuration } from '../define/duration.ts'
import { OWN_EVENTS } from '../define/event-name.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { Engine } from '../engine/engine.ts'
import { openEngine } from '../engine/open.ts'
import { systemClock } from '../ports/clock.ts'
import { Answers } from './answers.ts'
import { Disk } from './disk.ts'
import { type Beginning, writeFirstRecord } from './first-record.ts'
import { HeldClock } from './held-clock.ts'
import { newIds } from './new-ids.ts'
import { type End, standIn, unchecked } from './stand-in.ts'
import { TestRun } from './test-run.ts'

/** How the recorded run began. */
export interface PlaybackOptions extends Beginning {
  /** When the run was scheduled. */
  readonly at: string
  /** When its code began, if later. */
  readonly begun?: string
  /** Ids of other workflows, which it starts as its children: they come to what is told. */
  readonly others?: readonly string[]
}

/**
 * Plays a recorded run again, input by input: its code is real, and everything that came from outside
 * comes as it is told, at the moment it is told. `perdure dump --as vitest` writes such tests. What
 * is not told does not happen: a step that is not told of never ends, and its body never runs.
 *
 * @example
 * await using play = await playback(order, { id: 'order-17', data: { order: 17 }, ... })
 * await play.stepFailed('charge', 0, new Error('card declined'))
 * expect(play.run).toHaveFailed('card declined')
 */
export async function playback(workflow: AnyWorkflow, options: PlaybackOptions): Promise<Playback> {
  const play = new Playback(workflow, options)
  await play.begin()
  return play
}

/** Rounds of the event loop without a sign of life after which everything is at rest. */
const QUIET = 2
/** How much later than recorded a timer may be due: failures are timed before they are recorded. */
const SLACK_MS = 1_000
/** How long what happens outside of the engine is waited for. */
const PATIENCE_MS = 2_000
const MOST_RINGS = 1_000

/** A recorded run that is being played again. Made by `playback`. */
export class Playback implements AsyncDisposable {
  readonly run: TestRun
  readonly #workflow: AnyWorkflow
  readonly #options: PlaybackOptions
  readonly #clock: HeldClock
  readonly #disk = new Disk({ later: then => process.nextTick(then) })
  readonly #answers = new Answers()
  #engine: Engine | undefined

  constructor(workflow: AnyWorkflow, options: PlaybackOptions) {
    this.#workflow = workflow
    this.#options = options
    this.#clock = new HeldClock(Date.parse(options.at))
    this.run = new TestRun(this.#disk.rows, options.id, () => this.#settle())
  }

  /** From now on this is the time. Without `passed`, as much time passes as the wall clock shows. */
  at(moment: string, { passed }: { readonly passed?: Duration } = {}): void {
    const wall = Date.parse(moment)
    const shown = Math.max(0, wall - this.#clock.wall())
    this.#clock.set(wall, passed === undefined ? shown : parseDuration(passed))
  }

  /** An attempt of a step came to a value. */
  stepSucceeded(step: string, attempt: number, value?: unknown): Promise<void> {
    this.#answers.to(this.run.id, step, attempt).resolve(value)
    return this.#settle()
  }

  /** An attempt of a step threw. */
  stepFailed(step: string, attempt: number, error: unknown): Promise<void> {
    this.#answers.to(this.run.id, step, attempt).reject(error)
    return this.#settle()
  }

  /** What is due by now fired: sleeps, deadlines, retries. */
  async timerFired(): Promise<void> {
    const before = this.#entries
    await this.#ring()
    const late = this.#clock.untilNext
    if (this.#entries > before || late === undefined || late > SLACK_MS) return
    this.#clock.set(this.#clock.wall(), late)
    await this.#ring()
  }

  /** An event came. */
  async eventReceived(
    event: {
      readonly name: string
      readonly id?: string
      readonly ts?: number
      readonly v?: string
    },
    data?: unknown,
  ): Promise<void> {
    const isEnding = OWN_EVENTS.some(name => name === event.name)
    if (isEnding) await this.#endOther(Object(data))
    else await this.#open.send({ ...event, data })
    await this.#settle()
  }

  /** A signal came. */
  async signalReceived(signal: string, data?: unknown): Promise<void> {
    await this.#open.signal(signal, data)
    await this.#settle()
  }

  /** The child that `step` started completed. */
  childCompleted(step: string, output?: unknown): Promise<void> {
    return this.#endChild(step, { ok: true, value: output })
  }

  /** The child that `step` started failed, or was cancelled. */
  childFailed(step: string, error: unknown): Promise<void> {
    return this.#endChild(step, { ok: false, value: error })
  }

  /** The run was asked to end. */
  async cancelRequested(reason = ''): Promise<void> {
    await this.#open.cancel(this.run.id, reason)
    await this.#settle()
  }

  async paused(): Promise<void> {
    await this.#open.pause(this.run.id)
    await this.#settle()
  }

  async resumed(): Promise<void> {
    await this.#open.resume(this.run.id)
    await this.#settle()
  }

  /** The code went on by itself, after awaiting a promise the engine does not know. */
  async codeWoke(): Promise<void> {
    const before = this.#entries
    const begun = systemClock.elapsed()
    while (this.#entries === before && systemClock.elapsed() - begun < PATIENCE_MS) {
      await this.#settle()
    }
  }

  /** @internal */
  async begin(): Promise<void> {
    const { at, begun, others = [] } = this.#options
    const ours = unchecked(this.#workflow, this.run.id)
    await writeFirstRecord(this.#disk.open(), ours, this.#options, Date.parse(at))
    if (begun !== undefined) this.at(begun)
    const standIns = [...new Set(others)].filter(id => id !== ours.id).map(standIn)
    this.#engine = await openEngine({
      path: 'playback',
      store: this.#disk.open(),
      workflows: [ours, ...standIns],
      clock: this.#clock,
      ids: newIds(),
      retention: 'forever',
      bodies: ({ run, step, attempt }) => this.#answers.to(run, step, attempt.attempt).promise,
    })
    await this.#settle()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.close()
  }

  get #open(): Engine {
    if (this.#engine === undefined) throw new Error('The playback has not begun.')
    return this.#engine
  }

  get #entries(): number {
    return this.run.entries.length
  }

  #endChild(step: string, end: End): Promise<void> {
    const call = this.run.entries.find(entry => entry.type === 'child.started' && entry.id === step)
    if (call?.type === 'child.started') this.#answers.to(call.child, 'end', 0).resolve(end)
    return this.#settle()
  }

  // Events about the end of a run are sent by the engine only: another run has to end.
  async #endOther(data: object): Promise<void> {
    const { run, workflow, ...end } = data as { run: string; workflow: string }
    await this.#open.start(standIn(workflow), undefined, { id: run })
    await this.#settle()
    if ('reason' in end) return this.#open.cancel(run, String(end.reason))
    const [ok, value] = 'error' in end ? [false, end.error] : [true, Reflect.get(end, 'output')]
    this.#answers.to(run, 'end', 0).resolve({ ok, value })
  }

  async #ring(): Promise<void> {
    for (let rings = 0; rings < MOST_RINGS; rings++) {
      this.#clock.ring()
      await this.#settle()
      const next = this.#clock.untilNext
      if (next === undefined || next > 0) return
    }
  }

  /** Lets everything happen that needs no time. */
  async #settle(): Promise<void> {
    let before = -1
    for (let quiet = 0; quiet < QUIET; ) {
      await immediate()
      const now = this.#disk.accesses
      quiet = now === before ? quiet + 1 : 0
      before = now
    }
  }
}
