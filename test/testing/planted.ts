import { event, type WorkflowContext, workflow } from 'perdure'
import type { Spec } from 'perdure/testing'

/** A workflow with a bug of a kind that people write, and the same one put right. */
export interface Planted {
  readonly bug: string
  readonly broken: Spec<World>
  readonly right: Spec<World>
}

/** What steps act on: how often each thing was done, and what is there. */
export class World {
  readonly done: Record<string, number> = {}
  readonly keys = new Set<string>()
  readonly has = new Set<string>()

  do(what: string): number {
    this.done[what] = (this.done[what] ?? 0) + 1
    return this.done[what]
  }

  /** Does it once for each key. */
  once(what: string, key: string): void {
    if (this.keys.has(`${what} ${key}`)) return
    this.keys.add(`${what} ${key}`)
    this.do(what)
  }

  times(what: string): number {
    return this.done[what] ?? 0
  }
}

type Context<Data = unknown> = WorkflowContext<Data>

const world = (): World => new World()
const paid = event<'order/paid', { order: string }>('order/paid')

const effectOutside = (isRight: boolean): Spec<World> => ({
  world,
  workflows: world => [
    workflow({ id: 'welcome' }, async ({ step }: Context) => {
      await step.run('create account', () => {})
      if (isRight)
        await step.run('mail', ({ idempotencyKey }) => world.once('mail', idempotencyKey))
      else world.do('mail')
      await step.run('note', () => {})
    }),
  ],
  properties: { always: { 'one mail': ({ world }) => world.times('mail') <= 1 } },
})

const billing = workflow({ id: 'billing' }, async ({ step }: Context) => {
  const order = await step.run('load order', () => ({ amount: 10 }))
  await step.run('charge', () => order.amount)
  await step.run('receipt', () => {})
})

const notIdempotent = (isRight: boolean): Spec<World> => ({
  world,
  workflows: [billing],
  steps: {
    charge: ({ idempotencyKey }, world) =>
      isRight ? world.once('charge', idempotencyKey) : world.do('charge'),
  },
  properties: { always: { 'charged once': ({ world }) => world.times('charge') <= 1 } },
})

const lostBranch = (isRight: boolean): Spec<World> => ({
  world,
  workflows: [
    workflow({ id: 'fastest' }, async ({ step }: Context) => {
      const near = step.run('book near', () => 'near')
      const far = step.run('book far', () => 'far')
      const first = await Promise.race([near, far])
      if (isRight) {
        await Promise.all([near, far])
        await step.run('release', () => (first === 'near' ? 'far' : 'near'))
      } else if (first === 'near') await step.run('release far', () => 'far')
      return first
    }),
  ],
  steps: {
    'book near': (_, world) => world.has.add('near') && 'near',
    'book far': (_, world) => world.has.add('far') && 'far',
    'release far': (_, world) => void world.has.delete('far'),
    release: ({ body }, world) => void world.has.delete(body() as string),
  },
  properties: { completed: { 'one room is kept': (_, { world }) => world.has.size === 1 } },
})

const eventBeforeWait = (isRight: boolean): Spec<World> => ({
  world,
  workflows: [
    workflow({ id: 'checkout' }, async ({ step }: Context) => {
      await step.run('open', () => {})
      await step.run('send invoice', () => {})
      const payment = await step.waitForEvent('paid', {
        event: paid,
        timeout: '1h',
        ...(isRight && { since: '1d' }),
      })
      return payment === null ? 'expired' : 'paid'
    }),
  ],
  starts: [{ workflow: 'checkout' }],
  events: [paid({ order: 'o1' })],
  faults: { crashes: 0, writes: 0 },
  properties: {
    completed: {
      'what was paid within the hour is not expired': ({ output }, { sent }) =>
        output === 'paid' || sent.every(({ at }) => at.getTime() >= Date.UTC(2026, 0, 1, 1)),
    },
  },
})

const timeoutAgainstEvent = (isRight: boolean): Spec<World> => ({
  world,
  workflows: [
    workflow({ id: 'approval' }, async ({ step }: Context) => {
      const approved = step.waitForEvent('approval', { event: paid, timeout: '1h' })
      const refusal = step
        .sleep('patience', '1h')
        .then(() => (isRight ? undefined : step.run('refuse', () => {})))
      if ((await approved) !== null) await step.run('accept', () => {})
      else if (isRight) await step.run('refuse', () => {})
      await refusal
    }),
  ],
  starts: [{ workflow: 'approval' }],
  events: [{ event: paid({ order: 'o1' }), optional: true }],
  steps: {
    accept: (_, world) => void world.has.add('accepted'),
    refuse: (_, world) => void world.has.add('refused'),
  },
  properties: { never: { 'both accepted and refused': ({ world }) => world.has.size === 2 } },
})

const swallowedCancel = (isRight: boolean): Spec<World> => ({
  world,
  workflows: [
    workflow({ id: 'campaign' }, async ({ step, signal }: Context) => {
      for (const customer of ['ada', 'bob']) {
        try {
          await step.run(`mail ${customer}`, () => {})
        } catch (error) {
          if (isRight && signal.aborted) throw error
          await step.shield(() => step.run(`letter ${customer}`, () => {}))
        }
      }
    }),
  ],
  steps: {
    'letter ada': ({ idempotencyKey }, world) => world.once('letter', idempotencyKey),
    'letter bob': ({ idempotencyKey }, world) => world.once('letter', idempotencyKey),
    'mail ada': { outcomes: ['ok', 'fatal'] },
    'mail bob': { outcomes: ['ok', 'fatal'] },
  },
  faults: { cancels: 1 },
  properties: {
    cancelled: {
      'no letter after a cancellation': ({ steps }, { world }) =>
        world.times('letter') <= steps.filter(({ status }) => status === 'failed').length,
    },
  },
})

const dependsOnDate = (isRight: boolean): Spec<World> => ({
  world,
  workflows: [
    workflow({ id: 'poll' }, async ({ event, step }: Context) => {
      const now = (): number => (isRight ? step.now().getTime() : Date.now())
      for (let round = 0; now() < event.ts + 3_600_000; round++) {
        await step.run(`poll ${round}`, () => {})
        await step.sleep(`pause ${round}`, '40m')
      }
      await step.run('give up', () => {})
    }),
  ],
})

const raceByCallOrder = (isRight: boolean): Spec<World> => ({
  world,
  workflows: [
    workflow({ id: 'quote' }, async ({ step }: Context) => {
      const cheap = step.run('ask cheap', () => 10)
      const dear = step.run('ask dear', () => 20)
      // The first one asked is taken for the first one that answers.
      const first = isRight ? Math.min(...(await Promise.all([cheap, dear]))) : undefined
      return first ?? Promise.race([cheap, dear])
    }),
  ],
  properties: { completed: { 'the cheap one': ({ output }) => output === 10 } },
})

const shipping = (ids: readonly string[]) =>
  workflow({ id: 'shipping' }, async ({ step }: Context) => {
    for (const id of ids) await step.run(id, () => {})
  })

const upgradeReorders = (isRight: boolean): Spec<World> => ({
  world,
  workflows: [shipping(['pick', 'pack', 'send'])],
  faults: {
    upgrade: [shipping(isRight ? ['pick', 'pack', 'send', 'thank'] : ['pack', 'pick', 'send'])],
  },
})

const doubleCompensation = (isRight: boolean): Spec<World> => ({
  world,
  workflows: [
    workflow({ id: 'trip' }, async ({ step }: Context) => {
      await step.run('book flight', () => {})
      try {
        await step.run('book hotel', () => {}, { retries: 0 })
      } catch {
        await step.run('refund flight', () => {})
        return 'refunded'
      }
      return 'booked'
    }),
  ],
  steps: {
    'book hotel': { outcomes: ['ok', 'fatal'] },
    'refund flight': ({ idempotencyKey }, world) =>
      isRight ? world.once('refund', idempotencyKey) : world.do('refund'),
  },
  properties: { always: { 'refunded once': ({ world }) => world.times('refund') <= 1 } },
})

const pair = (bug: string, make: (isRight: boolean) => Spec<World>): Planted => ({
  bug,
  broken: make(false),
  right: make(true),
})

export const planted: readonly Planted[] = [
  pair('an effect outside of a step', effectOutside),
  pair('a step that is not idempotent', notIdempotent),
  pair('a lost branch of a race', lostBranch),
  pair('an event before the wait for it', eventBeforeWait),
  pair('a timeout against an event', timeoutAgainstEvent),
  pair('a catch that swallows a cancellation', swallowedCancel),
  pair('a loop that depends on Date', dependsOnDate),
  pair('a race decided by the order of calls', raceByCallOrder),
  pair('an upgrade that reorders steps', upgradeReorders),
  pair('a compensation that runs twice', doubleCompensation),
]
