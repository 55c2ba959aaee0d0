import type { Input } from '../../journal/entry.ts'
import type { InboxInput } from '../../journal/event-reader.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { gatherOf } from '../../journal/open-commands.ts'
import type { Change } from '../../journal/pending.ts'
import { Admission } from '../admission/admission.ts'
import { stepClaim } from '../admission/passage.ts'
import { pausedUntil } from '../admission/pause.ts'
import type { StepClaim, StepQueueHost } from '../admission/step-queue.ts'
import type { Run } from '../run/run.ts'
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

  constructor(parts: Parts, events: EventParts, failed: (error: unknown) => void) {
    const { settings, journal, time, attempts } = parts
    this.#time = time
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
    const { workflow } = run.ledger
    if (!this.admission.concerns(workflow)) return undefined
    run.stepLimits ??= stepClaim(this.requests.ofRun(run, this.#time.stamp()))
    return { workflow, ...run.stepLimits }
  }

  /** A record of a run is on disk. */
  performed({ id, ledger }: Run, changes: readonly Change[], begins: boolean): void {
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
    if (isFinal(ledger.status)) this.admission.ended(id)
    if (begins || isFinal(ledger.status)) this.usher.wakeIfWaiting()
  }

  /** What opening the journal found. Before any run has its turn. */
  recall(found: Census, inbox: readonly InboxInput[]): void {
    found.recall(this.admission, inbox)
    this.usher.wake()
  }
}

/** What the queue of steps needs to know of limits. */
export const stepLimits = (parts: () => AdmissionParts): StepQueueHost => ({
  most: (workflow, id) => parts().admission.rules.most(workflow, id),
  pausedUntil: what => pausedUntil(parts().admission.marks, what),
  sharers: id => parts().admission.rules.sharers(id),
  freed: id => {
    const { admission, usher } = parts()
    admission.lobby.freed(id)
    usher.wakeIfWaiting()
  },
})
