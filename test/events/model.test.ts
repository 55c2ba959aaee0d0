import fc from 'fast-check'
import { type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

/** What a run is started with, and what an event brings. */
interface Facts {
  readonly k: number
  readonly s?: string | null
  readonly n: number | string | boolean
}

interface Condition {
  readonly text: string
  /** The same, by hand: what is missing is null, but two missing ones are not equal. */
  readonly holds: (run: Facts, event: Facts) => boolean
}

const same = (a: unknown, b: unknown): boolean =>
  (a ?? null) === (b ?? null) && !(a === undefined && b === undefined)

const conditions: readonly Condition[] = [
  { text: 'true', holds: () => true },
  { text: 'event.data.k == async.data.k', holds: (run, event) => run.k === event.k },
  { text: 'event.data.s == async.data.s', holds: (run, event) => same(run.s, event.s) },
  {
    text: 'async.data.k == event.data.k && async.data.n == event.data.n',
    holds: (run, event) => run.k === event.k && run.n === event.n,
  },
  {
    text: 'async.data.n == 1 || (async.data.s == "a" && event.data.k == async.data.k)',
    holds: (run, event) => event.n === 1 || (event.s === 'a' && run.k === event.k),
  },
  {
    text: '!(async.data.k == event.data.k)',
    holds: (run, event) => run.k !== event.k,
  },
  { text: 'async.data.k in [0, event.data.k]', holds: (run, { k }) => k === 0 || k === run.k },
  { text: 'event.data.k > 5', holds: run => run.k > 5 },
]

const NAMES = ['app/a', 'app/b'] as const

type Move =
  | { kind: 'start'; facts: Facts; condition: number; name: number; timeout: number }
  | { kind: 'send'; facts: Facts; name: number; id?: number }
  | { kind: 'cancel'; run: number }
  | { kind: 'pass'; ms: number }
  | { kind: 'crash' }
  | { kind: 'settle' }

const facts: fc.Arbitrary<Facts> = fc.record(
  {
    k: fc.nat(2),
    s: fc.constantFrom('a', 'b', null),
    n: fc.constantFrom(1, 2, '1', true),
  },
  { requiredKeys: ['k', 'n'] },
)
const name = fc.nat(1)
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('start' as const),
      facts,
      name,
      condition: fc.nat(conditions.length - 1),
      timeout: fc.constantFrom(1_000, 60_000, 3_600_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record(
      { kind: fc.constant('send' as const), facts, name, id: fc.nat(3) },
      { requiredKeys: ['kind', 'facts', 'name'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), run: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(500, 1_000, 59_000, 3_600_000),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'crash' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'settle' as const }) },
)

interface Waiter {
  readonly facts: Facts
  readonly condition: Condition
  readonly name: string
  readonly deadline: number
  /** Undefined while it waits. */
  outcome?: string
}

/** A list of all waits, looked through for every event. */
class Model {
  readonly waiters: Waiter[] = []
  readonly #ids = new Set<string>()
  now = 0

  send(name: string, id: string, event: Facts, isOwnId: boolean): void {
    if (isOwnId && this.#ids.has(id)) return
    this.#ids.add(id)
    for (const waiter of this.waiters) {
      if (waiter.outcome !== undefined || waiter.name !== name) continue
      if (waiter.condition.holds(waiter.facts, event)) waiter.outcome = id
    }
  }

  pass(ms: number): void {
    this.now += ms
    for (const waiter of this.waiters) {
      if (waiter.deadline <= this.now) waiter.outcome ??= 'nothing'
    }
  }
}

const waits = workflow({ id: 'waits' }, async ({ event, step }: WorkflowContext<Started>) => {
  const { name, condition, timeout } = event.data
  const came = await step.waitForEvent('it', { event: name, if: condition, timeout })
  return came?.id ?? 'nothing'
})

type Started = Facts & { name: string; condition: string; timeout: number }

async function play(moves: readonly Move[], residentRuns: number): Promise<void> {
  const world = new World({ workflows: [waits], limits: { residentRuns } })
  await world.open()
  const model = new Model()
  for (const move of moves) await make(move, world, model)
  await world.settle()
  for (const [at, { outcome }] of model.waiters.entries()) {
    const run = await world.engine.run(`r${at}`)
    const status = await run.status()
    const found =
      status === 'completed' ? await run.result() : status === 'running' ? undefined : status
    expect(`r${at}: ${String(found)}`).toBe(`r${at}: ${String(outcome)}`)
  }
  expect(world.engine.stats().waits).toBe(
    model.waiters.filter(({ outcome }) => outcome === undefined).length,
  )
}

async function make(move: Move, world: World, model: Model): Promise<void> {
  switch (move.kind) {
    case 'start': {
      const { facts, timeout } = move
      const condition = conditions[move.condition]!
      const name = NAMES[move.name]!
      const id = `r${model.waiters.length}`
      await world.engine.start(
        waits,
        { ...facts, name, condition: condition.text, timeout },
        { id },
      )
      model.waiters.push({ facts, condition, name, deadline: model.now + timeout })
      return
    }
    case 'send': {
      const name = NAMES[move.name]!
      const own = move.id === undefined ? {} : { id: `e${move.id}` }
      const { ids } = await world.engine.send({ name, data: move.facts, ...own })
      return model.send(name, ids[0] ?? '', move.facts, move.id !== undefined)
    }
    case 'cancel': {
      const waiter = model.waiters[move.run]
      if (waiter === undefined) return
      await world.engine.cancel(`r${move.run}`)
      waiter.outcome ??= 'cancelled'
      return
    }
    case 'pass':
      await world.advance(move.ms)
      return model.pass(move.ms)
    case 'crash':
      await world.restart()
      return
    case 'settle':
      return world.settle()
    default:
      move satisfies never
  }
}

test('waits, sends, cancellations and crashes come to what a list of all waits says', async () => {
  const runs = 120 * Number(process.env.PERDURE_RUNS ?? 1)
  await fc.assert(
    fc.asyncProperty(
      fc.array(move, { minLength: 3, maxLength: 25 }),
      fc.constantFrom(1, 3, 10_000),
      play,
    ),
    { numRuns: runs },
  )
}, 3_600_000)
