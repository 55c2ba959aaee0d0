import { inspect } from 'node:util'
import { crc32 } from 'node:zlib'
import { NonRetriableError, type WorkflowContext } from 'perdure'
import type { StepAttempt } from '../../src/define/context.ts'
import type { RunData, Stage } from './calls.ts'
import { type EventNode, isEventNode } from './event-nodes.ts'
import { callOf, told } from './event-player.ts'
import type { Gathering, Node, Program, StepNode, TopNode } from './program.ts'

export class ProgramError extends Error {
  override readonly name = 'ProgramError'
}

/** The function of a workflow that does what the program says. Its output tells what it saw. */
export const interpret =
  ({ parts, continues }: Pick<Program, 'parts' | 'continues'>, stage: Stage) =>
  async ({ event, step, run }: WorkflowContext<RunData>): Promise<unknown> => {
    const life = stage.born(run.id)
    const play = new Play(run.id, step, stage, event.data)
    const output: unknown[] = []
    for (const [at, part] of parts.entries()) output.push(await play.top(part, String(at), life))
    const { left } = event.data
    if (left > 0) await step.continueAsNew({ ...event.data, left: left - 1 })
    return { output, continues }
  }

class Play {
  readonly #run: string
  readonly #step: WorkflowContext['step']
  readonly #stage: Stage
  readonly #facts: Partial<RunData>
  readonly #calls = new Map<string, number>()
  #trail = 0

  constructor(
    run: string,
    step: WorkflowContext['step'],
    stage: Stage,
    facts: Partial<RunData> | undefined,
  ) {
    this.#run = run
    this.#step = step
    this.#stage = stage
    this.#facts = facts ?? {}
  }

  async top(part: TopNode, path: string, life: number): Promise<unknown> {
    switch (part.kind) {
      case 'dies':
        if (life <= part.lives) throw new ProgramError(`died in life ${life}`)
        return 'lived'
      case 'foreign':
        await this.#stage.foreign()
        return 'foreign'
      case 'fickle':
        return this.#step.run(`fickle-${life}`, () => life)
      default:
        return this.#node(part, path)
    }
  }

  async #node(node: Node, path: string): Promise<unknown> {
    if (isEventNode(node)) return this.#event(node)
    switch (node.kind) {
      case 'step':
        return this.#call(node, path)
      case 'sleep':
        return this.#wait(node.id, this.#step.sleep(node.id, node.ms))
      case 'sleepUntil':
        return this.#wait(
          node.id,
          this.#step.sleepUntil(node.id, this.#step.now().getTime() + node.ms),
        )
      case 'chance':
        return this.#saw([this.#step.now(), this.#step.random(), this.#step.uuid()])
      case 'throws':
        if (node.retriable) throw new ProgramError('thrown')
        throw new NonRetriableError('thrown')
      case 'loop': {
        const turns: unknown[] = []
        for (let i = 0; i < node.times; i++) turns.push(await this.#node(node.body, `${path}#${i}`))
        return turns
      }
      case 'try':
        return this.#try(node, path)
      default:
        return this.#gather(node.kind, node.parts, path)
    }
  }

  async #gather(how: Gathering, parts: readonly Node[], path: string): Promise<unknown> {
    const branch = (at: number): Promise<unknown> =>
      this.#node(parts[at] ?? { kind: 'chance' }, `${path}.${at}`)
    if (how === 'sequence') {
      const results: unknown[] = []
      for (const at of parts.keys()) results.push(await branch(at))
      return results
    }
    const branches = parts.map((_, at) => branch(at))
    switch (how) {
      case 'all':
        return Promise.all(branches)
      case 'race':
        return Promise.race(branches.map(async (each, at) => [at, await each]))
      case 'any':
        return Promise.any(branches)
      case 'allSettled': {
        const settled = await Promise.allSettled(branches)
        return settled.map(each =>
          each.status === 'fulfilled' ? { value: each.value } : { error: nameOf(each.reason) },
        )
      }
      default:
        return how satisfies never
    }
  }

  async #try(node: Node & { kind: 'try' }, path: string): Promise<unknown> {
    const { body, rescue, cleanup } = node
    try {
      return await this.#node(body, `${path}t`)
    } catch (error) {
      if (rescue === undefined) throw error
      const caught = this.#saw(nameOf(error))
      return { caught, instead: await this.#node(rescue, `${path}r`) }
    } finally {
      if (cleanup !== undefined) await this.#step.shield(() => this.#node(cleanup, `${path}f`))
    }
  }

  async #wait(id: string, answer: Promise<void>): Promise<unknown> {
    this.#occurrence(id, answer)
    await answer
    return this.#saw('waited')
  }

  async #event(node: EventNode): Promise<unknown> {
    const facts = this.#facts
    const answer = callOf(node, this.#step, facts, this.#stage)
    if (answer === undefined) return 'too far'
    const step = this.#occurrence(node.id, answer)
    if (step !== undefined) this.#stage.asks({ run: this.#run, step, node, facts })
    const what = await answer
    if (step !== undefined) this.#stage.heard(this.#run, step, what)
    return told(node, this.#saw(what))
  }

  async #call(node: StepNode, path: string): Promise<unknown> {
    const input = `${path} ${this.#trail}`
    const { retries, backoff, timeout } = node
    let step = ''
    const body = (attempt: StepAttempt): unknown =>
      this.#stage.body({ run: this.#run, step, node, path, input }, attempt)
    const answer = this.#step.run(node.id, body, {
      retries,
      backoff: [backoff],
      ...(timeout !== undefined && { timeout }),
    })
    step = this.#occurrence(node.id, answer) ?? node.id
    const value = await answer
    return this.#saw(value, { node, step })
  }

  #saw<Value>(what: Value, from?: { node: StepNode; step: string }): Value {
    this.#trail = crc32(inspect(what, { depth: 5 }), this.#trail)
    this.#stage.saw(this.#run, what, from)
    return what
  }

  // As the engine counts it: none of the ids has a number of its own, and a call that it refuses,
  // which shows by its promise being rejected at once, does not count.
  #occurrence(id: string, answer: Promise<unknown>): string | undefined {
    if (inspect(answer, { depth: 0 }).includes('<rejected>')) return undefined
    const before = this.#calls.get(id) ?? 0
    this.#calls.set(id, before + 1)
    return before === 0 ? id : `${id}:${before}`
  }
}

/** What can be told of an error, whatever class it is of: errors that were stored keep their name. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const attempts = 'attempts' in error ? ` after ${String(error.attempts)}` : ''
  return `${error.name}${attempts}: ${error.message}`
}
