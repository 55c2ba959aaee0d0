import {
  type Engine,
  type EngineOptions,
  NonRetriableError,
  openEngine,
  type RunEntry,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { VirtualClock } from '../simulation/clock.ts'

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
    dates: [new Date(0), new Date(Number.NaN)],
    collections: [new Map<unknown, unknown>([[{ k: 1 }, new Set([1, cycle])]]), new Map()],
    regexp: Object.assign(/a\/b/gi, { lastIndex: 2 }),
    url: new URL('https://example.org/a?b=1'),
    bytes: [new ArrayBuffer(3), new DataView(new ArrayBuffer(2)), Buffer.from('buffer')],
    views: [new Uint8Array(300), new Int16Array([-2]), new Float64Array([1e300])],
    error: Object.assign(new TypeError('bad', { cause: new Error('deep') }), { status: 404 }),
    errors: new AggregateError([new RangeError('one')], 'some'),
  }
}

const plain = workflow({ id: 'plain' }, async ({ event, step }: WorkflowContext<object>) => {
  await step.run('make', () => everyKind())
  return event.data
})

const retried = workflow({ id: 'retried', backoff: ['10s'] }, async ({ step }: Nothing) => {
  await step.run('charge', ({ attempt }) => {
    if (attempt === 0) throw new RangeError('no answer')
  })
})

const failing = (times: { count: number }) =>
  workflow({ id: 'failing', backoff: ['10s'] }, async ({ step }: Nothing) => {
    await step.run('first', () => undefined)
    console.log('CODE', times)
    if (times.count++ === 0) throw new Error('a slip')
    throw new NonRetriableError('for good')
  })

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

const continued = workflow({ id: 'continued' }, async ({ event, step }: WorkflowContext<number>) =>
  event.data === 2 ? 'last' : step.continueAsNew(event.data + 1),
)

const foreign = workflow({ id: 'foreign' }, async ({ step }: Nothing) => {
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
  return step.run('after', () => 1)
})

const changing = (first: string) =>
  workflow({ id: 'changing' }, async ({ step }: Nothing) => {
    await step.run(first, () => 1)
    await step.sleep('1h')
  })

const LIVELY: EngineOptions['workflows'] = [
  plain,
  retried,
  twoClocks('waiting'),
  twoClocks('paused'),
  backoff,
  cancelled,
  continued,
  foreign,
]

export interface Written {
  /** Entries of each run that is left, as the engine reads them. */
  readonly entries: ReadonlyMap<string, readonly RunEntry[]>
  readonly openings: number
  readonly removed: readonly string[]
}

/** An engine, the clock it goes by, and what it has told so far. */
class Scene {
  readonly engine: Engine
  readonly #clock: VirtualClock
  readonly #told: RunEntry[] = []

  constructor(engine: Engine, clock: VirtualClock) {
    this.engine = engine
    this.#clock = clock
    void this.#listen()
  }

  /** Time passes by so much with each look that `until` takes. */
  pace = 0

  /** Waits for an entry of each of these runs. */
  async until(type: string, ...runs: readonly string[]): Promise<void> {
    const seen = (run: string): boolean =>
      this.#told.some(entry => entry.run === run && entry.type === type)
    const t=Date.now(); while (!runs.every(seen)) {
 if (Date.now()-t>3000) throw new Error('WAIT '+type)

      await new Promise(resolve => setImmediate(resolve))
      this.#clock.pass(this.pace)
    }
  }

  pass(ms: number): void {
    for (let left = ms; left > 0; ) left -= this.#clock.pass(left)
  }

  async #listen(): Promise<void> {
    for await (const entry of this.engine.subscribe()) this.#told.push(entry)
  }
}

/** Writes a journal that holds every kind of entry and of value, in several openings. */
export async function writeJournal(path: string): Promise<Written> {
  const clock = new VirtualClock()
  let ids = 0
  const open = async (first: string): Promise<Scene> => {
    const engine = await openEngine({
      path, logger: console,
      durability: 'os',
      retention: '1h',
      clock,
      ids: { run: () => `run_${ids++}`, journal: () => 'J' },
      workflows: [...LIVELY, failing({ count: 0 }), changing(first)],
    })
    return new Scene(engine, clock)
  }
  await begin(await open('old'))
  await change(await open('new'))
  const entries = await carryOn(await open('old'))
  return { entries, openings: 3, removed: ['again'] }
}

const CHANGING = ['taken-back', 'left', 'dropped']

async function begin(scene: Scene): Promise<void> {
  const { engine } = scene
  await (await engine.start(plain, {}, { id: 'again' })).result()
  scene.pass(7_200_000)
  await engine.gc()
  for (const id of CHANGING) await engine.start(changing('old'), undefined, { id })
  await scene.until('timer.set', ...CHANGING)
  await engine.close()
}

async function change(scene: Scene): Promise<void> {
  scene.pace = 60_000
  await scene.until('run.parked', ...CHANGING)
  await scene.until('timer.fired', ...CHANGING)
  await scene.engine.close()
}

async function carryOn(scene: Scene): Promise<Written['entries']> {
  const { engine } = scene
  await engine.retry('taken-back')
  await engine.cancel('dropped', 'no use')
  for (const each of LIVELY)
    await engine.start(each, each === plain ? everyKind() : 0, { id: each.id })
  await engine.start(failing({ count: 0 }), undefined, { id: 'failing' })
  await engine.start(plain, { n: 2 }, { id: 'again' })
  await scene.until('step.failed', 'retried', 'backoff')
  await scene.until('code.failed', 'failing')
  await engine.cancel('cancelled', 'no more')
  await engine.pause('paused')
  await scene.until('timer.set', 'cancelled')
  scene.pass(10_000)
  await scene.until('timer.fired', 'paused', 'waiting')
  await engine.pause('waiting')
  await engine.resume('waiting')
  await scene.until('run.completed', 'taken-back', 'plain', 'retried', 'again', 'foreign')
  await scene.until('run.failed', 'failing')
  await scene.until('run.cancelled', 'cancelled')
  await (await engine.run('continued')).result()
  const entries = new Map<string, RunEntry[]>()
  for await (const { id } of engine.runs()) {
    const own: RunEntry[] = []
    for await (const entry of (await engine.run(id)).entries()) own.push(entry)
    entries.set(id, own)
  }
  await engine.close()
  return entries
}
