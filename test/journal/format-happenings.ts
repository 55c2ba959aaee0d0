import { completed, deleted, LISTENING, paid, signedUp } from './format-listeners.ts'
import type { Scene } from './format-scene.ts'

const DAY = 86_400_000

/** Runs that events start, resume and cancel, and runs that send events. */
export async function events(scene: Scene): Promise<void> {
  const { engine, clock } = scene
  const later = clock.wall() + 5_000
  const far = clock.wall() + 90 * DAY
  await engine.send([
    signedUp({ userId: 'u1' }, { id: 'given', v: '2' }),
    signedUp({ userId: 'u2' }),
    signedUp({ userId: 'u5' }, { ts: later }),
    signedUp({ userId: 'u6' }, { ts: far, id: 'far!' }),
  ])
  await scene.untilIn('onboarding', 'wait.set', 2)
  await engine.send([completed({ userId: 'u1' }, { v: '1' }), deleted({ userId: 'u2' })])
  await scene.untilIn('onboarding', 'event.received', 1)
  await scene.untilIn('onboarding', 'run.cancelled', 1)
  await engine.start(LISTENING.brief, undefined, { id: 'brief' })
  await engine.start(LISTENING.hearing, undefined, { id: 'heard' })
  await scene.until('wait.set', 'brief', 'heard')
  scene.pass(5_000)
  await scene.untilIn('onboarding', 'timer.fired', 1)
  await scene.until('run.completed', 'brief')
  await engine.send(paid({ userId: 'u1' }))
  await scene.until('event.received', 'heard')
  await engine.signal('go', { at: new Date(0) })
  await scene.until('run.completed', 'heard')
  scene.pass(1_000)
  await engine.start(LISTENING.hearing, undefined, { id: 'hearing' })
  await scene.until('wait.set', 'hearing')
  scene.pass(1_000)
  await engine.start(LISTENING.resting, undefined, { id: 'resting' })
  await engine.start(LISTENING.sending, undefined, { id: 'sending' })
  await scene.until('run.completed', 'sending')
  await engine.send([signedUp({ userId: 'u7' }), signedUp({ userId: 'u8' })])
  await scene.untilIn('onboarding', 'wait.set', 6)
}

/** Children that end, fail, take too long, are cancelled with their parent, and outlive it. */
export async function children(scene: Scene): Promise<void> {
  const { engine } = scene
  for (const id of ['family', 'parted']) await engine.start(LISTENING.family, undefined, { id })
  await scene.untilIn('slow', 'timer.set', 2)
  scene.pass(1_000)
  await scene.until('timer.fired', 'family', 'parted')
  await scene.untilIn('slow', 'timer.set', 8)
  await engine.cancel('parted', 'no more')
  await scene.untilIn('slow', 'run.cancelled', 1)
}

/** Events for runs that are not in memory. The engine must be closed before it can read them. */
export async function lastEvents({ engine }: Scene): Promise<void> {
  await engine.send([completed({ userId: 'u7' }), deleted({ userId: 'u8' })])
}
