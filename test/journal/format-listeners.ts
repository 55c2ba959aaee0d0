import { event, NonRetriableError, runFailed, type WorkflowContext, workflow } from 'perdure'
import * as z from 'zod'

type Nothing = WorkflowContext<undefined>

const user = z.object({ userId: z.string() })

export const signedUp = event('app/signed-up', user)
export const completed = event('app/profile.completed', user)
export const deleted = event('app/deleted', user)
export const paid = event('app/paid', user)
/** Nobody listens for it. Of its name some letters are escaped in keys. */
export const unheard = event('app/ungehört!', z.unknown())

const onboarding = workflow(
  {
    id: 'onboarding',
    triggers: signedUp,
    cancelOn: [{ event: deleted, match: 'data.userId', timeout: '300d' }],
  },
  async ({ step }) => {
    const profile = await step.waitForEvent('profile', {
      event: completed,
      match: 'data.userId',
      timeout: '24h',
    })
    return profile?.data.userId
  },
)

const hearing = workflow({ id: 'hearing' }, async ({ step }: Nothing) => {
  await step.run('before', () => undefined)
  await step.waitForAny('any', { paid, other: { event: completed, if: 'async.v == "9"' } })
  return step.shield(() => step.waitForSignal('go', { signal: 'go', timeout: '9d' }))
})

const brief = workflow({ id: 'brief' }, async ({ step }: Nothing) =>
  step.waitForEvent('none', { event: paid, timeout: '1s' }),
)

/** Has nothing open but what cancels it: it waits for a promise of its own. */
const resting = workflow(
  { id: 'resting', cancelOn: [{ event: deleted, if: 'async.data.userId == "u9"' }] },
  async (_: Nothing) => {
    await new Promise(() => {})
  },
)

const slow = workflow({ id: 'slow' }, async ({ step }: Nothing) => {
  await step.sleep('30d')
})

const grown = workflow(
  { id: 'grown' },
  async ({ event, step }: WorkflowContext<number>): Promise<string> =>
    event.data === 1 ? 'grown' : step.continueAsNew(event.data + 1),
)

const lost = workflow({ id: 'lost' }, async () => {
  throw new NonRetriableError('lost')
})

/** Is started by the end of another, and goes on as a new one. */
const mourning = workflow(
  { id: 'mourning', triggers: { event: runFailed, if: "event.data.workflow == 'lost'" } },
  async ({ event, step }) => {
    if (event.name === 'perdure/run.failed') await step.continueAsNew(event.data)
  },
)

const family = workflow({ id: 'family' }, async ({ step }: Nothing) => {
  await step.invoke('grown', { workflow: grown, data: 0 })
  await step.invoke('lost', { workflow: lost }).catch(() => {})
  await step.invoke('late', { workflow: slow, timeout: '1s' }).catch(() => {})
  await Promise.all([
    step.invoke('left', { workflow: slow }),
    step.invoke('kept', { workflow: slow, abandon: true }),
    step.shield(() => step.invoke('guarded', { workflow: slow, timeout: '20d' })),
  ])
})

const sending = workflow({ id: 'sending' }, async ({ step }: Nothing) => {
  await step.sendEvent('both', [signedUp({ userId: 'u3' }), paid({ userId: 'u3' }, { v: '2' })])
  await step.shield(() => step.sendEvent('one', completed({ userId: 'u3' })))
})

/** Those that wait for events or children, or send events. */
export const LISTENING = {
  onboarding,
  hearing,
  brief,
  resting,
  slow,
  grown,
  lost,
  mourning,
  family,
  sending,
}
