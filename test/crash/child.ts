import { createInterface } from 'node:readline'
import { CancelledError, type Engine, openEngine, type RunHandle } from 'perdure'
import { Dice } from './dice.ts'
import { flowsIn } from './flow-workflows.ts'
import {
  type EventPlan,
  eventPlans,
  type LifePlan,
  type RunPlan,
  runPlans,
  type WorkflowName,
} from './plan.ts'
import type { World } from './stage.ts'
import { type Strike, strikeInCommits, strikeOf } from './strike.ts'
import { hashOf, type Mark, type Note, openTrail, outcomeHash, readTrail } from './trail.ts'
import {
  relative,
  SCHEDULE,
  tick,
  type workflowsIn,
  workflowsIn as workflowsOf,
} from './workflows.ts'
import { newWorld } from './world.ts'

/**
 * The process that is killed. It reads one line, its orders, from stdin; it says `opening`, `open`,
 * `closing` on stdout; what it does it notes on the trail. Loading costs more than a life: it is
 * started ahead of time and waits for its orders.
 */
export interface Orders extends LifePlan {
  readonly dir: string
  readonly journal: string
  readonly trail: string
}

type Workflows = ReturnType<typeof workflowsIn>

class Life {
  readonly #orders: Orders
  readonly #note: Note
  readonly #strike: Strike
  readonly #world: World
  readonly #workflows: Workflows
  /** Runs that an earlier life has told what they wait for. */
  readonly #told: ReadonlySet<string>
  /** Events of which an earlier life knew that they had been taken. */
  readonly #sent: ReadonlySet<string>

  constructor(orders: Orders) {
    this.#orders = orders
    this.#note = openTrail(orders.trail)
    const lines = readTrail(orders.trail).flat()
    const marked = (mark: Mark): ReadonlySet<string> =>
      new Set(lines.flatMap(line => (line.mark === mark ? (line.words[0] ?? '') : [])))
    this.#told = marked('P')
    this.#sent = marked('V')
    this.#strike = strikeOf(orders.death, this.#note)
    const { seed, life, dir } = orders
    const name = `${seed}.${life}`
    this.#world = newWorld({ dir, name, note: this.#note, strike: this.#strike })
    this.#workflows = workflowsOf(this.#world)
  }

  async live(): Promise<void> {
    const { seed, life, calm, closeAfter } = this.#orders
    this.#note('L', life)
    strikeInCommits(this.#strike)
    say('opening')
    const engine = await this.#open()
    say('open')
    void this.#follow(engine)
    const earlier = Array.from({ length: life }, (_, at) => runPlans(seed, at)).flat()
    const own = calm ? [] : runPlans(seed, life)
    const times = { cron: '* * * * * *', missed: 'all' } as const
    const busy = [
      leave(() => engine.schedules.create({ id: SCHEDULE, workflow: tick, ...times })),
      ...earlier.map(plan => this.#again(engine, plan)),
      ...own.map(plan => later(plan.after).then(() => this.#start(engine, plan))),
      ...this.#events().map(plan => later(plan.after).then(() => this.#send(engine, plan))),
    ]
    if (closeAfter !== undefined) await later(closeAfter)
    else await Promise.all(busy)
    if (calm) while (engine.stats().runs > 0) await later(2)
    else if (closeAfter === undefined) return
    await this.#close(engine)
  }

  #open(): Promise<Engine> {
    const { journal, residentRuns } = this.#orders
    const note = (facts: object, message: string): void =>
      this.#note('N', hyphened(message), hyphened(JSON.stringify(facts, withStack)))
    return openEngine({
      path: journal,
      workflows: [...Object.values(this.#workflows), ...flowsIn(this.#world), relative, tick],
      // Who kills is outside, though it often looks as if it were a run.
      limits: { residentRuns, deathsPerRun: 1_000_000 },
      logger: { debug() {}, info() {}, warn: note, error: note },
    })
  }

  async #follow(engine: Engine): Promise<void> {
    for await (const entry of engine.subscribe()) {
      this.#note('S', entry.run, entry.seq, hashOf(entry))
      this.#strike('shown')
    }
  }

  async #start(engine: Engine, plan: RunPlan): Promise<void> {
    const { id, workflow, data } = plan
    this.#note('a', id, hashOf(data))
    const run = await leave(() => engine.start(this.#workflows[workflow], data, { id }))
    if (run === undefined) return
    this.#note('A', id, hashOf(data))
    this.#strike('acknowledged')
    const observed = this.#observe(run)
    await this.#tell(engine, plan)
    if (plan.cancelAfter !== undefined) await this.#cancel(run, plan.cancelAfter)
    if (id.endsWith('3')) await this.#contradict(engine, id, workflow)
    await observed
  }

  /** A run of an earlier life, which may not have been accepted then. */
  async #again(engine: Engine, plan: RunPlan): Promise<void> {
    const { seed, life, calm } = this.#orders
    if (!calm && new Dice(seed, life, plan.id).chance(0.4)) return this.#start(engine, plan)
    const run = await leave(() => engine.run(plan.id))
    if (run === undefined) return
    const observed = this.#observe(run)
    await this.#tell(engine, plan)
    if (plan.cancelAfter !== undefined) await this.#cancel(run, plan.cancelAfter)
    await observed
  }

  /** Sends what the run waits for, until it is acknowledged and never again: it must not be lost. */
  async #tell(engine: Engine, { id, workflow }: RunPlan): Promise<void> {
    if (workflow !== 'listener' || this.#told.has(id)) return
    this.#note('p', id)
    const event = { name: 'crash/go', data: { to: id }, id: `go-${id}` }
    if ((await leave(() => engine.send(event))) === undefined) return
    this.#note('P', id)
    this.#strike('acknowledged')
  }

  /** Its own, and those of earlier lives that may not be there, or are: that must not matter. */
  #events(): readonly EventPlan[] {
    const { seed, life, calm } = this.#orders
    const dice = new Dice(seed, life, 'again')
    const earlier = Array.from({ length: life }, (_, at) => eventPlans(seed, at)).flat()
    const again = earlier.filter(({ id }) =>
      this.#sent.has(id) ? dice.chance(0.1) : calm || dice.chance(0.5),
    )
    return [...again, ...(calm ? [] : eventPlans(seed, life))]
  }

  async #send(engine: Engine, { id, workflow, key }: EventPlan): Promise<void> {
    this.#note('v', id)
    const event = { name: `crash/${workflow}`, data: { key }, id }
    if ((await leave(() => engine.send(event))) === undefined) return
    this.#note('V', id)
    this.#strike('acknowledged')
  }

  async #cancel(run: RunHandle, after: number): Promise<void> {
    await later(after)
    this.#note('c', run.id)
    if ((await leave(() => run.cancel('enough').then(() => true))) === undefined) return
    this.#note('C', run.id)
    this.#strike('acknowledged')
  }

  async #contradict(engine: Engine, id: string, workflow: WorkflowName): Promise<void> {
    const data = { n: 0, fails: 0, text: 'something else' }
    const refused = await engine.start(this.#workflows[workflow], data, { id }).then(
      () => 'accepted',
      error => error.code,
    )
    if (refused !== 'RUN_CONFLICT' && !isClosed(refused)) throw new Error(`${id}: ${refused}`)
  }

  async #observe(run: RunHandle): Promise<void> {
    const outcome = await run.result().then(
      output => ({ output }),
      error => ({ error }),
    )
    if ('error' in outcome && isClosed(outcome.error.code)) return
    if ('error' in outcome && !(outcome.error instanceof CancelledError)) throw outcome.error
    this.#note('R', run.id, outcomeHash(outcome))
  }

  async #close(engine: Engine): Promise<void> {
    say('closing')
    const closing = engine.close()
    let over = false
    void closing.then(() => {
      over = true
    })
    while (!over) {
      this.#strike('close')
      await new Promise(resolve => setImmediate(resolve))
    }
    await closing
    process.exit(0)
  }
}

const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const say = (word: string): void => void process.stdout.write(`${word}\n`)

const isClosed = (code: unknown): boolean =>
  code === 'ENGINE_CLOSED' || code === 'JOURNAL_CLOSED' || code === 'NOT_ACCEPTED' || isGone(code)
const isGone = (code: unknown): boolean => code === 'LEVEL_DATABASE_NOT_OPEN'

const hyphened = (text: string): string => text.replaceAll(/\s+/g, '-')
const withStack = (_key: string, value: unknown): unknown =>
  value instanceof Error ? value.stack : value

/** `undefined` when the engine closes first, or there is no such run. */
async function leave<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask()
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (isClosed(code) || code === 'RUN_NOT_FOUND') return undefined
    throw error
  }
}

// What nobody handles, a run that fails or parks included, has to end the process with a code that shows.
process.on('unhandledRejection', error => {
  console.error(error)
  process.exit(1)
})

for await (const line of createInterface({ input: process.stdin })) {
  await new Life(JSON.parse(line) as Orders).live()
}
