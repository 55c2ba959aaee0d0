import type { SkipReason } from '../../journal/admission-entry.ts'
import type { Flow } from '../define/flow/flow.ts'
import { Backlogs } from './backlogs.ts'
import type { Crowd } from './crowds.ts'
import { Gatherers } from './gatherers.ts'
import { batched, debounced, type Gathered } from './gathering.ts'
import { Heirs } from './heirs.ts'
import { parseLimitId, SHARED } from './limit-id.ts'
import type { StepRoom } from './limits.ts'
import { Lobby } from './lobby.ts'
import { Marks } from './marks.ts'
import { type RunPassage, rankOf } from './passage.ts'
import { isDrained, isHeldUp } from './pause.ts'
import { rationed } from './rationed.ts'
import type { Request } from './request.ts'
import { Rulebook } from './rulebook.ts'
import { type SingletonDecision, singleton } from './singleton.ts'
import { isShared, singleOf, TermsBook } from './terms.ts'

/** What becomes of an arrival before it may begin. */
export type Verdict = { readonly kind: 'enter'; readonly closes?: string } | Skipped | Gathered

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
  readonly passage: RunPassage
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
  readonly backlog: Crowd
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
  readonly backlogs: Backlogs
  readonly #heirs = new Heirs()
  readonly terms = new TermsBook()

  constructor({ workflows, steps, backlog }: AdmissionOptions) {
    this.rules = new Rulebook(workflows)
    this.lobby = new Lobby(this.rules, this.marks, steps)
    this.backlogs = new Backlogs(backlog, this.rules, this.lobby, this.gatherers)
  }

  /** Before it can begin, or gather, or be gathered. */
  arrive(request: Request): Verdict {
    const { run, workflow, flow, isChild } = request
    if (!isChild && this.#drains(workflow)) return skip('draining')
    const refused = rationed(request, this.marks)
    if (refused !== undefined) return refused
    const gathered =
      flow.batch !== undefined
        ? batched(request, flow.batch, this.gatherers)
        : flow.debounce && debounced(request, flow.debounce, this.gatherers, this.marks)
    // What has joined another run has none of its own.
    if (gathered?.kind === 'join') this.marks.claims.handOver(run, gathered.run)
    if (gathered?.kind === 'skip') this.marks.claims.giveBack(run)
    // Whoever asks what it will come under when it begins need not read it.
    if (gathered?.kind === 'gather' && flow.batch !== undefined) {
      this.gatherers.know(run, this.terms.of(request))
    }
    return gathered ?? ENTER
  }

  /** Once nothing more is gathered for it. */
  enter(request: Request): Entrance {
    const entrance = this.#enter(request)
    const { claims } = this.marks
    if (entrance.kind === 'skip') claims.giveBack(request.run)
    else claims.settle(request.run)
    return entrance
  }

  #enter(request: Request): Entrance {
    const { flow, run, workflow, now } = request
    const id = singleOf(request)
    const decision = this.decide(id, request)
    if (decision?.kind === 'skip') return skip('singleton', decision.by)
    const passage = this.terms.passageOf(request, id)
    const holds = isShared(flow) ? [] : id
    const cancel = decision?.kind === 'wait' ? [decision.cancels] : []
    const entered = { passage, holds, cancel, rank: rankOf(request) }
    const begins = this.lobby.passes(run, passage, now.elapsed)
    if (!begins && this.backlogs.isOver(workflow, insteadOf(request, cancel, this.lobby))) {
      return skip('backlog')
    }
    for (const other of cancel) this.lobby.replace(workflow, other)
    this.lobby.holders.hold(run, holds)
    // The next one takes the place of this, whether it waits or not.
    if (isShared(flow)) this.inherit(run, id)
    if (begins) return { kind: 'begin', ...entered }
    this.lobby.wait(run, passage, request.bytes, id.length > 0)
    return { kind: 'wait', ...entered }
  }

  /**
   * Lets an arrival begin that no stage but the last has a say in, if that one has room. Of what it
   * takes nothing is remembered but that the run has it.
   */
  pass(request: Request): RunPassage | undefined {
    const { flow, run, workflow, now } = request
    if (!isPlain(flow) || this.#drains(workflow)) return undefined
    const passage = this.passage(request)
    return this.lobby.passes(run, passage, now.elapsed) ? passage : undefined
  }

  /** Whether runs of a workflow may be held up at all: those of others just begin. */
  concerns(workflow: string): boolean {
    // Nobody can say what an unknown workflow allows: its runs wait for an engine that knows it.
    return (
      !this.rules.knows(workflow) ||
      this.rules.flowOf(workflow) !== undefined ||
      this.lobby.crowd(workflow).runs > 0 ||
      isHeldUp(this.marks, SHARED) ||
      isHeldUp(this.marks, workflow)
    )
  }

  #drains(workflow: string): boolean {
    return isDrained(this.marks, SHARED) || isDrained(this.marks, workflow)
  }

  /** As the journal has it: a run that waits for the one to end that it takes the place of. */
  inherit(run: string, holds: readonly string[]): void {
    for (const id of holds) if (parseLimitId(id)?.kind === 'singleton') this.#heirs.add(id, run)
  }

  /** A run has ended, or waits no more. */
  ended(run: string): void {
    this.gatherers.end(run)
    this.marks.claims.settle(run)
    this.lobby.ended(run)
    this.#heirs.remove(run)
  }

  /** What a run must pass. */
  passage(request: Request): RunPassage {
    return this.terms.passageOf(request, isShared(request.flow) ? singleOf(request) : [])
  }

  /** What becomes of a run of a singleton as such, if it is of one. Changes nothing. */
  decide([id]: readonly string[], { flow, run }: Request): SingletonDecision | undefined {
    const rule = flow.singleton
    if (rule === undefined || id === undefined) return undefined
    const next = this.#heirs.of(id)
    const holder = this.lobby.holders.of(id)[0] ?? next
    const state = holder === undefined ? undefined : { holder, ...(next !== undefined && { next }) }
    return singleton(state, rule, run).decision
  }
}

/** Whether all that stands in the way of its runs is how many are at work. */
const isPlain = (flow: Flow): boolean =>
  flow.rateLimit === undefined &&
  flow.idempotency === undefined &&
  flow.batch === undefined &&
  flow.debounce === undefined &&
  flow.singleton === undefined &&
  flow.throttle === undefined

/** How much more waits if one waits in the place of others. */
const insteadOf = ({ bytes }: Request, others: readonly string[], { standing }: Lobby): Crowd =>
  others
    .map(standing)
    .reduce((more, less) => ({ runs: more.runs - less.runs, bytes: more.bytes - less.bytes }), {
      runs: 1,
      bytes,
    })

const ENTER = { kind: 'enter' } as const

const skip = (reason: SkipReason, by?: string): Skipped => ({
  kind: 'skip',
  reason,
  ...(by !== undefined && { by }),
})
