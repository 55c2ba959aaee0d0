import { type Actor, createActor, createMachine } from 'xstate'
import type { Entry, Record } from '../../journal/entry.ts'
import { lifecycle, type RunStatus } from '../../journal/lifecycle.ts'

/**
 * The run machine. Its states and transitions are the lifecycle table, its events are the entries.
 * It has no timers, no invoked actors and no other effects: those are the engine's, and only after
 * an entry is durable. This is the one file that knows XState.
 */
export type RunActor = Actor<typeof runMachine>

const runMachine = createMachine({
  types: { events: {} as Entry },
  initial: 'scheduled',
  states: statesOf(lifecycle),
})

/** An actor for a run that has no entries yet. */
export const runActor = (): RunActor => createActor(runMachine).start()

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
