import { isPassive } from '../../journal/ledger.ts'
import { dueOf } from '../../journal/pending.ts'
import { faultOfCopy } from './copy.ts'
import type { Law } from './law.ts'
import type { Trial } from './trial.ts'
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
