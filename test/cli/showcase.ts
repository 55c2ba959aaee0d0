import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type Engine,
  event,
  NonRetriableError,
  openEngine,
  type Workflow,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { type HandClock, handClock } from '../journal/hand-clock.ts'
import { perdure } from './perdure.ts'

type Context<Data = unknown> = WorkflowContext<Data>

const START = Date.UTC(2030, 0, 1)
/** When all of it has happened. */
export const NOW = START + 2 * 3_600_000

const placed = event<'shop/placed', { order: string; total: number; password: string }>(
  'shop/placed',
)
const picked = event<'shop/picked', { order: string }>('shop/picked')
const approved = event<'docs/approved', { id: number; by: string }>('docs/approved')

/** Code of users is where the command is called, so that what names it is the same everywhere. */
const SOURCES = {
  'ship.ts': `export const ship = async (order: Order): Promise<Label> => {
  const answer = await carrier.post('/labels', order)
  if (!answer.ok) {
    throw new CarrierDown(\`POST /labels: \${answer.status}\`)
  }
  return answer.label
}
`,
  'reindex.mjs': `export const before = async ({ step }) => {
  await step.run('prepare', () => 1)
  await step.sleep('night', '1h')
}

export const after = async ({ step }) => {
  await step.run('lock', () => 1)
  await step.sleep('night', '1h')
}
`,
  'workflows.mjs': `import { after } from './reindex.mjs'

const workflow = (id, code) =>
  ({ id, code, retry: { retries: 4, backoff: [] }, triggers: [], cancelOn: [] })

export const reindex = workflow('reindex', after)
export const sitemap = workflow('sitemap', ({ step }) => step.sleep('rest', '12h'))
export const sync = workflow('sync-account', ({ step }) => step.sleep('pause', '3h'))
`,
}

class CarrierDown extends NonRetriableError {}

/** What is stored of an error is the same on all machines but for the directory. */
function thrownAt<Thrown extends Error>(error: Thrown, file: string, line: string): Thrown {
  error.stack = `${error.name}: ${error.message}\n    at ship (${join(file, line)})`
  return error
}

type Code = (context: Context) => Promise<unknown>

/** The workflows; `code`: what one of them does, which is changed after a while. */
function flows(root: string, clock: HandClock, code: Code) {
  const after = (ms: number): Promise<void> => new Promise(resolve => void clock.alarm(ms, resolve))
  const never = (): Promise<void> => new Promise(() => {})

  const greeting = workflow(
    { id: 'greeting', triggers: event('app/hello') },
    async ({ step }: Context) => step.run('compose', () => 'Hello Ada'),
  )
  const fulfil = workflow(
    { id: 'fulfil-order', triggers: placed, backoff: ['1s', '2s'] },
    async ({ step }) => {
      await step.run('reserve-stock', () => after(212))
      await step.run('charge-card', async ({ attempt }) => {
        if (attempt > 0) return { charge: 'ch_1', cardNumber: '4111' }
        throw thrownAt(new TypeError('the bank does not answer'), root, 'src/bank.ts:7:9')
      })
      await Promise.all([
        step.run('mail-receipt', () => after(230)),
        step.run('mail-warehouse', () => after(504)),
      ])
      await step.waitForEvent('picked', { event: picked, match: 'data.order', timeout: '24h' })
      await step.run('ship', () => {
        throw thrownAt(new CarrierDown('POST /labels: 503'), root, 'src/ship.ts:4:11')
      })
    },
  )
  const importing = workflow({ id: 'import-csv' }, async ({ step }: Context) => {
    await step.sleep('cool-off', '30d')
  })
  const reindex = workflow({ id: 'reindex' }, code)
  const approval = workflow({ id: 'approval' }, async ({ step }: Context<{ id: number }>) => {
    await step.waitForEvent('approved', { event: approved, match: 'data.id', timeout: '2d' })
  })
  const signing = workflow({ id: 'signing' }, async ({ step }: Context) =>
    step.waitForSignal('signed', { signal: 'contract/42', timeout: '1d' }),
  )
  const render = workflow({ id: 'render-pages' }, async ({ step }: Context) => {
    await step.run('render', never)
  })
  const digest = workflow({ id: 'nightly-digest' }, async ({ step }: Context) => {
    await step.invoke('pages', { workflow: render, data: { pages: 12 } })
  })
  const billing = workflow({ id: 'billing', backoff: ['1h'] }, async ({ step }: Context) =>
    step.run('charge', () => {
      throw thrownAt(new RangeError('card reader is offline'), root, 'src/billing.ts:3:11')
    }),
  )
  const sync = workflow(
    { id: 'sync-account', concurrency: { limit: 1, per: 'run' } },
    async ({ step }: Context) => {
      await step.sleep('settle', '3h')
    },
  )
  const sitemap = workflow(
    { id: 'sitemap', singleton: { mode: 'skip' } },
    async ({ step }: Context) => {
      await step.sleep('rest', '12h')
    },
  )
  const feed = workflow({ id: 'poll-feed' }, async ({ event, step }: Context<number>) => {
    if (event.data > 0) return 'enough'
    return step.continueAsNew(event.data + 1)
  })
  return {
    ...{ greeting, fulfil, importing, reindex, approval, signing, render, digest, billing, sync },
    ...{ sitemap, feed },
  }
}

type Written = Record<'before' | 'after', Code>

/** Opens it; ids are counted from `first` on. */
function openShop(path: string, root: string, clock: HandClock, code: Code, first: number) {
  let count = first
  const next = (what: string) => (): string => `${what}-${count++}`
  const ids = { run: next('run'), event: next('evt'), journal: () => 'showcase' }
  const workflows = Object.values(flows(root, clock, code))
  return openEngine({ path, clock, ids, retention: '30d', workflows })
}

/** A journal with a run of every status, and all that a run may wait for. */
export class Showcase {
  readonly #root: string
  readonly #code: Written
  readonly #engines: Engine[] = []

  private constructor(root: string, code: Written) {
    this.#root = root
    this.#code = code
  }

  static async open(): Promise<Showcase> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'perdure-shown-')))
    await mkdir(join(root, 'src'))
    for (const [name, text] of Object.entries(SOURCES))
      await writeFile(join(root, 'src', name), text)
    const code: Written = await import(pathToFileURL(join(root, 'src/reindex.mjs')).href)
    const shop = new Showcase(root, code)
    const engine = await shop.#record(join(root, 'data'))
    await shop.#copy('data', 'killed')
    await engine.close()
    const { out } = await perdure(['dump', 'killed', '--json'], { scratch: root })
    await writeFile(join(root, 'dump.ndjson'), out)
    await shop.#copy('killed', 'damaged')
    await damage(join(root, 'damaged'), 'e!digest-jan!0000000000')
    return shop
  }

  /** Where commands are called. */
  get root(): string {
    return this.#root
  }

  /** All situations for one who calls commands, who may change them. */
  async situations(name: string): Promise<void> {
    await this.#copy('killed', `killed-${name}`)
    await this.#copy('killed', `data-${name}`)
    const clock = handClock(NOW)
    const { after } = this.#code
    this.#engines.push(
      await openShop(join(this.#root, `data-${name}`), this.#root, clock, after, 100),
    )
  }

  async end(): Promise<void> {
    for (const engine of this.#engines) await engine.close()
    await rm(this.#root, { recursive: true, force: true })
  }

  #copy(from: string, to: string): Promise<void> {
    const [source, target] = [join(this.#root, from), join(this.#root, to)]
    return cp(source, target, { recursive: true, filter: path => !path.endsWith('.sock') })
  }

  async #record(path: string): Promise<Engine> {
    const [root, clock] = [this.#root, handClock(START)]
    const all = flows(root, clock, this.#code.before)
    let engine = await openShop(path, root, clock, this.#code.before, 10)
    const start = async <Data>(
      flow: Workflow<Data, unknown>,
      id: string,
      data: Data,
      entries = 3,
    ) => {
      await (engine.start as (...given: unknown[]) => Promise<unknown>)(flow, data, { id })
      await reached(engine, id, entries)
    }
    const pass = async (ms: number, run: string, entries: number) => {
      clock.advance(ms)
      await reached(engine, run, entries)
    }
    await start(all.greeting, 'greet-ada', { name: 'Ada' }, 5)
    await engine.send({
      ...placed({ order: 'ord_8812', total: 129.5, password: 'hunter2' }),
      id: 'e1',
    })
    await reached(engine, 'run-10', 3)
    await pass(212, 'run-10', 6)
    await pass(1_000, 'run-10', 10)
    await pass(230, 'run-10', 11)
    await pass(274, 'run-10', 13)
    await engine.send({ ...picked({ order: 'ord_8812' }), id: 'e2' })
    await reached(engine, 'run-10', 17)
    await start(all.importing, 'import-csv-2', { file: 'people.csv' })
    clock.advance(41_000)
    await (await engine.run('import-csv-2')).cancel('wrong file')
    await reached(engine, 'import-csv-2', 5)
    await start(all.feed, 'feed-0', 0, 3)
    await reached(engine, 'run-11', 3)
    await start(all.reindex, 'reindex-7', { index: 'people' }, 5)
    await engine.close()
    clock.advance(NOW - 60_000 - clock.wall())
    engine = await openShop(path, root, clock, this.#code.after, 20)
    await reached(engine, 'reindex-7', 7)
    await start(all.approval, 'approval-17', { id: 17 })
    await engine.send([
      { ...approved({ id: 16, by: 'ada' }), id: 'e3' },
      { ...approved({ id: 18, by: 'alan' }), id: 'e4' },
    ])
    clock.advance(4_000)
    await start(all.signing, 'contract-42', null)
    await start(all.digest, 'digest-jan', { day: '2030-01-01' })
    await reached(engine, 'run-20', 3)
    clock.advance(9_000)
    await start(all.billing, 'invoice-3', { invoice: 'i-3', cents: 3900 }, 4)
    await start(all.sync, 'sync-ada', { account: 'ada' }, 4)
    await start(all.sync, 'sync-alan', { account: 'alan' }, 2)
    clock.advance(2_000)
    await start(all.sitemap, 'sitemap-1', null, 4)
    await start(all.sitemap, 'sitemap-2', null, 2)
    await start(all.approval, 'approval-18', { id: 99 })
    await engine.pause('approval-18')
    await engine.schedules.create({ id: 'nightly', cron: '0 3 * * *', workflow: all.digest })
    return engine
  }
}

/** Flips a bit of a row, where the files of a journal hold it. */
async function damage(dir: string, key: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!name.endsWith('.log')) continue
    const bytes = await readFile(join(dir, name))
    const at = bytes.indexOf(key)
    if (at === -1) continue
    bytes[at + 40]! ^= 1
    await writeFile(join(dir, name), bytes)
    return
  }
  throw new Error(`no log has ${key}`)
}

/** Waits until the run has as many entries. */
async function reached(engine: Engine, run: string, entries: number): Promise<void> {
  for (;;) {
    for await (const summary of engine.runs()) {
      if (summary.id === run && summary.entries >= entries) return
    }
    await new Promise(resolve => setImmediate(resolve))
  }
}
