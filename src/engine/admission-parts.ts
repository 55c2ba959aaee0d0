import type { Input, Record } from '../../journal/entry.ts'
import type { InboxInput } from '../../journal/event-reader.ts'
import type { Group } from '../../journal/group.ts'
import type { Head } from '../../journal/head.ts'
import type { Journal } from '../../journal/journal.ts'
import { gatherOf } from '../../journal/open-commands.ts'
import type { Change } from '../../journal/pending.ts'
import { Admission } from '../admission/admission.ts'
import { idleMarks } from '../admission/idle-marks.ts'
import { kindOf, parseLimitId, SHARED } from '../admission/limit-id.ts'
import { keyedIds, stepRank } from '../admission/passage.ts'
import { pause, pausedUntil } from '../admission/pause.ts'
import { StepClaim } from '../admission/step-claim.ts'
import type { StepQueueHost } from '../admission/step-queue.ts'
import { EngineError } from '../define/error.ts'
import type { ScopedWait } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import type { Attempts } from './attempts.ts'
import type { Census } from './census.ts'
import type { EventParts } from './event-parts.ts'
import type { Parts } from './parts.ts'
import { Reception } from './reception.ts'
import { Requests } from './requests.ts'
import type { Time } from './time.ts'
import { Usher } from './usher.ts'

/** The parts of an engine that know limits, wired. */
export class AdmissionParts {
  readonly admission: Admission
  readonly reception: Reception
  readonly requests: Requests
  readonly usher: Usher
  readonly #time: Time
  readonly #journal: Journal
  readonly #attempts: Attempts

  constructor(parts: Parts, events: EventParts, failed: (error: unknown) => void) {
    const { settings, journal, time, attempts } = parts
    this.#time = time
    this.#journal = journal
    this.#attempts = attempts
    this.admission = new Admission({
      workflows: settings.workflows.values(),
      steps: attempts.steps,
      backlog: { runs: settings.limits.waitingRuns, bytes: settings.limits.waitingBytes },
    })
    this.requests = new Requests({
      expressions: events.expressions,
      flowOf: workflow => settings.workflows.get(workflow)?.flow,
      unmet: (facts, error) =>
        settings.logger.error({ ...facts, error }, 'a key could not be evaluated'),
    })
    this.reception = new Reception(this.admission, this.requests)
    this.usher = new Usher({
      failed,
      journal,
      admission: this.admission,
      now: () => time.now(),
      alarm: (...what) => settings.clock.alarm(...what),
      admit: choose =>
        events.dispatcher.admit(group => {
          const runs = choose(group)
          this.reception.write(group)
          return runs
        }),
    })
  }

  /** Whether admission has to be asked before the run goes on with this input. */
  enters({ ledger }: Run, { type }: Input): boolean {
    if (ledger.status !== 'scheduled' || ledger.started) return false
    if (type === 'run.joined') return true
    if (type !== 'timer.fired') return false
    return gatherOf(ledger) !== undefined || this.admission.concerns(ledger.workflow)
  }

  /** What steps of a run come under; nothing: no limit of their own. */
  claimOf(run: Run): StepClaim | undefined {
    if (!this.admission.concerns(run.ledger.workflow)) return undefined
    if (run.stepClaim instanceof StepClaim) return run.stepClaim
    const claim = this.#claimOf(run)
    run.stepClaim = claim
    return claim
  }

  #claimOf(run: Run): StepClaim {
    const { workflow, readyAt } = run.ledger
    const of = { run: run.id, workflow }
    const { steps } = this.#attempts
    const { priority } = this.admission.rules.flowOf(workflow) ?? {}
    if (run.stepLimits !== undefined && priority === undefined) {
      return steps.claim({ ...of, rank: readyAt }, run.stepLimits)
    }
    // The keys of a run that was brought back are evaluated again.
    const request = this.requests.ofRun(run, this.#time.stamp())
    run.stepLimits ??= this.admission.passage(request).stepLimits
    return steps.claim({ ...of, rank: stepRank(request) }, run.stepLimits)
  }

  /** Makes others wait because of what a run has thrown. */
  hold(run: Run, { scope, until }: ScopedWait): void {
    const { marks } = this.admission
    for (const what of this.#scopeOf(run, scope)) {
      const before = pausedUntil(marks, what) ?? 0
      if (until > before) pause(marks, what, until)
    }
  }

  /** The same, and has it written with what the run records of it, or before. */
  pauseFor(group: Group, run: Run, wait: ScopedWait): void {
    this.hold(run, wait)
    this.reception.write(group)
  }

  #scopeOf(run: Run, scope: ScopedWait['scope']): readonly string[] {
    const { workflow } = run.ledger
    if (scope === 'engine') return [SHARED]
    if (scope === 'workflow') return [workflow]
    const keyed = keyedIds(this.requests.ofRun(run, this.#time.stamp()))
    return keyed.length === 0 ? [workflow] : keyed
  }

  /** Forgets what limits remember for nothing, little by little: each time it goes on it does some. */
  *forgetMarks(most: number): Generator<Promise<void>> {
    const { marks, rules } = this.admission
    const looks = idleMarks(marks, rules, this.#time.now().elapsed)
    for (let isOver = false; !isOver; ) {
      const idle: string[] = []
      for (let looked = 0; looked < most && !isOver; looked++) {
        const { value, done } = looks.next()
        if (value !== undefined) idle.push(value)
        isOver = done === true
      }
      yield this.#forget(idle)
    }
  }

  // What was idle a moment ago is still: nobody had a turn in between.
  #forget(idle: readonly string[]): Promise<void> {
    if (idle.length === 0) return this.#journal.append([])
    return this.#journal.change(group => {
      for (const id of idle) this.admission.marks.set(id, undefined)
      this.reception.write(group)
    })
  }

  /** A pause is over: of everything, of a workflow, of a limit. */
  wake(what: string): void {
    const { lobby } = this.admission
    lobby.resumed(what)
    this.#attempts.steps.wakeAll(what)
    if (parseLimitId(what) !== undefined) this.#attempts.steps.wake(what)
    this.usher.wake()
    this.#attempts.fill()
  }

  /**
   * A run that goes on for one that has failed holds what that held. Throws RUN_STATUS if others hold
   * that by now.
   */
  takeOver({ run, workflow, status }: Head, next: string, holds: readonly string[]): void {
    const { lobby, rules } = this.admission
    for (const limit of holds) {
      const holders = lobby.holders.of(limit)
      if (holders.length < (rules.most(workflow, limit) ?? Number.POSITIVE_INFINITY)) continue
      throw new EngineError('RUN_STATUS', `Run ${run} would go on under a limit that is taken.`, {
        hint: `Wait until run ${holders[0]} has ended, or cancel it, and retry again.`,
        facts: { run, status, limit, by: holders[0] },
      })
    }
    lobby.holders.hold(next, holds)
  }

  /** A record of a run is on disk. */
  performed({ id, ledger }: Run, { seq, entries }: Record, changes: readonly Change[]): void {
    const begins = entries.some(({ type }) => type === 'run.started')
    const isParked = entries.some(({ type }) => type === 'run.parked')
    // Further records may be noted that are not on disk yet.
    const ends = ledger.outcome?.seq === seq
    const { lobby } = this.admission
    for (const { op, what } of changes) {
      if (what.kind !== 'queue') continue
      const { lane, rank, place, bytes } = what
      const waiting = { key: id, rank, place, bytes }
      if (op === 'opened') lobby.seat(lane, waiting)
      else lobby.withdraw(lane, waiting)
      this.usher.wake()
    }
    if (begins) lobby.begun(id)
    if (isParked) lobby.stepAside(id)
    if (ends) this.admission.ended(id)
    if (begins || isParked || ends) this.usher.wakeIfWaiting()
  }

  /** What opening the journal found. Before any run has its turn. */
  recall(found: Census, inbox: readonly InboxInput[]): void {
    found.recall(this.admission, inbox)
    const [waiting] = this.admission.lobby.unread
    if (waiting !== undefined) this.usher.wake()
  }
}

/** What the queue of steps needs to know of limits. */
export const stepLimits = (parts: () => AdmissionParts): StepQueueHost => ({
  // A step counts under no other limit, but waits for the end of their pauses.
  most: (workflow, id) =>
    kindOf(id) === 'step' ? parts().admission.rules.most(workflow, id) : undefined,
  pausedUntil: what => pausedUntil(parts().admission.marks, what),
  sharers: id => parts().admission.rules.sharers(id),
  freed: id => {
    const { admission, usher } = parts()
    if (admission.lobby.crowd().runs === 0) return
    admission.lobby.freed(id)
    usher.wake()
  },
})
