import { event, type WorkflowContext, workflow } from 'perdure'
import { check, explore, NeverReached, replay, type Spec } from 'perdure/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

const charging = workflow({ id: 'charging' }, async ({ step }: WorkflowContext) => {
  await step.run('charge', () => {})
  await step.sleep('1h')
})
const options = { regressions: false, schedules: 20, ms: 60_000 } as const
const codeOf = async (spec: object, more: object = {}): Promise<string> => {
  const search = check({ workflows: [charging], ...spec } as Spec, { ...options, ...more })
  const error = await search.then(
    report => report,
    error => error,
  )
  return `${error.code} ${error.message}`
}

describe('a spec that is not valid is refused by its place:', () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ workflows: [] }, /workflows/],
    [{ workflows: [{ id: 'a' }] }, /workflows/],
    [{ starts: [{ workflow: 'other' }] }, /starts\.0\.workflow: other is not in workflows/],
    [{ starts: [{ workflow: 'charging', dat: 1 }] }, /starts\.0.*"dat"/],
    [{ step: {} }, /"step"/],
    [{ steps: { charge: 3 } }, /steps\.charge/],
    [{ steps: { charge: { outcomes: ['okay'] } } }, /steps\.charge\.outcomes\.0: not 'ok'/],
    [{ steps: { charge: { outcomes: [] } } }, /steps\.charge\.outcomes/],
    [{ steps: { charge: { delay: ['2s', '1s'] } } }, /steps\.charge\.delay: not a duration/],
    [{ steps: { charge: { deley: '1s' } } }, /steps\.charge: .*"deley"/],
    [{ events: [{ event: 'paid' }] }, /events\.0/],
    [{ signals: [{ name: 'a' }] }, /signals\.0/],
    [{ faults: { crashes: -1 } }, /faults\.crashes/],
    [{ faults: { crashes: 1.5 } }, /faults\.crashes/],
    [{ faults: { crash: 1 } }, /faults: .*"crash"/],
    [{ faults: { clock: ['soon'] } }, /faults\.clock\.0: not a duration/],
    [{ properties: { allways: {} } }, /properties: .*"allways"/],
    [{ properties: { always: { a: true } } }, /properties\.always\.a/],
  ]
  for (const [spec, message] of wrong) {
    test(String(message), async () => {
      expect(await codeOf(spec)).toMatch(/^DEFINITION_INVALID The spec is not valid\. /)
      expect(await codeOf(spec)).toMatch(message)
      const other = { workflows: [charging], ...spec } as Spec
      await expect(explore(other)).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
      await expect(replay(other, 'p1.')).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
    })
  }

  test('options', async () => {
    expect(await codeOf({}, { schedules: 0 })).toMatch(/The options are not valid. schedules/)
    expect(await codeOf({}, { sheddules: 1 })).toMatch(/sheddules/)
  })

  test('data that the workflow does not take', async () => {
    const strict = workflow({ id: 'strict', schema: z.object({ a: z.int() }) }, async () => {})
    const starts = [{ workflow: strict, data: { a: 'x' } }]
    expect(await codeOf({ workflows: [strict], starts })).toMatch(/^DATA_INVALID/)
  })
})

describe('properties', () => {
  test('that are async are refused', async () => {
    const look = async (): Promise<boolean> => true
    for (const kind of ['always', 'never', 'eventually', 'sometimes', 'completed'])
      expect(await codeOf({ properties: { [kind]: { look } } })).toMatch(
        new RegExp(`^DEFINITION_INVALID .*properties\\.${kind}\\.look: it is async`),
      )
  })

  test('that could never be asked are no comfort', async () => {
    const broken = (): never => {
      throw new Error('no such list')
    }
    expect(await codeOf({ properties: { never: { broken } } })).toMatch(
      /^DEFINITION_INVALID .*properties\.never\.broken: it threw whenever.*no such list/,
    )
    const properties = { sometimes: { broken } }
    const search = check({ workflows: [charging], properties }, options)
    await expect(search).rejects.toThrow(NeverReached)
    await expect(search).rejects.toThrow('broken (it threw: no such list)')
  })

  test('of expect say what they expected', async () => {
    const properties = { always: { none: () => expect(2).toBeLessThan(1) } }
    const message = await codeOf({ properties })
    expect(message).toMatch('always: none\n  expected 2 to be less than 1')
    expect(message).not.toMatch('\u001b')
  })
})

describe('steps', () => {
  test('that are mistyped are pointed out', async () => {
    const steps = { chrage: () => {} }
    expect(await codeOf({ steps })).toMatch(/steps\.chrage: no such step ran, but 'charge' did/)
  })

  test('that never ran are told', async () => {
    const steps = { charge: () => {}, refund: () => {} }
    expect((await check({ workflows: [charging], steps }, options)).unused).toEqual(['refund'])
    expect((await explore({ workflows: [charging], steps })).unused).toEqual(['refund'])
  })
})

describe('the end', () => {
  const ping = event('ping')
  const pinged = workflow({ id: 'pinged', triggers: ping }, async ({ step }) => {
    await step.run('note', () => {})
  })
  const busy = workflow({ id: 'busy' }, async ({ step }: WorkflowContext) => {
    for (;;) await step.run('turn', () => {})
  })
  const spec = (isNoted: boolean): Spec<{ noted: boolean }> => ({
    workflows: [busy, pinged],
    starts: [{ workflow: busy }],
    events: [ping()],
    world: () => ({ noted: false }),
    steps: { note: (_, world) => void Object.assign(world, { noted: isNoted }) },
    properties: { eventually: { noted: ({ world }) => world.noted } },
  })

  test('of what has none is when all others had their chance', async () => {
    const report = await check(spec(true), { ...options, moves: 20 })
    expect(report.cut).toBe(report.schedules)
    const failed = check(spec(false), { ...options, moves: 20 })
    await expect(failed).rejects.toThrow(/It does not come to an end within 40 moves\.\n/)
    await expect(failed).rejects.toThrow(/and so on, without an end/)
  })

  test('comes with a clock that goes again', async () => {
    const dated = workflow({ id: 'dated' }, async ({ step }: WorkflowContext) => {
      const begun = step.now().getTime()
      await step.sleepUntil('date', begun + 3_600_000)
      await step.sleep('1h')
      return step.now().getTime() - begun
    })
    const late = new Set<boolean>()
    const report = await explore({
      workflows: [dated],
      faults: { clock: ['frozen'], crashes: 0 },
      properties: {
        eventually: { ended: ({ runs }) => runs.every(({ status }) => status === 'completed') },
        completed: { seen: ({ output }) => void late.add(Number(output) < 7_200_000) },
      },
    })
    expect(report.isComplete).toBe(true)
    // The wall clock stood still for an hour: it fell behind.
    expect(late).toEqual(new Set([true, false]))
  })
})

test('what is undefined is as good as absent', async () => {
  const none = undefined
  const spec: Spec<undefined> = {
    workflows: [charging],
    world: none,
    starts: [{ workflow: charging, id: none }],
    steps: { charge: { run: none, outcomes: none, delay: none } },
    events: none,
    signals: [{ signal: 'a', repeats: none, optional: none }],
    faults: { crashes: none, writes: none, cancels: none, clock: none, upgrade: none },
    properties: { always: none, never: none, sometimes: none, completed: none },
    crashTransparent: none,
  }
  const undefinedOptions = { seed: none, ms: none, moves: none, name: none, shrinkMs: none }
  const report = await check(spec, { ...undefinedOptions, ...options })
  expect(report).toMatchObject({ schedules: 20, seed: 1, cut: 0 })
  const bounds = { schedules: none, ms: none, moves: none, shrinkMs: none }
  expect(await explore({ ...spec, signals: none }, bounds)).toMatchObject({ isComplete: true })
})

test('a shorter schedule is looked for as long as there is time, and the report says so', async () => {
  const spec: Spec<{ charges: number }> = {
    workflows: [charging],
    world: () => ({ charges: 0 }),
    steps: { charge: (_, world) => void world.charges++ },
    properties: { always: { once: ({ world }) => world.charges <= 1 } },
  }
  const told = async (shrinkMs?: number): Promise<string> =>
    String(await check(spec, { ...options, shrinkMs }).catch(error => error.message))
  expect(await told(0)).toMatch(/made small in 1 more\n +there it was given up/)
  expect(await told()).toMatch(/made small in \d+ more$/)
  const explored = await explore(spec, { shrinkMs: 0 }).catch(error => error.message)
  expect(explored).toMatch(/there it was given up/)
})

test('what code keeps in memory dies with its process', async () => {
  const workflows = () => {
    let token: string | undefined
    const using = workflow({ id: 'using' }, async ({ step }: WorkflowContext) => {
      await step.run('log in', () => {
        token = 'secret'
      })
      await step.sleep('1h')
      return step.run('use', () => token ?? 'nothing')
    })
    return [using]
  }
  const spec: Spec = {
    workflows,
    properties: { completed: { 'it is logged in': run => run.output === 'secret' } },
  }
  await expect(check(spec, options)).rejects.toThrow(/log in done\n.*CRASH right after/)
  await check({ ...spec, faults: { crashes: 0, writes: 0 } }, options)
})

test('a search that has nothing new to run leaves others their turn', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const idle = workflow({ id: 'idle' }, async () => 1)
  const faults = { crashes: 0, writes: 0 }
  const endless = { regressions: false, schedules: 100_000_000, ms: 200 } as const
  await check({ workflows: [idle], faults }, endless)
  clearInterval(timer)
  expect(turns).toBeGreaterThan(10)
})

const turns = async (count: number) => {
  for (; count > 0; count--) await new Promise(resolve => setImmediate(resolve))
}

test.each([
  workflow({ id: 'code' }, async ({ step }: WorkflowContext) => {
    await step.run('before', () => 1)
    await turns(3)
    await step.run('after', () => 2)
  }),
  workflow({ id: 'body' }, async ({ step }: WorkflowContext) => {
    await Promise.all([step.run('real', async () => turns(3)), step.run('other', () => {})])
  }),
])('what waits for a few turns of the event loop gets them: $id', async patient => {
  const spec: Spec = {
    workflows: [patient],
    faults: { crashes: 0, writes: 0 },
    properties: {
      eventually: { done: ({ runs }) => runs.every(({ status }) => status === 'completed') },
    },
  }
  expect(await check(spec, options)).toMatchObject({ schedules: 20, cut: 0 })
})
