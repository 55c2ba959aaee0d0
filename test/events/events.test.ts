import { event, StepError, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { story } from '../engine/story.ts'
import { World } from '../simulation/world.ts'

const signedUp = event('app/user.signup', z.object({ userId: z.string(), email: z.string() }))
const completed = event('app/user.profile.completed', z.object({ userId: z.string() }))
const deleted = event('app/user.deleted', z.object({ userId: z.string() }))

const onboarding = (sent: string[]) =>
  workflow(
    {
      id: 'onboarding',
      triggers: signedUp,
      cancelOn: [{ event: deleted, match: 'data.userId' }],
    },
    async ({ event, step }) => {
      const profile = await step.waitForEvent('profile', {
        event: completed,
        timeout: '24h',
        match: 'data.userId',
      })
      if (profile === null) {
        await step.run('follow-up', () => void sent.push(event.data.email))
      }
      return profile?.data.userId ?? 'nobody'
    },
  )

async function runsOf(world: World): Promise<{ id: string; status: string }[]> {
  const runs: { id: string; status: string }[] = []
  for await (const { id, status } of world.engine.runs()) runs.push({ id, status })
  return runs
}

describe('an event', () => {
  test('starts a run, resumes it, and only the one that waits for it', async () => {
    const subject = onboarding([])
    const world = new World({ workflows: [subject] })
    await world.open()
    await world.engine.send([
      signedUp({ userId: 'u1', email: 'a@b.c' }),
      signedUp({ userId: 'u2', email: 'd@e.f' }),
    ])
    await world.settle()
    const [first, second] = await runsOf(world)
    await world.engine.send(completed({ userId: 'u2' }))
    await world.settle()
    const statuses = new Map((await runsOf(world)).map(({ id, status }) => [id, status]))
    expect(statuses.get(first?.id ?? '')).toBe('running')
    expect(statuses.get(second?.id ?? '')).toBe('completed')
    const run = await world.engine.run(second?.id ?? '')
    expect(await run.result()).toBe('u2')
    expect(await story(run)).toEqual([
      'run.scheduled',
      'cancel.set',
      'run.started',
      'wait.set profile',
      'event.received profile',
      'run.completed',
    ])
  })

  test('cancels what it cancels', async () => {
    const subject = onboarding([])
    const world = new World({ workflows: [subject] })
    await world.open()
    await world.engine.send(signedUp({ userId: 'u1', email: 'a@b.c' }))
    await world.settle()
    await world.engine.send(deleted({ userId: 'u2' }))
    await world.settle()
    expect(await runsOf(world)).toMatchObject([{ status: 'running' }])
    await world.engine.send(deleted({ userId: 'u1' }))
    await world.settle()
    expect(await runsOf(world)).toMatchObject([{ status: 'cancelled' }])
  })

  test('that never comes lets the wait end with its time', async () => {
    const sent: string[] = []
    const subject = onboarding(sent)
    const world = new World({ workflows: [subject] })
    await world.open()
    await world.engine.send(signedUp({ userId: 'u1', email: 'a@b.c' }))
    await world.advance(86_399_999)
    expect(sent).toEqual([])
    await world.advance(1)
    expect(sent).toEqual(['a@b.c'])
    await world.engine.send(completed({ userId: 'u1' }))
    await world.settle()
    expect(await runsOf(world)).toMatchObject([{ status: 'completed' }])
  })

  test('resumes runs that a crash has put out of memory', async () => {
    const subject = onboarding([])
    const world = new World({ workflows: [subject] })
    await world.open()
    await world.engine.send(signedUp({ userId: 'u1', email: 'a@b.c' }))
    await world.settle()
    await world.restart()
    expect(world.engine.stats().resident).toBe(0)
    await world.engine.send(completed({ userId: 'u1' }))
    world.crash()
    await world.open()
    await world.settle()
    expect(await runsOf(world)).toMatchObject([{ status: 'completed' }])
  })

  test('of one id is stored once', async () => {
    const subject = onboarding([])
    const world = new World({ workflows: [subject] })
    await world.open()
    const once = signedUp({ userId: 'u1', email: 'a@b.c' }, { id: 'e1' })
    const sent = await Promise.all([world.engine.send(once), world.engine.send([once, once])])
    expect(sent).toEqual([{ ids: ['e1'] }, { ids: ['e1', 'e1'] }])
    await world.restart()
    await world.engine.send(once)
    await world.settle()
    expect(await runsOf(world)).toHaveLength(1)
  })

  test('that lies in the future starts its run then', async () => {
    const subject = onboarding([])
    const world = new World({ workflows: [subject] })
    await world.open()
    const ts = world.clock.wall() + 3_600_000
    await world.engine.send(signedUp({ userId: 'u1', email: 'a@b.c' }, { ts }))
    await world.advance(3_599_999)
    expect(await runsOf(world)).toMatchObject([{ status: 'scheduled' }])
    await world.restart()
    await world.advance(1)
    expect(await runsOf(world)).toMatchObject([{ status: 'running' }])
  })

  test('that lies in the future can be cancelled before', async () => {
    const subject = onboarding([])
    const world = new World({ workflows: [subject] })
    await world.open()
    const ts = world.clock.wall() + 3_600_000
    await world.engine.send(signedUp({ userId: 'u1', email: 'a@b.c' }, { ts }))
    await world.restart()
    await world.engine.send(deleted({ userId: 'u1' }))
    await world.settle()
    expect(await runsOf(world)).toMatchObject([{ status: 'cancelled' }])
    expect(world.engine.stats()).toMatchObject({ timers: 0, waits: 0 })
  })

  test('is never missed that answers the step before the wait', async () => {
    const ask = workflow({ id: 'ask' }, async ({ step }: WorkflowContext<undefined>) => {
      await step.run('ask', async () => {
        await world.engine.send(completed({ userId: 'quick' }))
      })
      return (await step.waitForEvent('answer', { event: completed, timeout: '1h' }))?.data.userId
    })
    const world = new World({ workflows: [ask] })
    await world.open()
    const run = await world.engine.start(ask)
    await world.settle()
    expect(await run.status()).toBe('completed')
    expect(await run.result()).toBe('quick')
  })
})

describe('a wait', () => {
  test('hears what is sent in the very write that it is set in', async () => {
    const ready = event<'app/ready', { to: string }>('app/ready')
    const hears = workflow({ id: 'hears' }, async ({ run, step }: WorkflowContext<undefined>) => {
      await step.sleep('3s')
      const came = await step.waitForEvent('ready', {
        event: ready.where({ to: run.id }),
        timeout: '1h',
        since: 0,
      })
      return came?.data.to
    })
    const sends = workflow({ id: 'sends' }, async ({ event, step }: WorkflowContext<string>) => {
      await step.sleep('3s')
      await step.sendEvent('ready', ready({ to: event.data }))
    })
    for (const order of [0, 1]) {
      const world = new World({ workflows: [hears, sends] })
      await world.open()
      const start = [
        () => world.engine.start(hears, undefined, { id: 'h' }),
        () => world.engine.start(sends, 'h', { id: 's' }),
      ]
      if (order === 1) start.reverse()
      for (const each of start) await each()
      await world.advance(3_000)
      expect(await (await world.engine.run('h')).status()).toBe('completed')
    }
  })
})

describe('a wait that looks back', () => {
  test('hears what comes while another of its write has to read the disk', async () => {
    const waits = workflow({ id: 'waits' }, async ({ event, step }: WorkflowContext<string>) => {
      await step.sleep('3s')
      const since = event.data === 'app/old' ? 0 : step.now()
      const came = await step.waitForEvent('it', { event: event.data, timeout: '1h', since })
      return came?.name
    })
    const world = new World({ workflows: [waits] })
    await world.open()
    await world.engine.start(waits, 'app/old', { id: 'reads' })
    await world.engine.start(waits, 'app/new', { id: 'does-not' })
    let read = (): void => {}
    const reading = new Promise<void>(resolve => {
      read = resolve
    })
    world.disk.slow = key => (key.startsWith('v!') ? reading : undefined)
    await world.advance(3_000)
    await world.engine.send({ name: 'app/new', data: 1 })
    read()
    await world.settle()
    expect(await (await world.engine.run('does-not')).status()).toBe('completed')
  })
})

describe('waiting for any', () => {
  test('gives the first, and listens no more for the others', async () => {
    const paid = event('shop/paid', z.object({ order: z.string() }))
    const order = workflow({ id: 'order' }, async ({ event, step }: WorkflowContext<string>) => {
      const first = await step.waitForAny('payment', {
        paid: paid.where({ order: event.data }),
        refused: { event: 'shop/refused', if: 'async.data.order == event.data' },
        late: step.timer('1h'),
      })
      return first.key === 'paid' ? first.event.data.order : first.key
    })
    const world = new World({ workflows: [order] })
    await world.open()
    const runs = await Promise.all(['o1', 'o2', 'o3'].map(id => world.engine.start(order, id)))
    await world.settle()
    await world.engine.send([
      paid({ order: 'o1' }),
      { name: 'shop/refused', data: { order: 'o2' } },
    ])
    await world.advance(3_600_000)
    expect(await Promise.all(runs.map(run => run.result()))).toEqual(['o1', 'refused', 'late'])
    expect(world.engine.stats().timers).toBe(0)
  })
})

describe('a signal', () => {
  test('resumes who waits for it', async () => {
    const approval = workflow({ id: 'approval' }, ({ step }: WorkflowContext<undefined>) =>
      step.waitForSignal<string>('approved', { signal: 'doc-1', timeout: '7d' }),
    )
    const world = new World({ workflows: [approval] })
    await world.open()
    const run = await world.engine.start(approval)
    await world.settle()
    await world.engine.signal('doc-2', 'no')
    await world.engine.signal('doc-1', 'yes')
    expect(await run.result()).toBe('yes')
  })
})

describe('a child', () => {
  const double = workflow({ id: 'double' }, async ({ event, step }: WorkflowContext<number>) => {
    await step.sleep('1h')
    if (event.data < 0) throw Object.assign(new Error('negative'), { name: 'NonRetriableError' })
    return event.data * 2
  })
  const parent = workflow({ id: 'parent' }, async ({ event, step }: WorkflowContext<number>) => {
    try {
      return await step.invoke('child', { workflow: double, data: event.data, timeout: '2h' })
    } catch (error) {
      return error instanceof StepError ? `${error.stepId}: ${error.message}` : 'other'
    }
  })

  test('gives its parent what it came to, across crashes', async () => {
    const world = new World({ workflows: [double, parent] })
    await world.open()
    const { id } = await world.engine.start(parent, 21)
    await world.settle()
    await world.restart()
    await world.advance(3_600_000)
    expect(await (await world.engine.run(id)).result()).toBe(42)
  })

  test('is cancelled with its parent', async () => {
    const world = new World({ workflows: [double, parent] })
    await world.open()
    const run = await world.engine.start(parent, 21)
    await world.settle()
    await run.cancel('enough')
    await world.settle()
    expect((await runsOf(world)).map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
  })
})

describe('sending from a run', () => {
  test('happens once, with its record', async () => {
    const heard: string[] = []
    const listener = workflow({ id: 'listener', triggers: completed }, async ({ event, step }) =>
      step.run('hear', () => void heard.push(event.data.userId)),
    )
    const sender = workflow({ id: 'sender' }, async ({ step }: WorkflowContext<undefined>) => {
      const { ids } = await step.sendEvent('tell', completed({ userId: 'u9' }))
      await step.sleep('1h')
      return ids
    })
    const world = new World({ workflows: [listener, sender] })
    await world.open()
    const { id } = await world.engine.start(sender)
    await world.settle()
    await world.restart()
    await world.advance(3_600_000)
    expect(heard).toEqual(['u9'])
    expect(await (await world.engine.run(id)).result()).toEqual([expect.stringMatching(/^evt_/)])
  })
})
