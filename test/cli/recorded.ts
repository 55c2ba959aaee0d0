import {
  type Engine,
  event,
  NonRetriableError,
  openEngine,
  RetryAfterError,
  runCompleted,
  type Workflow,
  type WorkflowContext,
  workflow,
} from 'perdure'
import * as z from 'zod'
import { type HandClock, handClock } from '../journal/hand-clock.ts'

type Context<Data = unknown> = WorkflowContext<Data>

/** How the code of the workflows is changed: a step is left out, or what it gave is used otherwise. */
export type Change = 'none' | 'step left out' | 'result used otherwise'

class CardDeclined extends Error {
  readonly limit = 50
}

const placed = event(
  'shop/placed',
  z.object({ order: z.string(), on: z.string().transform(text => new Date(text)) }),
)
const paid = event<'shop/paid', { order: string; amount: bigint }>('shop/paid')

const rich = (): unknown => ({
  when: new Date(Date.UTC(2030, 5, 1)),
  names: new Map<unknown, unknown>([
    ['Ada', 1n],
    [2, new Set(['x', undefined])],
  ]),
  bytes: new Uint8Array([1, 2, 255]),
  none: undefined,
  numbers: [Number.NaN, -0, Number.POSITIVE_INFINITY, 1e21],
  text: 'it\'s "quoted"\n\u2028\u202e',
  link: new URL('https://example.com/a?b=c'),
  pattern: /a\/b/gi,
  'odd key': { __proto__: null, own: 1 },
})

/** The workflows that are recorded, as they are or changed. */
export function workflows(change: Change = 'none') {
  const [leaves, differs] = [change === 'step left out', change === 'result used otherwise']
  const used = (value: unknown): unknown => (differs ? [value, 'otherwise'] : value)

  const retried = workflow(
    { id: 'shop/retried' },
    async ({ step, run }: Context<{ n: number }>) => {
      const charged = await step.run('charge', ({ attempt }) => {
        if (attempt === 0) throw Object.assign(new CardDeclined('card\ndeclined'), { code: 'E1' })
        if (attempt === 1) throw new RetryAfterError('busy', '42s')
        return rich()
      })
      if (!leaves) await step.run('mail', () => undefined)
      return used({ charged, run: run.id, at: step.now(), dice: [step.random(), step.uuid()] })
    },
  )

  const raced = workflow({ id: 'raced' }, async ({ step }: Context) => {
    const first = await Promise.race([
      step.run('slow', async ({ attempt }) => {
        await gate('slow', attempt)
        return 'slow'
      }),
      step.run('quick', async ({ attempt }) => {
        await gate('quick', attempt)
        return 'quick'
      }),
      step.sleep('deadline', '10s').then(() => 'deadline'),
    ])
    await step.sleep(differs ? `after ${first}` : 'a', '1d')
    if (!leaves) await step.sleepUntil('b', '2030-02-01T00:00:00Z')
    return first
  })

  const listening = workflow({ id: 'listening', triggers: placed }, async ({ event, step }) => {
    const { data } = event
    const order = 'order' in data ? data.order : ''
    const one = await step.waitForEvent('one', { event: paid, match: 'data.order', timeout: '2d' })
    const late = await step.waitForEvent('late', { event: paid.where({ order }), timeout: '1h' })
    const any = await step.waitForAny('any', {
      paid: paid.where({ order }),
      never: 'shop/never',
      timer: step.timer('3d'),
    })
    const signal = `sign ${order}`
    // One signal answers both, and none comes after it.
    const signalled = await Promise.all([
      leaves || step.waitForSignal('signal', { signal, timeout: '1d' }),
      step.waitForSignal('too', { signal, timeout: '1d' }),
    ])
    signalled.push(await step.waitForSignal('more', { signal, timeout: '1s' }))
    await step.sendEvent('tell', { name: 'shop/told', data: { order } })
    const dice = step.random()
    return used([event.name, event.data, one?.data, one?.id, late, any, signalled, dice])
  })

  const child = workflow({ id: 'child', retries: 0 }, async ({ event, step }: Context<number>) => {
    const made = await step.run('make', () => event.data * 2)
    if (made > 10) throw new CardDeclined('too much')
    return new Map([[made, new Date(made)]])
  })

  const parent = workflow({ id: 'parent' }, async ({ step }: Context) => {
    const small = await step.invoke('small', { workflow: child, data: 2 })
    const large = await step
      .invoke('large', { workflow: child, data: 20 })
      .catch((error: Error) => [error.name, error.message, error.cause])
    if (!leaves) await step.run('after', () => 1)
    return used([small, large])
  })

  const cancelled = workflow(
    { id: 'cancelled', cancelOn: [{ event: 'shop/stop', match: 'data.user' }] },
    async ({ step }: Context<{ user: string }>) => {
      try {
        await step.sleep('long', '30d')
      } finally {
        await step.shield(() => step.run(differs ? 'tidy' : 'clean', () => 'done'))
        if (!leaves) await step.shield(() => step.sleep('rest', '1m'))
      }
    },
  )

  const failed = workflow({ id: 'failed' }, async ({ step }: Context) => {
    if (!leaves) await step.run('before', () => 1)
    await step
      .run('strict', () => {
        throw new NonRetriableError('never again', { cause: new TypeError('why') })
      })
      .catch(error => {
        throw differs ? new NonRetriableError('other') : error
      })
  })

  const endless = workflow({ id: 'endless' }, async ({ event, step }: Context<number>) => {
    if (!leaves) await step.run('part', () => event.data)
    if (event.data > 0 || differs) return 'enough'
    return step.continueAsNew(event.data + 1)
  })

  const parked = workflow({ id: 'parked' }, async ({ step }: Context) => {
    if (!leaves) await step.run('first', () => 1)
    await step.sleep(differs ? 'other' : 'nap', '1d')
    return step.run('second', () => 2)
  })

  const woken = workflow({ id: 'woken' }, async ({ step }: Context) => {
    if (!leaves) await step.run('first', () => 1)
    await new Promise(resolve => setTimeout(resolve, 2))
    await step.sleep('nap', '1h')
    await new Promise(resolve => setImmediate(resolve))
    return used(await step.run('second', () => 2))
  })

  const follower = workflow({ id: 'follower' }, async ({ step }: Context<{ of: string }>) => {
    if (!leaves) await step.run('first', () => 1)
    const ended = await step.waitForEvent('end', { event: runCompleted, timeout: '1d' })
    return used(ended?.data)
  })

  return {
    retried,
    raced,
    listening,
    parent,
    cancelled,
    failed,
    endless,
    parked,
    woken,
    follower,
    child,
  }
}

const gates = new Map<string, () => void>()

/** Bodies that end when the recording says so. */
const gate = (step: string, attempt: number): Promise<void> =>
  new Promise(resolve => gates.set(`${step} ${attempt}`, resolve))

/** Writes a journal with runs of all kinds. Their ids are those of their workflows. */
export async function record(path: string): Promise<void> {
  const clock = handClock(Date.UTC(2030, 0, 1))
  const all = workflows()
  let count = 0
  const next = (): string => `new-${++count}`
  const ids = { run: next, event: next, journal: () => 'sample' }
  const options = { path, clock, ids, workflows: Object.values(all) }
  let engine = await openEngine(options)
  const start = <Data>(flow: Workflow<Data, unknown>, data: Data, id = flow.id) =>
    (engine.start as (...given: unknown[]) => Promise<unknown>)(flow, data, { id })
  await start(all.retried, { n: 1 }, 'retried')
  await start(all.raced, null)
  await start(all.parent, null)
  await start(all.cancelled, { user: 'u1' })
  await start(all.failed, null)
  await start(all.endless, 0)
  await start(all.parked, null)
  await start(all.woken, null)
  await start(all.follower, { of: 'x' })
  await engine.send(placed({ order: 'o1', on: '2030-01-01' }, { id: 'evt-placed' }))
  await pass(engine, clock, 3_001)
  gates.get('quick 0')?.()
  await pass(engine, clock, 2)
  gates.get('slow 0')?.()
  await pass(engine, clock, 16_777)
  await engine.send(paid({ order: 'o2', amount: 1n }))
  await engine.send([
    paid({ order: 'o1', amount: 2n ** 70n }, { v: '3' }),
    { name: 'shop/stop', data: { user: 'u1' }, id: 'evt-stop' },
  ])
  await pass(engine, clock, 3_600_007)
  await engine.pause('parked')
  await pass(engine, clock, 1)
  await engine.resume('parked')
  await engine.send(paid({ order: 'o1', amount: 7n }))
  await pass(engine, clock, 1)
  await engine.signal('sign o1', { by: 'Ada' })
  await pass(engine, clock, 5_000)
  await engine.close()
  engine = await openEngine({
    ...options,
    workflows: Object.values({ ...all, parked: workflows('step left out').parked }),
  })
  await pass(engine, clock, 86_400_000)
  await engine.close()
}

/** Lets time pass, a second at a time at first, and everything happen that is due. */
export async function pass(engine: Engine, clock: HandClock, ms: number): Promise<void> {
  await quiet(engine)
  for (let left = ms; left > 0; ) {
    const step = Math.min(left, Math.max(1_009, Math.ceil(left / 4)))
    clock.advance(step)
    left -= step
    await quiet(engine)
  }
}

/** Until nothing moves: what is sent now is on disk only after all that came before it. */
async function quiet(engine: Engine): Promise<void> {
  for (let same = 0, before = ''; same < 5; ) {
    await engine.signal('tick')
    await new Promise(resolve => setTimeout(resolve, 3))
    const runs: unknown[] = []
    for await (const run of engine.runs()) runs.push(run)
    const now = JSON.stringify(runs)
    same = now === before ? same + 1 : 0
    before = now
  }
}
