import {
  EngineError,
  event,
  type StepError,
  type Workflow,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

type Answer = (value: unknown) => unknown

const broken = new RangeError('the registry is down')
const answers: { readonly [what: string]: readonly [answer: Answer, told: string] } = {
  'throws an error': [
    () => {
      throw broken
    },
    broken.message,
  ],
  'throws what is no error': [
    () => {
      throw 'a text'
    },
    '"a text" was thrown',
  ],
  rejects: [() => Promise.reject(broken), broken.message],
  'has promises of its own': [
    () => Object.fromEntries([['then', (_: Answer, fail: Answer) => fail(broken)]]),
    broken.message,
  ],
  'gives nothing': [() => undefined, 'undefined is no result'],
  'gives null later': [async () => null, 'null is no result'],
  'gives a number': [() => 7, '7 is no result'],
  'gives no value': [() => ({}), '{} is no result'],
  'gives issues that are no list': [() => ({ issues: 'no' }), 'an object is no result'],
}

const schemaOf = (validate: Answer) => ({
  '~standard': { version: 1 as const, vendor: 'homemade', validate: validate as never },
})

for (const [what, [answer, told]] of Object.entries(answers)) {
  test(`a schema that ${what} is told of with whose it is, wherever data comes in`, async () => {
    const made = event('app/made', schemaOf(answer))
    const strict: Workflow<unknown, unknown> = workflow(
      { id: 'strict', schema: schemaOf(answer) },
      async () => 1,
    )
    const listener = workflow({ id: 'listener', triggers: made }, async () => 1)
    const asks = async ({ event, step }: WorkflowContext<string>): Promise<unknown> =>
      event.data === 'send'
        ? step.sendEvent('it', made(1))
        : step.invoke('it', { workflow: strict, data: 1 })
    const asking = workflow({ id: 'asking', retries: 0 }, asks)
    const world = new World({ workflows: [strict, listener, asking] })
    await world.open()
    const { engine } = world
    const ofRun = async (call: string): Promise<unknown> => {
      const run = await engine.start(asking, call)
      const ended = run.result().catch((error: StepError) => error)
      await world.advance(1)
      return ended
    }
    const caught = (error: unknown): unknown => error
    const said = {
      event: [
        await engine.send(made(1)).catch(caught),
        await engine.send([{ name: 'app/made', data: 1 }]).catch(caught),
        await engine.start(listener, 1 as never).catch(caught),
        await ofRun('send'),
      ],
      workflow: [await engine.start(strict, 1).catch(caught), await ofRun('invoke')],
    }
    for (const [kind, errors] of Object.entries(said)) {
      for (const [at, error] of errors.entries()) {
        expect(error, `${kind} ${at}`).toBeInstanceOf(EngineError)
        expect(error, `${kind} ${at}`).toMatchObject({
          code: 'DATA_INVALID',
          message: expect.stringMatching(
            /^The data (of|for) '\S+' could not be validated: its schema \(of homemade\) failed/,
          ),
          facts: { vendor: 'homemade', issues: [] },
        })
        expect((error as Error).message).toContain(told)
        if (told === broken.message) {
          expect((error as Error).cause).toMatchObject({ message: broken.message })
        }
      }
    }
    expect(said.event[0]).toMatchObject({ facts: { event: 'app/made' } })
    expect(said.workflow[0]).toMatchObject({ facts: { workflow: 'strict' } })
  })
}

test('of several triggers the schema that fails is told of', async () => {
  const fine = event(
    'app/fine',
    schemaOf(() => ({ issues: [{ message: 'not this' }] })),
  )
  const bad = event(
    'app/bad',
    schemaOf(() => Promise.reject(broken)),
  )
  const either = workflow({ id: 'either', triggers: [fine, bad] }, async () => 1)
  const world = new World({ workflows: [either] })
  await world.open()
  await expect(world.engine.start(either, 1 as never)).rejects.toMatchObject({
    code: 'DATA_INVALID',
    facts: { workflow: 'either', vendor: 'homemade' },
    cause: broken,
  })
})
