import fc from 'fast-check'
import { isEventNode } from '../laws/event-nodes.ts'
import type { Node, Program, TopNode } from '../laws/program.ts'

/** A change that somebody makes to a program whose runs are under way. */
export interface Mutation {
  readonly kind: 'rename' | 'insert' | 'remove' | 'swap'
  readonly at: number
}

export const mutations: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('rename', 'insert', 'remove', 'swap'),
  at: fc.nat(5),
})

export function mutated(program: Program, { kind, at }: Mutation): Program {
  const { parts } = program
  const place = at % parts.length
  switch (kind) {
    case 'rename':
      return { ...program, parts: renamed(parts, at) }
    case 'insert':
      return { ...program, parts: [...parts.slice(0, place), NEW, ...parts.slice(place)] }
    case 'remove':
      return { ...program, parts: parts.filter((_, each) => each !== place) }
    case 'swap': {
      const [first, ...others] = parts.slice(place)
      const [second, ...rest] = others
      if (first === undefined || second === undefined)
        return { ...program, parts: renamed(parts, at) }
      return { ...program, parts: [...parts.slice(0, place), second, first, ...rest] }
    }
    default:
      return kind satisfies never
  }
}

const NEW: Node = {
  ...{ kind: 'step', id: 'new', outcomes: [{ kind: 'value', pick: 0 }], retries: 0, backoff: 1 },
}

/** Gives the call at a place, counted in the order of the text, another id. */
function renamed(parts: readonly TopNode[], at: number): TopNode[] {
  let chosen = -1
  let calls = 0
  for (const part of parts) top(part)
  chosen = at % Math.max(1, calls)
  calls = 0
  return parts.map(top)

  function top(part: TopNode): TopNode {
    return part.kind === 'dies' || part.kind === 'foreign' || part.kind === 'fickle'
      ? part
      : node(part)
  }
  function node(each: Node): Node {
    if (isEventNode(each)) return each
    switch (each.kind) {
      case 'step':
      case 'sleep':
      case 'sleepUntil':
        return calls++ === chosen ? { ...each, id: 'renamed' } : each
      case 'chance':
      case 'throws':
        return each
      case 'loop':
        return { ...each, body: node(each.body) }
      case 'try': {
        const { body, rescue, cleanup } = each
        return {
          kind: 'try',
          body: node(body),
          ...(rescue && { rescue: node(rescue) }),
          ...(cleanup && { cleanup: node(cleanup) }),
        }
      }
      default:
        return { ...each, parts: each.parts.map(node) }
    }
  }
}
