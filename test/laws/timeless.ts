import { type EventNode, isEventNode, NO_SURROUNDINGS } from './event-nodes.ts'
import type { Node, Program, StepOutcome, TopNode } from './program.ts'

/**
 * The same program with nothing in it whose outcome depends on when things happen: what it comes to
 * must be the same however often it crashes.
 */
export const timeless = ({ parts, continues }: Program): Program => ({
  parts: parts.flatMap((part): TopNode[] =>
    part.kind === 'dies' || part.kind === 'foreign' || part.kind === 'fickle'
      ? [part]
      : timelessNode(part),
  ),
  continues,
  ...NO_SURROUNDINGS,
})

function timelessNode(node: Node): Node[] {
  if (isEventNode(node)) return [timelessEvent(node)]
  const one = (inner: Node): Node => timelessNode(inner)[0] ?? { kind: 'sequence', parts: [] }
  switch (node.kind) {
    case 'step': {
      const { timeout: _, outcomes, ...rest } = node
      return [{ ...rest, outcomes: outcomes.map(timelessOutcome) }]
    }
    case 'chance':
      return []
    case 'sequence':
      return [{ ...node, parts: node.parts.flatMap(timelessNode) }]
    case 'all':
    case 'race':
    case 'any':
    case 'allSettled':
      return [{ kind: 'allSettled', parts: node.parts.flatMap(timelessNode) }]
    case 'loop':
      return [{ ...node, body: one(node.body) }]
    case 'try': {
      const { rescue, cleanup } = node
      const body = one(node.body)
      return [
        { ...node, body, ...(rescue && { rescue: one(rescue) }), ...(cleanup && { cleanup }) },
      ]
    }
    default:
      return [node]
  }
}

const timelessOutcome = (outcome: StepOutcome): StepOutcome =>
  outcome.kind === 'never' ? { kind: 'error' } : outcome

/** What comes from outside comes when it comes: here, never. */
function timelessEvent(node: EventNode): EventNode {
  switch (node.kind) {
    case 'wait': {
      const { back: _, ...wait } = node
      return { ...wait, how: 'never' }
    }
    case 'any of': {
      const [first = 8_000] = node.timers
      const sources = node.sources.map(each => ({ ...each, how: 'never' as const }))
      return { ...node, sources, timers: [first] }
    }
    case 'signal':
      return { ...node, signal: 'nobody' }
    case 'send':
      return node
    case 'invoke': {
      const { timeout: _, ...invoke } = node
      return invoke
    }
    default:
      return node satisfies never
  }
}
