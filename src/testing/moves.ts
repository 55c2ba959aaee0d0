import { isFinal } from '../../journal/lifecycle.ts'
import { passTime } from './pass-time.ts'
import type { Request } from './requests.ts'
import type { Trial } from './trial.ts'

/** Something that may happen next. */
export interface Move {
  /** Who moves: the same for the same mover, in every schedule. */
  readonly label: string
  make(): void | Promise<void>
}

/** The move that is chosen of all that are possible; none if there is none. */
export function nextMove<World>(trial: Trial<World>): Move | undefined {
  const moves = movesOf(trial)
  if (moves.length === 0) return undefined
  const labels = moves.map(({ label }) => label)
  return moves[trial.choices.choose('schedule', moves.length, labels)]
}

/**
 * All that may happen next, the most boring first: what is started, then the attempts that have
 * begun in their order, then what comes from outside; time passes when nothing else is to happen.
 */
function movesOf<World>(trial: Trial<World>): readonly Move[] {
  const open = trial.requests.filter(({ isOpen }) => isOpen)
  const ask = (request: Request): Move => ({
    label: request.mover,
    make: () => trial.ask(request),
  })
  const comings = open.filter(({ isStart }) => !isStart).map(ask)
  return [
    ...open.filter(({ isStart }) => isStart).map(ask),
    // In the end nobody is to be kept from coming by those that go on and on.
    ...(trial.isCalm ? comings : []),
    ...trial.bodies.ready.map(body => ({
      label: `${body.call.run}/${body.label}`,
      make: () => answer(trial, body),
    })),
    ...(trial.isCalm ? [] : comings),
    ...time(trial),
  ]
}

/** Runs have not ended, and nothing moves but time: their code may wait for something real. */
export function isStuck<World>({ machine, bodies, requests, view }: Trial<World>): boolean {
  if (machine.engine === undefined || bodies.isAny) return false
  if (requests.some(({ isOpen }) => isOpen)) return false
  return view.runs.some(({ status }) => !isFinal(status))
}

/** How often the next run of a schedule is waited for. */
const MOST_IDLE_TIMES = 3

const mayStart = <World>({ prepared, idleTimes }: Trial<World>): boolean =>
  prepared.hasSchedules && idleTimes < MOST_IDLE_TIMES

function answer<World>({ story, bodies }: Trial<World>, body: Trial<World>['bodies']['ready'][0]) {
  const line = story.add('move', body.label, body.call.run)
  line.text += ` ${bodies.answer(body)}`
}

function time<World>(trial: Trial<World>): Move[] {
  const { view, machine, story } = trial
  const { clock } = machine
  const ms = clock.untilNext
  const isIdle = view.runs.every(({ status }) => isFinal(status))
  if (ms === undefined || (isIdle && !mayStart(trial))) return []
  const make = async (): Promise<void> => {
    if (isIdle) trial.idleTimes++
    story.pass(ms)
    await passTime(clock, ms, () => machine.settle())
    clock.thaw()
  }
  return [{ label: 'time', make }]
}
