import { type EngineOptions, NonRetriableError, type WorkflowContext, workflow } from 'perdure'

type Nothing = WorkflowContext<undefined>

/** A value of each kind there is. */
export function everyKind(): object {
  const cycle: Record<string, unknown> = { name: 'cycle', again: [-0] }
  cycle.self = cycle
  const sparse: unknown[] = []
  sparse[2] = 'two'
  return {
    numbers: [
      0,
      -1,
      -33,
      127,
      255,
      65_536,
      -40_000,
      2 ** 32,
      -(2 ** 53),
      0.1,
      Number.NaN,
      -Infinity,
    ],
    texts: [
      '',
      'é€😀',
      'x'.repeat(40),
      'x'.repeat(300),
      'x'.repeat(70_000),
      '\ud800',
      '\ufeffmark',
    ],
    lists: [[], Array.from({ length: 20 }, (_, index) => index), null, true, false, undefined],
    cycle: [cycle, cycle.again],
    sparse,
    odd: [{ $: 1 }, JSON.parse('{"__proto__": 1}'), Object.assign(Object.create(null), { a: 1 })],
    bigints: [0n, -255n, 2n ** 100n],
    dates: [new Date(0), new Date(-1.5e12)],
    collections: [new Map<unknown, unknown>([[{ k: 1 }, new Set([1, cycle])]]), new Map()],
    regexp: Object.assign(/a\/b/gi, { lastIndex: 2 }),
    url: new URL('https://example.org/a?b=1'),
    bytes: [new ArrayBuffer(3), new DataView(new ArrayBuffer(2)), Buffer.from('buffer')],
    views: [new Uint8Array(300), new Int16Array([-2]), new Float64Array([1e300])],
    error: Object.assign(new TypeError('bad', { cause: new Error('deep') }), { status: 404 }),
    errors: new AggregateError([new RangeError('one')], 'some'),
  }
}

export const plain = workflow({ id: 'plain' }, async ({ event, step }: WorkflowContext<object>) => {
  await step.run('make', () => everyKind())
  return event.data
})

const retried = workflow({ id: 'retried', backoff: ['10s'] }, async ({ step }: Nothing) => {
  await step.run('charge', ({ attempt }) => {
    if (attempt === 0) throw new RangeError('no answer')
  })
})

export const failing = () => {
  let attempts = 0
  return workflow({ id: 'failing', backoff: ['10s'] }, async ({ step }: Nothing) => {
    await step.run('first', () => undefined)
    if (attempts++ === 0) throw new Error('a slip')
    throw new NonRetriableError('for good')
  })
}

const twoClocks = (id: string) =>
  workflow({ id }, async ({ step }: Nothing) => {
    await step.sleep('short', '1s')
    await Promise.all([step.sleep('30d'), step.sleepUntil('far', new Date(8e15))])
  })

const backoff = workflow({ id: 'backoff', backoff: ['1d'] }, async ({ step }: Nothing) => {
  await step.run('late', () => Promise.reject(new Error('not today')))
})

const cancelled = workflow({ id: 'cancelled' }, async ({ step }: Nothing) => {
  try {
    await step.run(
      'long',
      ({ signal }) => new Promise(yes => signal.addEventListener('abort', yes)),
    )
  } finally {
    await step.shield(async () => {
      await step.run('tidy', () => undefined)
      await step.sleep('settle', '1s')
    })
  }
})

const shielding = workflow({ id: 'shielding' }, async ({ step }: Nothing) => {
  const guarded = step.shield(() => step.sleep('guarded', '20d'))
  await step.sleep('1d').catch(() => {})
  await guarded
})

const continued = workflow({ id: 'continued' }, async ({ event, step }: WorkflowContext<number>) =>
  event.data === 2 ? 'last' : step.continueAsNew(event.data + 1),
)

/** Chance, time and a key, as the code gets them. */
const drawn = workflow({ id: 'drawn' }, async ({ step }: Nothing) => {
  const key = await step.run('key', ({ idempotencyKey }) => idempotencyKey)
  return { key, random: step.random(), uuid: step.uuid(), now: step.now().getTime() }
})

/** What it is given is not what it gets. */
const schema = {
  '~standard': { version: 1, vendor: 'test', validate: () => ({ value: undefined }) },
} as const

const foreign = workflow({ id: 'foreign', schema }, async ({ step }) => {
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
  return step.run('after', () => 1)
})

export const changing = (first: string) =>
  workflow({ id: 'changing' }, async ({ step }: Nothing) => {
    await step.run(first, () => 1)
    await step.sleep('1h')
  })

/** Started once each, under the id of the workflow. */
export const LIVELY: EngineOptions['workflows'] = [
  plain,
  retried,
  twoClocks('waiting'),
  twoClocks('paused'),
  backoff,
  cancelled,
  shielding,
  continued,
  foreign,
  drawn,
]
