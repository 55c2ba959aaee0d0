import { type Actor, createActor, setup } from 'xstate'
import type { Entry } from '../../journal/entry.ts'
import { emptyLedger, type Ledger, note } from '../../journal/ledger.ts'
import { lifecycle, type RunStatus } from '../../journal/lifecycle.ts'

/**
 * The run machine. Its states and transitions are the lifecycle table, its events are the entries,
 * its context is the ledger. It has no timers, no invoked actors and no other effects: those are
 * the engine's, and only after an entry is durable. This is the one file that knows XState.
 */
export type RunActor = Actor<RunMachine>

type RunMachine = typeof runMachine

interface Context {
  readonly ledger: Ledger
  /** An entry that could not follow: a defect of the engine, raised by `evolve`. */
  fault: unknown
}

const runMachine = setup({
  types: { context: {} as Context, events: {} as Entry, input: {} as Ledger },
  actions: {
    note({ context, event }) {
      try {
        note(context.ledger, event)
      } catch (fault) {
        context.fault = fault
      }
    },
  },
}).createMachine({
  context: ({ input }) => ({ ledger: input, fault: undefined }),
  initial: 'scheduled',
  states: statesOf(lifecycle),
})

/** An actor for a run, in the state its ledger says it is in. */
export function runActor(run: string): RunActor {
  return createActor(runMachine, { input: emptyLedger(run) }).start()
}

export const ledgerOf = (actor: RunActor): Ledger => actor.getSnapshot().context.ledger

/** Takes one entry in. Throws when the entry cannot follow, which would be a defect of the engine. */
export function evolve(actor: RunActor, ledger: Ledger, entry: Entry): void {
  const { seq } = ledger
  actor.send(entry)
  const { context, value } = actor.getSnapshot()
  if (context.fault !== undefined) throw context.fault
  if (ledger.seq !== seq + 1) {
    throw new Error(`${entry.type} cannot follow: run ${ledger.run} is ${value}`)
  }
}

interface StateConfig {
  readonly on: { [Type in Entry['type']]?: { target?: RunStatus; actions: 'note' } }
}

function statesOf(table: typeof lifecycle): { [Status in RunStatus]: StateConfig } {
  const states = Object.entries(table).map(([status, transitions]) => {
    const on = Object.entries(transitions).map(([type, target]) => [
      type,
      { actions: 'note', ...(target !== status && { target }) },
    ])
    return [status, { on: Object.fromEntries(on) }]
  })
  return Object.fromEntries(states)
}
