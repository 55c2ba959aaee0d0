import { cron, event, NonRetriableError, type WorkflowContext, workflow } from 'perdure'
import type { Spec } from 'perdure/testing'

/** Workflows of many kinds with nothing wrong in them, on a world that takes every effect once. */
class Once {
  readonly done = new Map<string, number>()

  do(what: string, key: string): string {
    this.done.set(`${what} ${key}`, 1)
    return what
  }
}

type Context<Data = unknown> = WorkflowContext<Data>
type CorrectSpec = Spec<Once>

const world = (): Once => new Once()
const paid = event<'order/paid', { order: string }>('order/paid')
const stop = event<'order/stop', { order: string }>('order/stop')
const note = event<'note', { text: string }>('note')
const isEnded = {
  'all have ended': ({ runs }: { runs: readonly { status: string }[] }) =>
    runs.every(({ status }) => ['completed', 'failed', 'cancelled', 'continued'].includes(status)),
}

const any: CorrectSpec = {
  world,
  workflows: [
    workflow({ id: 'any' }, async ({ step }: Context) => {
      const first = await step.waitForAny('payment', {
        paid: paid.where({ order: 'o1' }),
        stop,
        late: step.timer('24h'),
      })
      if (first.key === 'paid') await step.run('ship', () => {})
      return first.key
    }),
  ],
  starts: [{ workflow: 'any' }],
  events: [
    { event: paid({ order: 'o1' }), repeats: 2, optional: true },
    { event: stop({ order: 'o1' }), optional: true },
    paid({ order: 'o2' }),
  ],
  steps: { ship: ({ idempotencyKey }, world) => world.do('ship', idempotencyKey) },
  faults: { cancels: 1, clock: ['1h', '-1h', '2d'] },
  properties: { eventually: isEnded },
}

const signals: CorrectSpec = {
  world,
  workflows: [
    workflow({ id: 'approval' }, async ({ step }: Context) => {
      const first = await step.waitForSignal('first', { signal: 'yes', timeout: '1d' })
      const second = await step.waitForSignal<string>('second', { signal: 'yes', timeout: '1d' })
      return [first, second]
    }),
  ],
  signals: [{ signal: 'yes', data: 'a' }, { signal: 'yes', data: 'b' }, { signal: 'no' }],
  faults: { cancels: 1 },
  properties: { eventually: isEnded },
}

const child = workflow({ id: 'child', retries: 1 }, async ({ event, step }: Context<number>) => {
  await step.sleep('nap', '1m')
  return step.run('work', () => event.data)
})
const children: CorrectSpec = {
  world,
  workflows: [
    workflow({ id: 'parent' }, async ({ step }: Context) => {
      const results = await Promise.allSettled(
        [1, 2].map(data => step.invoke(`child ${data}`, { workflow: child, data, timeout: '1h' })),
      )
      return results.map(({ status }) => status)
    }),
    child,
  ],
  steps: { work: { outcomes: ['ok', 'error', 'hang'] } },
  faults: { cancels: 2 },
}

const sending: CorrectSpec = {
  world,
  workflows: [
    workflow({ id: 'sender' }, async ({ step }: Context) => {
      await step.run('first', () => {})
      const { ids } = await step.sendEvent('tell', [note({ text: 'a' }), note({ text: 'b' })])
      return ids.length
    }),
    workflow({ id: 'taker', triggers: note }, async ({ event, step }) => {
      await step.run('take', () => {})
      return event.data.text
    }),
  ],
  steps: { take: ({ run, idempotencyKey }, world) => world.do(`take ${run}`, idempotencyKey) },
  faults: { cancels: 1 },
  properties: {
    eventually: {
      'two takers for a sender': ({ runs }) => {
        const [sender] = runs.filter(({ workflow }) => workflow === 'sender')
        const takers = runs.filter(({ workflow }) => workflow === 'taker').length
        return takers === 2 || sender?.status === 'cancelled'
      },
    },
  },
}

const ticks: CorrectSpec = {
  world,
  workflows: [
    workflow({ id: 'report', triggers: cron('0 9 * * *') }, async ({ step }) => {
      await step.run('write', () => {})
    }),
  ],
  starts: [],
  faults: { clock: ['3d', '-3d'], cancels: 1 },
  steps: { write: ({ run, idempotencyKey }, world) => world.do(`write ${run}`, idempotencyKey) },
}

const continuing: CorrectSpec = {
  world,
  workflows: [
    workflow({ id: 'rounds' }, async ({ event, step }: Context<{ left: number }>) => {
      await step.run('round', () => {})
      await step.sleep('pause', '1h')
      if (event.data.left > 0) await step.continueAsNew({ left: event.data.left - 1 })
      return 'done'
    }),
  ],
  starts: [{ workflow: 'rounds', data: { left: 2 } }],
  faults: { cancels: 1 },
  properties: { eventually: isEnded },
}

const endless: CorrectSpec = {
  world,
  workflows: [
    workflow({ id: 'endless' }, async ({ step }: Context) => {
      for (;;) {
        await step.run('round', () => {})
        await step.sleep('1h')
      }
    }),
  ],
  faults: { cancels: 1 },
}

const handlers: CorrectSpec = {
  world,
  workflows: [
    workflow(
      {
        id: 'handled',
        retries: 1,
        onFailure: async ({ error, step }) => void (await step.run('mourn', () => error.message)),
        onCancel: async ({ step }) => void (await step.run('tidy', () => {})),
        cancelOn: [{ event: stop }],
      },
      async ({ step }: Context) => {
        try {
          await step.run('try', () => {}, { retries: 2, timeout: '1m' })
          await step.sleep('rest', '5m')
          await step.run('again', () => {})
        } finally {
          await step.shield(() => step.run('clean up', () => {}))
        }
      },
    ),
  ],
  starts: [{ workflow: 'handled' }],
  events: [{ event: stop({ order: 'o1' }), repeats: 1, optional: true }],
  steps: {
    try: { outcomes: ['ok', 'error', 'transient', 'fatal', 'lost', 'hang', { value: 3 }] },
    again: { outcomes: ['ok', new NonRetriableError('no')], delay: ['1s', '10m'] },
    'clean up': ({ idempotencyKey }, world) => world.do('clean', idempotencyKey),
    mourn: ({ idempotencyKey }, world) => world.do('mourn', idempotencyKey),
    tidy: ({ idempotencyKey }, world) => world.do('tidy', idempotencyKey),
  },
  faults: { cancels: 1, clock: ['1d', '-1d'] },
  properties: { eventually: isEnded },
}

const triggered: CorrectSpec = {
  world,
  workflows: [
    workflow({ id: 'ship', triggers: paid }, async ({ event, step }) => {
      const stopped = await step.waitForEvent('stop', {
        event: stop,
        match: 'data.order',
        timeout: '1h',
      })
      if (stopped !== null) return 'stopped'
      await step.run('ship', () => event.data.order)
      return 'shipped'
    }),
  ],
  events: [
    { event: paid({ order: 'o1' }), repeats: 2 },
    { event: stop({ order: 'o1' }), optional: true, repeats: 1 },
  ],
  steps: { ship: ({ idempotencyKey }, world) => world.do('ship', idempotencyKey) },
  faults: { clock: ['1h', '-1h'] },
  properties: { eventually: isEnded },
}

const dates: CorrectSpec = {
  world,
  workflows: [
    workflow({ id: 'dates' }, async ({ step }: Context) => {
      const begun = step.now().getTime()
      await step.sleepUntil('a day', begun + 86_400_000)
      const [drawn, id] = [step.random(), step.uuid()]
      const first = await Promise.race([
        step.run('fast', () => drawn),
        step.sleep('patience', '1h').then(() => id),
      ])
      for (const one of ['a/b', 'c:1', 'ünï🎉', 'toString']) await step.run(one, () => one)
      for (let at = 0; at < 3; at++) await step.run('same', () => at)
      return first
    }),
  ],
  steps: { fast: { outcomes: ['ok', 'hang'], delay: '2h' } },
  faults: { clock: ['2d', '-2d'], cancels: 1 },
  crashTransparent: true,
  properties: { eventually: isEnded },
}

const upgraded = (more: boolean): CorrectSpec['workflows'] => [
  workflow({ id: 'growing' }, async ({ step }: Context) => {
    await Promise.all([step.run('a', () => 1), step.run('b', () => 2)])
    await step.sleep('1h')
    if (more) await step.run('c', () => 3)
  }),
]
const upgrade: CorrectSpec = {
  world,
  workflows: upgraded(false),
  faults: { upgrade: upgraded(true), cancels: 1, clock: ['1d'] },
  properties: { eventually: isEnded },
}

const stubs: CorrectSpec = {
  world,
  workflows: [
    workflow({ id: 'odd', retries: 2 }, async ({ step }: Context) => {
      const one = await step.run('async', async () => 1)
      const two = await step.run('deep', () => new Map([['a', new Date(0)]]))
      const three = await step.run('throws', () => 0).catch(() => 'caught')
      return [one, two, three]
    }),
  ],
  steps: {
    async: async ({ idempotencyKey }, world) => {
      await null
      await Promise.resolve().then(() => null)
      return world.do('async', idempotencyKey)
    },
    throws: () => {
      throw undefined
    },
  },
  crashTransparent: ({ world }) => world.done,
  properties: { eventually: isEnded },
}

export const correct: Readonly<Record<string, CorrectSpec>> = {
  any,
  signals,
  children,
  sending,
  ticks,
  continuing,
  endless,
  handlers,
  triggered,
  dates,
  upgrade,
  stubs,
}
