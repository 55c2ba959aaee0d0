import type { Ledger } from '../../journal/ledger.ts'
import type { Open, OpenGather, OpenQueue } from '../../journal/pending.ts'
import { passedIn } from './commit-laws.ts'
import type { EventBook } from './event-book.ts'
import type { KEY } from './flow.ts'
import type { History } from './history.ts'

/** The kinds of what a run may wait for before it begins. */
type Before = 'start' | 'gather' | 'queue'

type Waiting = Extract<Open, { readonly kind: Before }>

const BEFORE: ReadonlySet<string> = new Set<Before>(['start', 'gather', 'queue'])

/** What a run waits for before it begins. */
export const waitsOf = ({ open }: Ledger): Waiting[] =>
  [...open.values()].filter((what): what is Waiting => BEFORE.has(what.kind))

/** Runs that wait for their turn, and have not been let in. */
export function queueOf(history: History): { ledger: Ledger; queue: OpenQueue }[] {
  const letIn = lettedIn(history.events)
  return [...history.runs.values()].flatMap(({ ledger }) => {
    const queue = waitsOf(ledger).find(what => what.kind === 'queue')
    return queue === undefined || letIn.has(ledger.run) ? [] : [{ ledger, queue }]
  })
}

/** Runs that gather, and take more. */
export function gatherersOf(history: History): { ledger: Ledger; gather: OpenGather }[] {
  const full = new Set<string>()
  const dues = new Map<string, number>()
  for (const { run, input } of history.events.inbox.values()) {
    if (input?.type === 'run.cancel_requested') full.add(run)
    if (input?.type !== 'run.joined') continue
    if (input.full) full.add(run)
    if (input.due !== undefined) dues.set(run, Math.max(dues.get(run) ?? 0, input.due))
  }
  const now = passedIn(history, history.commits.at(-1)?.epoch ?? 0)
  return [...history.runs.values()].flatMap(({ ledger }) => {
    const gather = waitsOf(ledger).find(what => what.kind === 'gather')
    const due = dues.get(ledger.run) ?? gather?.due ?? 0
    return gather === undefined || full.has(ledger.run) || due <= now ? [] : [{ ledger, gather }]
  })
}

/** Which runs hold which limits; who is let in holds what he will. */
export function holdersOf(history: History): ReadonlyMap<string, readonly string[]> {
  const holders = new Map<string, string[]>()
  const letIn = lettedIn(history.events)
  for (const { ledger } of history.runs.values()) {
    for (const what of ledger.open.values()) {
      const isHolder = what.kind === 'slot' || (what.kind === 'queue' && letIn.has(ledger.run))
      if (!isHolder) continue
      for (const id of what.holds) holders.set(id, [...(holders.get(id) ?? []), ledger.run])
    }
  }
  return holders
}

export const lettedIn = ({ inbox }: EventBook): ReadonlySet<string> =>
  new Set(
    [...inbox.values()].flatMap(({ run, input }) => (input?.type === 'run.started' ? run : [])),
  )

export interface Limited {
  readonly kind: string
  readonly owner: string
  readonly keyText: string
  readonly value: string
}

export function limitOf(id: string): Limited {
  const [kind = '', owner = '', keyText = '', value = ''] = JSON.parse(id) as string[]
  return { kind, owner, keyText, value }
}

/** How many may hold a limit, as a workflow says, or of one that is shared the most generous. */
export function mostOf(id: string, history: History, workflow?: string): number {
  const { kind, owner, keyText } = limitOf(id)
  if (kind === 'singleton') return 1
  const programs = history.plan?.programs ?? []
  const limits = programs.flatMap(({ flow }, at) => {
    const name = `w${at}`
    if (name !== (workflow ?? (owner === '*' ? name : owner))) return []
    return (flow?.concurrency ?? [])
      .filter(({ per, key = '', scope }) => {
        return per === kind && key === keyText && (scope === 'engine') === (owner === '*')
      })
      .map(({ limit }) => limit)
  })
  return Math.max(0, ...limits)
}

/** The value of a key for a run; none, if it cannot be told from what the run was started with. */
export function valueFor(key: typeof KEY | undefined, run: string, history: History) {
  if (key === undefined) return ''
  const workflow = history.run(run)?.ledger.workflow ?? ''
  const { debounce } = history.flowOf(workflow) ?? {}
  if (debounce !== undefined && debounce.key === undefined) return undefined
  const { k } = history.factsOf(run) ?? {}
  return k === undefined ? undefined : JSON.stringify(k)
}

export interface Place {
  readonly rank: number
  readonly place: number
}

/** By hand, on purpose. */
export const goesBefore = (one: Place, other: Place): boolean =>
  one.rank === other.rank ? one.place < other.place : one.rank < other.rank
