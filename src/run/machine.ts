import { type Actor, type ActorLogic, createActor, createMachine, type SnapshotFrom } from 'xstate'
import type { Entry, Record } from '../../journal/entry.ts'
import { lifecycle, type RunStatus } from '../../journal/lifecycle.ts'

/**
 * The run machine. Its states and transitions are the lifecycle table, its events are the entries.
 * It has no timers, no invoked actors and no other effects: those are the engine's, and only after
 * an entry is durable. This is the one file that knows XState.
 */
export type RunActor = Actor<RunLogic>

type State = SnapshotFrom<typeof runMachine>
type RunLogic = ActorLogic<State, Entry>

const INITIAL = 'scheduled'

const runMachine = createMachine({
  types: { events: {} as Entry },
  initial: INITIAL,
  states: statesOf(lifecycle),
})

/**
 * The machine without the work that repeats. It has no context and no guards: where an entry leads
 * depends on the state and the entry's type alone, so what it says once it says for all runs.
 */
class Retold implements RunLogic {
  /** One for each status. */
  readonly #states = new Map<State['value'], State>()
  readonly #next = new Map<State, Map<Entry['type'], State>>()

  getInitialSnapshot(scope: Scope): State {
    const initial = this.#states.get(INITIAL)
    return initial ?? this.#known(runMachine.getInitialSnapshot(scope))
  }

  transition(state: State, entry: Entry, scope: Scope): State {
    const nexts = this.#next.get(state)
    const next = nexts?.get(entry.type)
    if (next !== undefined) return next
    const told = this.#known(runMachine.transition(state, entry, scope))
    if (nexts === undefined) this.#next.set(state, new Map([[entry.type, told]]))
    else nexts.set(entry.type, told)
    return told
  }

  getPersistedSnapshot(state: State): ReturnType<typeof runMachine.getPersistedSnapshot> {
    return runMachine.getPersistedSnapshot(state)
  }

  #known(state: State): State {
    const known = this.#states.get(state.value)
    if (known === undefined) this.#states.set(state.value, state)
    return known ?? state
  }
}

type Scope = Parameters<RunLogic['transition']>[2]

const retold = new Retold()

/** An actor for a run that has no entries yet. */
export const runActor = (): RunActor => createActor(retold).start()

/**
 * Takes the entries of a record in. Throws when the actor does not come to the status that the
 * fold of the entries has come to: a defect of the engine.
 */
export function evolve(actor: RunActor, { run, entries }: Record, status: RunStatus): void {
  for (const entry of entries) actor.send(entry)
  const { value } = actor.getSnapshot()
  if (value !== status) throw new Error(`run ${run} is ${status}, its machine says ${value}`)
}

interface StateConfig {
  readonly on: { [Type in Entry['type']]?: { target?: RunStatus } }
}

function statesOf(table: typeof lifecycle): { [Status in RunStatus]: StateConfig } {
  const states = Object.entries(table).map(([status, transitions]) => {
    const on = Object.entries(transitions).map(([type, target]) => [
      type,
      target === status ? {} : { target },
    ])
    return [status, { on: Object.fromEntries(on) }]
  })
  return Object.fromEntries(states)
}
