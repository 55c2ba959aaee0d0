import { type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

type Nothing = WorkflowContext<undefined>
type Steps = Nothing['step']

const child = workflow({ id: 'child' }, async (_: Nothing) => 1)

const calls: Record<string, (step: Steps, id: string) => Promise<unknown>> = {
  run: (step, id) => step.run(id, () => 1),
  sleep: (step, id) => step.sleep(id, '1s'),
  sleepUntil: (step, id) => step.sleepUntil(id, 0),
  waitForEvent: (step, id) => step.waitForEvent(id, { event: 'a/b', timeout: '1s' }),
  waitForAny: (step, id) => step.waitForAny(id, { late: step.timer('1s') }),
  waitForSignal: (step, id) => step.waitForSignal(id, { signal: 'x', timeout: '1s' }),
  invoke: (step, id) => step.invoke(id, { workflow: child, data: undefined }),
  sendEvent: (step, id) => step.sendEvent(id, { name: 'a/b', data: 1 }),
}

/** How a run of these calls ends that is replayed once all have been made. */
async function outcome(ids: readonly string[]): Promise<unknown> {
  const subject = workflow({ id: 'subject' }, async ({ step }: Nothing) => {
    for (const call of Object.values(calls)) for (const id of ids) await call(step, id)
    await step.sleep('1h')
    return 'done'
  })
  const world = new World({ workflows: [subject, child] })
  await world.open()
  const { id } = await world.engine.start(subject)
  for (let minute = 0; minute < 3; minute++) await world.advance(60_000)
  await world.restart()
  await world.advance(3_600_000)
  const run = await world.engine.run(id)
  return await run.result().catch((error: unknown) => error)
}

test('an id is any text up to 512 characters, and comes back as it was', async () => {
  expect(await outcome(['é', 'e\u0301', '\u{1f600}', '\0', 'x'.repeat(512)])).toBe('done')
})

for (const [name, id] of Object.entries({
  'is empty': '',
  'is no text': 7,
  'is no text at all': undefined,
  'is half of a character': 'a\ud800b',
  'ends in the middle of a character': '\u{1f600}'.slice(0, 1),
  'has a mark that is lost': '\ufeffa',
  'is too long': 'x'.repeat(513),
})) {
  test(`an id is refused that ${name}`, async () => {
    for (const [call, ask] of Object.entries(calls)) {
      const subject = workflow({ id: 'subject' }, async ({ step }: Nothing) =>
        ask(step, id as string),
      )
      const world = new World({ workflows: [subject, child] })
      await world.open()
      const run = await world.engine.start(subject)
      const error = await run.result().catch((error: unknown) => error)
      expect(error, call).toMatchObject({ code: 'DEFINITION_INVALID' })
      expect((error as Error).message.length, call).toBeLessThan(200)
    }
  })
}
