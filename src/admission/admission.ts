import type { SkipReason } from '../../journal/admission-entry.ts'
import type { Flow } from '../define/flow/flow.ts'
import { Gatherers } from './gatherers.ts'
import { batched, debounced, type Gathered } from './gathering.ts'
import { Heirs } from './heirs.ts'
import { limitId, parseLimitId, SHARED } from './limit-id.ts'
import type { StepRoom } from './limits.ts'
import { Lobby, type Passage } from './lobby.ts'
import { Marks } from './marks.ts'
import { laneOf, rankOf } from './passage.ts'
import { isDrained, isHeldUp } from './pause.ts'
import { rationed, standsFor } from './rationed.ts'
import type { Request } from './request.ts'
import { concurrencyIds, Rulebook } from './rulebook.ts'

/** What becomes of an arrival before it may begin. */
export type Verdict = { readonly kind: 'enter' } | Skipped | Gathered

export interface Skipped {
  readonly kind: 'skip'
  readonly reason: SkipReason
  /** The run that stands in its place. */
  readonly by?: string
}

/** What becomes of a run that may begin as far as what came before it is concerned. */
export type Entrance = Skipped | Entered

export interface Entered {
  readonly kind: 'begin' | 'wait'
  readonly passage: Passage
  readonly rank: number
  /** What it holds from now on, whether it waits or not. */
  readonly holds: readonly string[]
  /** Runs that have to make room for it. */
  readonly cancel: readonly string[]
}

export interface AdmissionOptions {
  readonly workflows: Iterable<{ readonly id: string; readonly flow: Flow | undefined }>
  readonly steps: StepRoom
  /** How much may wait to begin, of all workflows together. */
  readonly backlog: { readonly runs: number; readonly bytes: number }
}

/**
 * Flow control. An arrival passes the stages in this order: draining, rate limit, idempotency,
 * batch, debounce (`arrive`); then singleton, backlog, and whether there is room to begin (`enter`).
 * What it decides is to be written at once, together with the marks that have changed.
 */
export class Admission {
  readonly marks = new Marks()
  readonly gatherers = new Gatherers()
  readonly lobby: Lobby
  readonly rules: Rulebook
  readonly #backlog: AdmissionOptions['backlog']
  readonly #heirs = new Heirs()

  constructor({ workflows, steps, backlog }: AdmissionOptions) {
    this.rules = new Rulebook(workflows)
    this.lobby = new Lobby(this.rules, this.marks, steps)
    this.#backlog = backlog
  }

  /** Before it can begin, or gather, or be gathered. */
  arrive(request: Request): Verdict {
    const { workflow, flow } = request
    if (isDrained(this.marks, SHARED) || isDrained(this.marks, workflow)) return skip('draining')
    const refused = rationed(request, this.marks)
    if (refused !== undefined) return refused
    const gathered =
      flow.batch !== undefined
        ? batched(request, flow.batch, this.gatherers)
        : flow.debounce && debounced(request, flow.debounce, this.gatherers, this.marks)
    // What has joined another run has none of its own: that one stands for its key.
    if (gathered?.kind === 'join') standsFor(request, gathered.run, this.marks)
    return gathered ?? ENTER
  }

  /** Once nothing more is gathered for it. */
  enter(request: Request): Entrance {
    const { flow, run, workflow, now } = request
    const single = this.#single(request)
    const holders = single === undefined ? [] : this.#holdersOf(single)
    if (flow.singleton?.mode === 'skip' && holders[0] !== undefined) {
      return skip('singleton', holders[0])
    }
    const passage = this.#passage(request, flow.singleton?.mode === 'cancel' ? single : undefined)
    const holds = flow.singleton?.mode === 'skip' && single !== undefined ? [single] : []
    const entered = { passage, holds, cancel: holders, rank: rankOf(request) }
    if (this.lobby.isFree(passage, now.elapsed)) {
      this.lobby.pass(run, passage, now.elapsed)
      this.lobby.holders.hold(run, holds)
      return { kind: 'begin', ...entered }
    }
    if (this.isFull(workflow, request.bytes)) return skip('backlog')
    this.lobby.holders.hold(run, holds)
    if (flow.singleton?.mode === 'cancel' && single !== undefined) this.#heirs.add(single, run)
    this.lobby.wait(passage, request.bytes)
    return { kind: 'wait', ...entered }
  }

  /** Whether no more may wait to begin. */
  isFull(workflow: string, bytes: number): boolean {
    const { runs, bytes: most } = this.#backlog
    const own = this.rules.flowOf(workflow)?.backlog
    const all = this.lobby.crowd()
    const ours = this.lobby.crowd(workflow)
    return (
      all.runs >= runs ||
      all.bytes + bytes > most ||
      ours.runs >= (own?.runs ?? Number.POSITIVE_INFINITY) ||
      ours.bytes + bytes > (own?.bytes ?? Number.POSITIVE_INFINITY)
    )
  }

  /** Whether runs of a workflow may be held up at all: those of others just begin. */
  concerns(workflow: string): boolean {
    return (
      this.rules.flowOf(workflow) !== undefined ||
      this.lobby.crowd(workflow).runs > 0 ||
      isHeldUp(this.marks, SHARED) ||
      isHeldUp(this.marks, workflow)
    )
  }

  /** As the journal has it: a run that waits for the one to end that it takes the place of. */
  inherit(run: string, holds: readonly string[]): void {
    for (const id of holds) if (parseLimitId(id)?.kind === 'singleton') this.#heirs.add(id, run)
  }

  /** A run has ended, or waits no more. */
  ended(run: string): void {
    this.gatherers.end(run)
    this.lobby.ended(run)
    this.#heirs.remove(run)
  }

  #single({ flow, workflow, textOf }: Request): string | undefined {
    const rule = flow.singleton
    const value = rule && textOf(rule.key)
    if (value === undefined) return undefined
    return limitId({ kind: 'singleton', owner: workflow, keyText: rule?.key?.text ?? '', value })
  }

  #holdersOf(single: string): readonly string[] {
    const heir = this.#heirs.of(single)
    const holders = this.lobby.holders.of(single)
    return heir === undefined || holders.includes(heir) ? holders : [...holders, heir]
  }

  #passage(request: Request, single: string | undefined): Passage {
    const { flow, workflow, textOf } = request
    const limits = concurrencyIds(request, 'step')
    const holds = concurrencyIds(request, 'run')
    if (single !== undefined) holds.push(single)
    const { throttle } = flow
    const value = throttle && textOf(throttle.key)
    if (value !== undefined) {
      const keyText = throttle?.key?.text ?? ''
      limits.push(limitId({ kind: 'throttle', owner: workflow, keyText, value }))
    }
    return { workflow, limits, holds, lane: laneOf(workflow, limits, holds) }
  }
}

const ENTER = { kind: 'enter' } as const

const skip = (reason: SkipReason, by?: string): Skipped => ({
  kind: 'skip',
  reason,
  ...(by !== undefined && { by }),
})
