import type { WorkflowContext } from 'perdure'
import type { RunData, Stage } from './calls.ts'
import { MOST_HOPS, written } from './event-facts.ts'
import type { EventNode } from './event-nodes.ts'

type Step = WorkflowContext['step']

/** Makes the call of a node; nothing if it would lead too far. */
export function callOf(
  node: EventNode,
  step: Step,
  facts: Partial<RunData>,
  stage: Stage,
): Promise<unknown> | undefined {
  switch (node.kind) {
    case 'wait': {
      const { id, name, how, timeout, back } = node
      const since = back === undefined ? {} : { since: step.now().getTime() - back }
      const options = { event: name, timeout, ...written(how), ...since }
      return step.waitForEvent(id, options as Parameters<Step['waitForEvent']>[1])
    }
    case 'any of':
      return step.waitForAny(node.id, sourcesOf(node, step))
    case 'signal':
      return step.waitForSignal(node.id, { signal: node.signal, timeout: node.timeout })
    case 'send': {
      const hops = (facts.hops ?? 0) + 1
      const events = node.events.map(({ name, k, n }) => ({ name, data: { k, n, hops } }))
      return step.sendEvent(node.id, events)
    }
    case 'invoke':
      return invoke(node, step, facts, stage)
    default:
      return node satisfies never
  }
}

function sourcesOf({ sources, timers }: EventNode & { kind: 'any of' }, step: Step) {
  const entries = [
    ...sources.map(({ name, how }, at) => [`e${at}`, { event: name, ...written(how) }] as const),
    ...timers.map((ms, at) => [`t${at}`, step.timer(ms)] as const),
  ]
  return Object.fromEntries(entries) as Parameters<Step['waitForAny']>[1]
}

function invoke(
  { id, program, abandon, timeout }: EventNode & { kind: 'invoke' },
  step: Step,
  { k = 0, n = 0, hops = 0 }: Partial<RunData>,
  stage: Stage,
): Promise<unknown> | undefined {
  if (hops >= MOST_HOPS) return undefined
  const { workflow, continues } = stage.workflow(program)
  // Children of children end with themselves: there would be no end to it.
  const left = hops === 0 ? Math.min(continues, 1) : 0
  const data = { k, n, hops: hops + 1, left }
  return step.invoke(id, {
    workflow,
    data,
    abandon,
    ...(timeout !== undefined && { timeout }),
  })
}

/** What a call came to, without the ids that differ from one journal to another. */
export function told(node: EventNode, what: unknown): unknown {
  if (node.kind === 'send') return (what as { ids: readonly string[] }).ids.length
  if (node.kind === 'wait') return what === null ? null : (what as { data: unknown }).data
  if (node.kind === 'any of') return (what as { key: string }).key
  return what
}
