import { isFinal } from '../../journal/lifecycle.ts'
import type { Trial } from './trial.ts'

/** Lets a fault come between two moves, if one is chosen. */
export function strike<World>(trial: Trial<World>): boolean {
  return deploy(trial) || cancel(trial) || setClock(trial)
}

function deploy<World>(trial: Trial<World>): boolean {
  if (!trial.dice.upgrade()) return false
  trial.story.add('fault', 'DEPLOY of the other version')
  trial.prepared.isUpgraded = true
  trial.machine.crash()
  return true
}

function cancel<World>({ view, dice, story, machine }: Trial<World>): boolean {
  if (!dice.canCancel) return false
  const running = view.runs.filter(({ status }) => !isFinal(status))
  const run = running[dice.cancel(running.length) ?? -1]
  if (run === undefined) return false
  story.add('fault', 'CANCEL', run.id)
  machine.engine?.cancel(run.id).catch(() => {})
  return true
}

function setClock<World>({ dice, story, machine }: Trial<World>): boolean {
  const jump = dice.jump()
  if (jump === undefined) return false
  if (jump === 'frozen') {
    story.add('fault', 'CLOCK stands still')
    machine.clock.freeze()
    return true
  }
  story.jump(jump)
  machine.clock.jump(jump)
  return true
}
