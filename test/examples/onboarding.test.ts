import { expect, test } from 'vitest'
import { completed, deleted, onboarding, signedUp } from '../../examples/onboarding.ts'
import { outputOf, runsOf } from '../events/runs.ts'
import { World } from '../simulation/world.ts'

const DAY = 86_400_000

async function signUp(): Promise<{ world: World; mails: string[] }> {
  const mails: string[] = []
  const subject = onboarding((to, text) => void mails.push(`${to}: ${text}`))
  const world = new World({ workflows: [subject] })
  await world.open()
  await world.engine.send(signedUp({ userId: 'u1', email: 'u1@example.com' }))
  await world.settle()
  return { world, mails }
}

test('whoever completes the profile within a day is left alone', async () => {
  const { world, mails } = await signUp()
  await world.advance(DAY - 1)
  await world.restart()
  await world.engine.send([completed({ userId: 'u2' }), completed({ userId: 'u1' })])
  await world.advance(DAY)
  expect(await outputOf(world, 'user-onboarding')).toBe('completed')
  expect(mails).toEqual(['u1@example.com: welcome'])
})

test('whoever does not gets a follow-up after a day, once', async () => {
  const { world, mails } = await signUp()
  await world.restart()
  await world.advance(DAY - 1)
  expect(mails).toHaveLength(1)
  await world.advance(1)
  await world.restart()
  await world.advance(DAY)
  expect(await outputOf(world, 'user-onboarding')).toBe('followed up')
  expect(mails).toEqual(['u1@example.com: welcome', 'u1@example.com: your profile is waiting'])
})

test('whoever leaves hears no more', async () => {
  const { world, mails } = await signUp()
  await world.engine.send(deleted({ userId: 'u2' }))
  await world.engine.send(deleted({ userId: 'u1' }))
  await world.advance(DAY)
  expect(await runsOf(world)).toMatchObject([{ status: 'cancelled' }])
  expect(mails).toEqual(['u1@example.com: welcome'])
})
