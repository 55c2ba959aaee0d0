import type { GatherSet } from '../../journal/admission-entry.ts'
import type { Batch } from '../define/flow/batch.ts'
import type { Debounce } from '../define/flow/debounce.ts'
import { batch } from './batch.ts'
import { type DebounceState, debounce } from './debounce.ts'
import type { Gatherers, Gathering } from './gatherers.ts'
import { limitId } from './limit-id.ts'
import type { Memory } from './marks.ts'
import type { Request } from './request.ts'

/** It gathers from now on, or goes to a run that does, or is skipped, or goes on by itself. */
export type Gathered = Gather | Join | Alone | { kind: 'skip'; reason: 'debounce'; by: string }

/** It is not gathered, but a run that gathers takes nothing more because of it. */
export interface Alone {
  readonly kind: 'enter'
  readonly closes: string
}

export interface Gather {
  readonly kind: 'gather'
  readonly set: GatherSet
  /** A run that gathers no more: this is too much for it, or comes under another rule. */
  readonly closes: string | undefined
}

export interface Join {
  readonly kind: 'join'
  /** The run that gathers. */
  readonly run: string
  /** When that is over now, if it was put off. */
  readonly due: number | undefined
  /** It is over with this. */
  readonly full: boolean
  /** Of the newest alone: this is it (`true`), or it is not needed; nothing: all are. */
  readonly wins: boolean | undefined
}

/** Nothing, if the event is none of those that are gathered. */
export function batched(request: Request, rule: Batch, gatherers: Gatherers): Gathered | undefined {
  const { run, bytes, ts, now } = request
  const key = batchId(request, rule)
  if (key === undefined) return undefined
  const known = gatherers.get(key)
  const { state, decision } = batch(known, rule, { run, bytes }, now.elapsed)
  if (decision.kind === 'join') {
    if (known !== undefined && state !== undefined) Object.assign(known, grown(state))
    if (decision.full) gatherers.end(decision.by)
    return { kind: 'join', run: decision.by, due: undefined, full: decision.full, wins: undefined }
  }
  const { due, closes } = decision
  if (closes !== undefined) gatherers.end(closes)
  // One that is full by itself just begins.
  if (decision.full) return alone(closes)
  gatherers.begin({ run, key, mode: 'all', count: 1, bytes, due, until: undefined, ts })
  const set = { type: 'gather.set', gather: 'batch', key, mode: 'all', due, ts } as const
  return { kind: 'gather', set, closes }
}

/** What it is gathered for; nothing: it is not. */
export function batchId(request: Request, rule: Batch): string | undefined {
  const value = request.textOf(rule.key)
  if (value === undefined || (rule.if !== undefined && !request.meets(rule.if))) return undefined
  const keyText = rule.key?.text ?? ''
  return limitId({ kind: 'batch', owner: request.workflow, keyText, value })
}

/** Whether it would be debounced, or skipped. Of what it would come to only `marks` get to know. */
export function isPutOff(request: Request, marks: Memory): boolean {
  const rule = request.flow.debounce
  const key = rule && debounceId(request, rule)
  if (rule === undefined || key === undefined) return false
  // What it would begin to gather would be seen by others.
  if (rule.edge === 'trailing') return true
  const { state, decision } = debounce(quietOf(marks, key), rule, request, request.now.elapsed)
  if (decision.kind === 'start') marks.claims.take(key, state)
  if (decision.kind !== 'skip') return false
  marks.set(key, state)
  marks.claims.giveBack(request.run)
  return true
}

const grown = ({ count, bytes }: Pick<Gathering, 'count' | 'bytes'>) => ({ count, bytes })

export function debounced(
  request: Request,
  rule: Debounce,
  gatherers: Gatherers,
  marks: Memory,
): Gathered | undefined {
  const { run, bytes, ts, now } = request
  const key = debounceId(request, rule)
  if (key === undefined) return undefined
  const there = openAt(gatherers.get(key), now.elapsed)
  if (there !== undefined && rule.edge === 'leading') {
    marks.claims.take(key, quietBehind(there.run, rule, now.elapsed))
    return begun(there, request, gatherers)
  }
  const known = there !== undefined && isOf(there, rule) ? there : undefined
  const before = known === undefined ? quietOf(marks, key) : gatheringOf(known, rule)
  const { state, decision } = debounce(before, rule, { run, ts }, now.elapsed)
  const closes = known === undefined ? there?.run : undefined
  if (closes !== undefined) gatherers.end(closes)
  switch (decision.kind) {
    case 'start':
      marks.claims.take(key, state)
      return undefined
    case 'skip':
      marks.set(key, state)
      return { kind: 'skip', reason: 'debounce', by: decision.by }
    case 'join': {
      const { by, due, wins } = decision
      if (known !== undefined) {
        known.count++
        known.bytes += bytes
        if (wins) Object.assign(known, { due, ts })
      }
      const needs = rule.mode === 'all' ? undefined : wins
      return { kind: 'join', run: by, due: wins ? due : undefined, full: false, wins: needs }
    }
    case 'gather': {
      const { due } = decision
      const until = rule.timeout === undefined ? undefined : now.elapsed + rule.timeout
      gatherers.begin({ run, key, mode: rule.mode, count: 1, bytes, due, until, ts })
      const last = until !== undefined && { until }
      const { mode } = rule
      const set = { type: 'gather.set', gather: 'debounce', key, mode, due, ts, ...last } as const
      return { kind: 'gather', set, closes }
    }
    default:
      return decision satisfies never
  }
}

function debounceId(request: Request, { key }: Debounce): string | undefined {
  const value = request.textOf(key)
  if (value === undefined) return undefined
  return limitId({ kind: 'debounce', owner: request.workflow, keyText: key?.text ?? '', value })
}

const quietBehind = (run: string, { period }: Debounce, now: number): DebounceState => ({
  kind: 'quiet',
  run,
  until: now + period,
})

const openAt = (there: Gathering | undefined, now: number): Gathering | undefined =>
  there !== undefined && there.due > now ? there : undefined

/** With this a run begins that gathers, since now the first is to begin at once. */
function begun({ run, mode, ts }: Gathering, request: Request, gatherers: Gatherers): Join {
  gatherers.end(run)
  const wins = mode === 'all' ? undefined : request.ts >= ts
  return { kind: 'join', run, due: undefined, full: true, wins }
}

/**
 * Whether a run gathers as the rule says now. What another one has gathered goes by the rule that it
 * was begun under: it takes no more.
 */
const isOf = ({ mode, until }: Gathering, rule: Debounce): boolean =>
  // Nobody knows any more how long one that has no end has gathered.
  rule.mode === mode && (rule.timeout === undefined || until !== undefined)

const alone = (closes: string | undefined): Alone | undefined =>
  closes === undefined ? undefined : { kind: 'enter', closes }

const quietOf = (marks: Memory, key: string): DebounceState | undefined =>
  marks.get(key) as DebounceState | undefined

function gatheringOf({ run, due, until, ts }: Gathering, { timeout }: Debounce): DebounceState {
  // As the rule counts now, whatever it said when the first event came.
  const firstAt = until === undefined || timeout === undefined ? due : until - timeout
  return { kind: 'gathering', run, firstAt, due, ts }
}
