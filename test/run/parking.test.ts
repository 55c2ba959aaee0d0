import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

type Nothing = WorkflowContext<undefined>
type Code = (context: Nothing) => Promise<unknown>

const FILE = fileURLToPath(import.meta.url)
const lines = readFileSync(FILE, 'utf8').split('\n')

/** A place in this file: the line that ends with this remark. */
const at = (remark: string): unknown =>
  expect.stringMatching(
    new RegExp(`^${FILE}:${lines.findIndex(line => line.endsWith(`// ${remark}`)) + 1}:\\d+$`),
  )

/** What the report says when a run of the old code is brought back with the new one. */
async function report(old: Code, changed: Code): Promise<unknown> {
  const world = new World({ workflows: [workflow({ id: 'changing' }, old)] })
  await world.open()
  const { id } = await world.engine.start(workflow({ id: 'changing' }, old))
  await world.settle()
  await world.restart({ workflows: [workflow({ id: 'changing' }, changed)] })
  await world.advance(3_600_000)
  const run = await world.engine.run(id)
  const error = await run.result().catch((error: unknown) => error)
  expect(error).toMatchObject({ code: 'RUN_PARKED', facts: { code: 'NON_DETERMINISTIC' } })
  return (error as { facts: { report: unknown } }).facts.report
}

// Its entries: 0 run.scheduled, 1 run.started, 2 step.scheduled a, 3 step.succeeded, 4 timer.set nap,
// and 5 timer.fired, with which the run is brought back.
const old: Code = async ({ step }) => {
  await step.run('a', () => 1)
  await step.sleep('nap', '1h')
}

describe('the report of a run that does not fit', () => {
  test('names a call in place of another, and the one before', async () => {
    const changed: Code = async ({ step }) => {
      await step.run('a', () => 1) // place: before
      await step.run('new', () => 1) // place: other
    }
    expect(await report(old, changed)).toEqual({
      entry: 4,
      recorded: 'timer.set "nap"',
      asked: 'step.scheduled "new"',
      site: at('place: other'),
      after: { asked: 'step.scheduled "a"', site: at('place: before') },
    })
  })

  test('names a call where nothing more was recorded, and the entry it came behind', async () => {
    const changed: Code = async ({ step }) => {
      await step.run('a', () => 1)
      await Promise.all([
        step.sleep('nap', '1h'), // more: before
        step.run('extra', () => 1), // more: extra
      ])
    }
    expect(await report(old, changed)).toEqual({
      entry: 4,
      recorded: 'nothing more',
      asked: 'step.scheduled "extra"',
      site: at('more: extra'),
      after: { asked: 'timer.set "nap"', site: at('more: before') },
    })
  })

  test('names such a call in the middle of the run by its own turn', async () => {
    const long: Code = async ({ step }) => {
      await old({ step } as Nothing)
      await step.sleep('nap', '1h')
    }
    const changed: Code = async ({ step }) => {
      await Promise.all([step.run('a', () => 1), step.run('extra', () => 1)])
    }
    expect(await report(long, changed)).toMatchObject({ entry: 2, recorded: 'nothing more' })
  })

  test('says where code had come to that waits or ends too early', async () => {
    const after = { asked: 'step.scheduled "a"', site: at('early: before') }
    const endings: Record<string, (step: Nothing['step']) => unknown> = {
      nothing: () => new Promise(() => {}),
      returned: () => 1,
      continued: step => step.continueAsNew(1),
    }
    for (const [asked, act] of Object.entries(endings)) {
      const changed: Code = async ({ step }) => {
        await step.run('a', () => 1) // early: before
        await act(step)
      }
      expect(await report(old, changed)).toEqual({
        ...{ entry: 4, recorded: 'timer.set "nap"', asked, site: undefined, after },
      })
    }
  })

  test('says what code threw, and where', async () => {
    const changed: Code = async ({ step }) => {
      await step.run('a', () => 1) // threw: before
      throw new TypeError('the new code is broken') // threw: here
    }
    expect(await report(old, changed)).toEqual({
      entry: 4,
      recorded: 'timer.set "nap"',
      asked: 'threw TypeError: the new code is broken',
      site: at('threw: here'),
      after: { asked: 'step.scheduled "a"', site: at('threw: before') },
    })
  })

  test('says what code threw, whatever that is', async () => {
    const odd = new Error('odd')
    Object.defineProperty(odd, 'message', {
      get() {
        throw new Error('no')
      },
    })
    const thrown: [unknown, unknown][] = [
      ['a text', 'threw a text'],
      [undefined, 'threw undefined'],
      [Object.create(null), 'threw'],
      [odd, 'threw'],
      [new Error('x'.repeat(10_000_000)), expect.stringMatching(/^threw Error: x{280,300}$/)],
    ]
    for (const [what, asked] of thrown) {
      const changed: Code = async () => {
        throw what
      }
      expect(await report(old, changed)).toMatchObject({ entry: 2, asked, after: undefined })
    }
  })

  test('names the end of code whose run had gone on, and the entry it came behind', async () => {
    const racing: Code = async ({ step }) => {
      await Promise.all([step.run('a', () => 1), step.sleep('nap', '1h'), step.sleep('2h')])
    }
    const changed: Code = async ({ step }) => {
      await Promise.race([step.run('a', () => 1), step.sleep('nap', '1h'), step.sleep('2h')])
    }
    const world = new World({ workflows: [workflow({ id: 'changing' }, racing)] })
    await world.open()
    const { id } = await world.engine.start(workflow({ id: 'changing' }, racing))
    await world.advance(3_600_000)
    await world.restart({ workflows: [workflow({ id: 'changing' }, changed)] })
    await world.advance(3_600_000)
    const error = await (await world.engine.run(id)).result().catch((error: unknown) => error)
    expect(error).toMatchObject({
      facts: { report: { entry: 5, recorded: 'nothing more', asked: 'returned' } },
    })
  })

  test('names a call that code left out which had failed, as soon as it is tried again', async () => {
    const failing: Code = async ({ step }) => {
      await step.run('a', () => 1)
      void step.sleep('nap', '2h')
      throw new Error('a mistake')
    }
    const changed: Code = async ({ step }) => {
      await step.run('a', () => 1) // left out: before
    }
    expect(await report(failing, changed)).toEqual({
      ...{ entry: 4, recorded: 'timer.set "nap"', asked: 'returned', site: undefined },
      after: { asked: 'step.scheduled "a"', site: at('left out: before') },
    })
  })
})
