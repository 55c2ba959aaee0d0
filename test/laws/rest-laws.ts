import { isPassive } from '../../journal/ledger.ts'
import { dueOf } from '../../journal/pending.ts'
import { passedIn } from './commit-laws.ts'
import { faultOfCopy } from './copy.ts'
import { KEY } from './flow.ts'
import type { History } from './history.ts'
import type { Law } from './law.ts'
import type { Trial } from './trial.ts'
import { goesBefore, holdersOf, limitOf, mostOf, queueOf, valueFor, waitsOf } from './turnout.ts'
import { recordedResult } from './witness-laws.ts'

interface EndLaw<Seen> {
  readonly name: string
  readonly fault: (seen: Seen) => Promise<string | undefined>
}

/** An engine that has come to rest. */
export type AtRest = Pick<Trial, 'engine' | 'plan' | 'history' | 'witness'>

/** What is true whenever an engine has come to rest. */
export const restLaws: readonly Law<AtRest>[] = [
  {
    name: 'the engine counts its runs and timers as the journal does',
    fault({ engine, history }) {
      const stats = engine?.stats()
      const ledgers = [...history.runs.values()].map(({ ledger }) => ledger)
      const runs = ledgers.filter(({ outcome }) => outcome === undefined).length
      const timers = ledgers
        .flatMap(({ open }) => [...open.values()])
        .filter(what => dueOf(what) !== undefined).length
      const waits = history.events.listening ?? stats?.waits
      return stats?.runs === runs && stats.timers === timers && stats.waits === waits
        ? undefined
        : `${JSON.stringify(stats)}, but there are ${runs} runs, ${timers} timers, ${waits} waits`
    },
  },
  {
    name: 'no more bodies run at once than are allowed',
    fault({ engine, plan }) {
      const running = engine?.stats().runningSteps ?? 0
      return running > plan.concurrency ? `${running} run` : undefined
    },
  },
  {
    name: 'runs that only wait leave memory',
    fault({ engine, plan, history, witness }) {
      const { resident = 0, waitingSteps = 0 } = engine?.stats() ?? {}
      if (waitingSteps > 0) return undefined
      const busy = [...history.runs.values()].filter(
        ({ ledger }) => !isPassive(ledger) || witness.bodies.some(({ run }) => run === ledger.run),
      ).length
      return resident > busy + plan.residentRuns
        ? `${resident} are in memory, ${busy} are busy`
        : undefined
    },
  },
  {
    name: 'at rest every step that may run is running',
    fault({ engine, plan, history, witness }) {
      const { runningSteps = 0, waitingSteps = 0 } = engine?.stats() ?? {}
      if (runningSteps >= plan.concurrency || waitingSteps > 0) return undefined
      for (const { ledger } of history.runs.values()) {
        if (ledger.status !== 'running' || ledger.backoff !== undefined) continue
        for (const open of ledger.open.values()) {
          if (open.kind !== 'step') continue
          const runs = witness.bodies.some(
            ({ run, step }) => run === ledger.run && step === open.id,
          )
          if (!runs) return `attempt ${open.attempt} of ${open.id} of ${ledger.run} does not run`
        }
      }
      return undefined
    },
  },
]

/** What is true of those that wait to begin whenever an engine has come to rest. */
export const admissionRestLaws: readonly Law<AtRest>[] = [
  {
    name: 'at rest nobody waits to begin whom nothing holds up',
    fault({ engine, history, witness }) {
      if (rings(history)) return undefined
      const { waitingSteps = 0 } = engine?.stats() ?? {}
      const { epoch } = history.commits.at(-1) ?? { epoch: 0 }
      const now = passedIn(history, epoch)
      const holders = holdersOf(history)
      const lanes = new Map<string, ReturnType<typeof queueOf>[number]>()
      for (const each of queueOf(history)) {
        const first = lanes.get(each.queue.lane)
        if (first === undefined || goesBefore(each.queue, first.queue)) {
          lanes.set(each.queue.lane, each)
        }
      }
      for (const { ledger, queue } of lanes.values()) {
        const { workflow, run } = ledger
        const isHeld = queue.holds.some(
          id => (holders.get(id)?.length ?? 0) >= mostOf(id, history, workflow),
        )
        const isPaced = queue.limits.some(id => {
          const { kind, keyText } = limitOf(id)
          if (kind !== 'throttle') return false
          const value = valueFor(keyText === '' ? undefined : KEY, run, history)
          if (value === undefined) return true
          return history.events.admission.freeAt({ workflow, value }) > now
        })
        const isForSteps =
          queue.limits.some(id => limitOf(id).kind === 'step') &&
          (waitingSteps > 0 || witness.bodies.length > 0)
        if (!isHeld && !isPaced && !isForSteps) return `${run} waits`
      }
      return undefined
    },
  },
  {
    name: 'at rest every run has begun, or waits for something',
    fault({ history }) {
      if (rings(history)) return undefined
      const { epoch } = history.commits.at(-1) ?? { epoch: 0 }
      const now = passedIn(history, epoch)
      for (const { ledger } of history.runs.values()) {
        if (ledger.status !== 'scheduled' || ledger.started) continue
        const [waits] = waitsOf(ledger)
        if (waits === undefined) return `${ledger.run} waits for nothing`
        if (waits.kind === 'gather' && waits.due < now) return `${ledger.run} still gathers`
      }
      return undefined
    },
  },
]

/** Whether there is more that is due at this very moment. */
const rings = ({ clock }: History): boolean => (clock.next() ?? Infinity) <= clock.elapsed()

/** What is true whenever an engine that has failed to write has come to rest. */
export const failedLaws: readonly Law<Pick<Trial, 'witness'>>[] = [
  {
    name: 'an engine that has failed to write aborts what it runs',
    fault({ witness }) {
      const running = witness.bodies.find(({ signal }) => !signal.aborted)
      return running && `attempt ${running.attempt} of ${running.step} of ${running.run} runs on`
    },
  },
]

/** What is true when everything has come to its end, whatever was done. */
export const endLaws: readonly EndLaw<Pick<Trial, 'history' | 'witness' | 'disk'>>[] = [
  {
    name: 'what was acknowledged is there for ever, what was refused never',
    async fault({ history, witness }) {
      for (const [run, asked] of witness.acked) {
        const of = history.run(run)
        if (of === undefined) return `${run} was acknowledged and is gone`
        if (asked.has('cancel') && of.ledger.outcome === undefined) return `${run} goes on`
      }
      for (const [run, { records }] of history.runs) {
        const [first] = records[0]?.entries ?? []
        if (first?.type !== 'run.scheduled') return `${run} does not begin`
        const isAsked = !first.continues && !first.event && !first.parent
        if (isAsked && (witness.starts.get(run) ?? 0) === 0)
          return `${run} was refused and is there`
      }
      return undefined
    },
  },
  {
    name: 'a run that does not fit its journal is parked',
    async fault({ history, witness }) {
      for (const [run, { ledger, ids }] of history.runs) {
        if (!history.outlaws.has(ledger.workflow)) continue
        const step = [...ids.values()].find(id => id.startsWith('fickle-')) ?? ''
        const life = Number(step.slice('fickle-'.length))
        const fits = (witness.lives.get(run) ?? 0) <= life
        if (!fits && ledger.status !== 'parked') return `${run} is ${ledger.status}`
      }
      return undefined
    },
  },
  {
    name: 'nothing is left in an inbox',
    async fault({ history }) {
      const [left] = history.events.inbox.values()
      return left && `${left.run} has ${JSON.stringify(left.input)}`
    },
  },
  {
    name: 'a failed store is not written to again',
    fault: async ({ disk }) =>
      disk.lateWrites > 0 ? `${disk.lateWrites} writes were asked of it` : undefined,
  },
  {
    name: 'what was seen of a run is what the journal says in the end',
    async fault({ history, witness }) {
      for (const run of history.runs.keys()) {
        if (!witness.agrees(run, recordedResult(run, history))) return run
      }
      return undefined
    },
  },
]

/** The same, where all that was done was a plan. */
export const planEndLaws: readonly EndLaw<Trial>[] = [
  ...endLaws,
  {
    name: 'another engine on a copy shows the same, and writes nothing but its epoch',
    fault: faultOfCopy,
  },
]
