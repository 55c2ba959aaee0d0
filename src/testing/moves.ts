import { isFinal } from '../../journal/lifecycle.ts'
import type { Request } from './requests.ts'
import type { Trial } from './trial.ts'

/** Something that may happen next. */
export interface Move {
  /** Who moves: the same for the same mover, in every schedule. */
  readonly label: string
  make(): void | Promise<void>
}

/**
 * All that may happen next, the most boring first: what is started, then the attempts that have
 * begun in their order, then what comes from outside; time passes when nothing else is to happen.
 */
export function movesOf<World>(trial: Trial<World>): readonly Move[] {
  const open = trial.requests.filter(({ isOpen }) => isOpen)
  const ask = (request: Request): Move => ({
    label: request.label,
    make: () => trial.ask(request),
  })
  return [
    ...open.filter(({ isStart }) => isStart).map(ask),
    ...trial.bodies.ready.map(body => ({
      label: `${body.call.run}/${body.label}`,
      make: () => answer(trial, body),
    })),
    ...open.filter(({ isStart }) => !isStart).map(ask),
    ...time(trial),
  ]
}

function answer<World>({ story, bodies }: Trial<World>, body: Trial<World>['bodies']['ready'][0]) {
  const line = story.add('move', body.label)
  line.text += ` ${bodies.answer(body)}`
}

/** Alarms that may ring without any time passing. */
const MOST_RINGS = 100

function time<World>({ view, machine, story }: Trial<World>): Move[] {
  const { clock } = machine
  const ms = clock.untilNext
  if (ms === undefined || view.runs.every(({ status }) => isFinal(status))) return []
  const make = async (): Promise<void> => {
    story.pass(ms)
    clock.skip(ms)
    await machine.settle()
    // What lay far ahead is read when its time has come, and rings then.
    for (let rings = 0; clock.untilNext === 0 && rings < MOST_RINGS; rings++) {
      clock.skip(0)
      await machine.settle()
    }
  }
  return [{ label: 'time', make }]
}
