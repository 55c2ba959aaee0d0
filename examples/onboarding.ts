import { type Duration, event, openEngine, type StepAttempt, workflow } from 'perdure'
import { z } from 'zod'

const User = z.object({ userId: z.string() })
export const signedUp = event('app/user.signup', User.extend({ email: z.email() }))
export const completed = event('app/user.profile.completed', User)
export const deleted = event('app/user.deleted', User)

/** Sends a mail. The key is the same when a mail is sent again after a crash. */
export type Mail = (to: string, text: string, attempt: StepAttempt) => unknown

/** Whoever has not completed their profile within a day of signing up gets a follow-up. */
export const onboarding = (mail: Mail, patience: Duration = '24h') =>
  workflow(
    {
      id: 'user-onboarding',
      triggers: signedUp,
      cancelOn: [{ event: deleted, match: 'data.userId' }],
    },
    async ({ event, step }) => {
      const { email } = event.data
      await step.run('welcome', attempt => mail(email, 'welcome', attempt))
      const profile = await step.waitForEvent('profile', {
        event: completed,
        timeout: patience,
        match: 'data.userId',
      })
      if (profile !== null) return 'completed'
      await step.run('follow-up', attempt => mail(email, 'your profile is waiting', attempt))
      return 'followed up'
    },
  )

if (process.argv[1] === import.meta.filename) {
  // One completes the profile as soon as the mail is there, one leaves, one does nothing.
  const mail: Mail = async (to, text) => {
    console.log(`to ${to}: ${text}`)
    if (to === 'ada@example.com') await engine.send(completed({ userId: 'ada' }))
    if (to === 'bob@example.com') await engine.send(deleted({ userId: 'bob' }))
  }
  const workflow = onboarding(mail, '300ms') // a day would be long for an example
  await using engine = await openEngine({ path: ':memory:', workflows: [workflow] })
  const users = ['ada', 'bob', 'cleo']
  await engine.send(users.map(userId => signedUp({ userId, email: `${userId}@example.com` })))
  const ids = new Set<string>()
  for await (const { id } of engine.runs()) ids.add(id)
  for (const id of ids) {
    const run = await engine.run<string>(id)
    console.log(await run.result().catch((error: Error) => error.message.replace(/ evt_.*/, '')))
  }
}
