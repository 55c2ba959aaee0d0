import {
  type Duration,
  event,
  type FlowOptions,
  type MadeEvent,
  type ReceivedEvent,
  workflow,
} from 'perdure'
import { type TestEngine, type TestEngineOptions, type TestRun, testEngine } from 'perdure/testing'
import { decodeValue } from '../../journal/codec/decode.ts'
import type { AnyWorkflow } from '../../src/define/workflow.ts'

/** What a run is to do. */
export interface Job {
  readonly name: string
  /** For keys. */
  readonly key?: unknown
  /** For priorities. */
  readonly seconds?: unknown
  /** How long it sleeps between its first and its last step. */
  readonly takes?: Duration
  /** It has a step that executes until it is told to end. */
  readonly works?: boolean
  /** It fails in the end. */
  readonly fails?: boolean
}

export const job = event<'job', Job>('job')

export type Tell = (what: string) => void
export type Make = (tell: Tell) => AnyWorkflow

type JobOptions = FlowOptions<ReceivedEvent<'job' | 'perdure/run.scheduled', Job>> & {
  readonly id?: string
}

/**
 * A workflow that tells when its runs begin and end: `+a`, `-a`. One that was gathered tells of all
 * its events: `+a,b`.
 */
export const jobs =
  ({ id = 'jobs', ...flow }: JobOptions = {}) =>
  (tell: Tell) =>
    workflow({ id, triggers: job, retries: 0, ...flow }, async ({ event, events, step }) => {
      const name = events.map(({ data }) => data.name).join()
      const { takes, works, fails } = event.data
      await step.run('begin', () => tell(`+${name}`))
      if (takes !== undefined) await step.sleep(takes)
      if (works) await step.run('work', () => name)
      await step.run('end', () => tell(`-${name}`))
      if (fails) throw new Error(`${name} fails`)
      return name
    })

/** A job, or just its name; `at`: the second at which it happened, as its sender says. */
type Sent = string | (Job & { readonly id?: string; readonly at?: number })

const T0 = Date.UTC(2026, 0, 1)

/** An engine, and what its runs tell. */
export class Story implements AsyncDisposable {
  /** `5 +a`: at the fifth second `a` began. */
  readonly told: string[] = []
  #engine: TestEngine | undefined
  readonly #working = new Map<string, () => void>()

  static async of(makes: Make | readonly Make[], options: Options = {}): Promise<Story> {
    const story = new Story()
    story.#engine = await testEngine({ ...options, workflows: story.workflows(makes) })
    for (const { id } of story.workflows(makes)) {
      story.engine.steps.stub(id, 'work', ({ body, signal }) => {
        const name = String(body())
        return new Promise<void>((resolve, reject) => {
          story.#working.set(name, resolve)
          signal.addEventListener('abort', () => {
            story.#working.delete(name)
            reject(signal.reason)
          })
        })
      })
    }
    return story
  }

  get engine(): TestEngine {
    if (this.#engine === undefined) throw new Error('the story has not begun')
    return this.#engine
  }

  /** Seconds since it began. */
  get now(): number {
    return (this.engine.now.getTime() - T0) / 1_000
  }

  /** The names of those whose step executes. */
  get working(): string[] {
    return [...this.#working.keys()].sort()
  }

  /** How runs ended, in the order in which they came: `a completed`, `b skipped rate-limit`. */
  get ends(): string[] {
    return this.runs().map(run => [nameOf(run), run.status, run.reason].join(' ').trimEnd())
  }

  workflows(makes: Make | readonly Make[]): AnyWorkflow[] {
    return [makes].flat().map(make => make(what => void this.told.push(`${this.now} ${what}`)))
  }

  /** Their runs, in the order in which they came. */
  runs(workflow?: string): readonly TestRun[] {
    return this.engine.runs(workflow === undefined ? {} : { workflow })
  }

  /** The run of a name. */
  run(name: string): TestRun {
    const run = this.runs().find(run => nameOf(run) === name)
    if (run === undefined) throw new Error(`there is no run ${name}`)
    return run
  }

  /** All in one write. */
  async send(...sent: Sent[]): Promise<void> {
    await this.engine.send(sent.map(made))
    await this.engine.settle()
  }

  /** One after the other. */
  async sendEach(...sent: Sent[]): Promise<void> {
    for (const each of sent) await this.engine.send(made(each))
    await this.engine.settle()
  }

  async pass(duration: Duration): Promise<void> {
    await this.engine.advance(duration)
  }

  /** The steps that execute in runs of these names end. */
  async done(...names: string[]): Promise<void> {
    for (const name of names) {
      const end = this.#working.get(name)
      if (end === undefined) throw new Error(`${name} does not work`)
      this.#working.delete(name)
      end()
    }
    await this.engine.settle()
  }

  /** The process dies and comes back, with other workflows if they are named. */
  async crash(makes?: Make | readonly Make[]): Promise<void> {
    this.#working.clear()
    await this.engine.crash(makes === undefined ? {} : { workflows: this.workflows(makes) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close()
  }
}

type Options = Omit<TestEngineOptions, 'workflows'>

const made = (sent: Sent): MadeEvent => {
  if (typeof sent === 'string') return job({ name: sent })
  const { id, at, ...data } = sent
  const ts = at === undefined ? {} : { ts: T0 + at * 1_000 }
  return job(data, { ...(id !== undefined && { id }), ...ts })
}

/** The name of the job that a run was made for. */
export function nameOf(run: TestRun): string {
  const [first] = run.entries
  const data = first?.type === 'run.scheduled' ? decodeValue(first.data) : undefined
  return String((data as Partial<Job> | undefined)?.name ?? '')
}
