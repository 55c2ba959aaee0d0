import type { Span } from '../../inspect/span.ts'
import type { Timeline } from '../../inspect/timeline.ts'
import { tookText } from '../times.ts'

/** What a span is called, and what it is. */
export interface Label {
  readonly name: string
  readonly told: string
}

export function labelOf(span: Span, { newest }: Pick<Timeline, 'newest'>): Label {
  const told = toldOf(span)
  const name = span.id === '' ? span.kind : span.id
  const state = stateText(span, newest.elapsed)
  const shielded = span.shielded && span.id !== '' ? 'shielded' : ''
  return { name, told: [told, state, shielded].filter(text => text !== '').join(', ') }
}

function toldOf(span: Span): string {
  switch (span.kind) {
    case 'step':
      return ''
    case 'sleep': {
      const { clock, due, begun } = span
      return `sleep ${tookText(due - (clock === 'wall' ? begun.at : begun.elapsed))}`
    }
    case 'wait': {
      const events = [...new Set(span.on.map(({ event }) => event))].join(' | ')
      const { due, begun } = span
      return `wait ${events}${due === undefined ? '' : ` ${tookText(due - begun.elapsed)}`}`
    }
    case 'child':
      return `run ${span.workflow}`
    case 'send':
      return `send ${[...new Set(span.events.map(({ name }) => name))].join(', ')}`
    case 'code':
      return `attempt ${span.attempt + 1} failed`
    case 'start':
      return 'begins later'
    case 'queue':
      return 'its turn'
    case 'gather':
      return `${span.gather.gather} of ${span.count}`
    default:
      return span satisfies never
  }
}

/** What its mark alone would not say. */
function stateText({ state, attempts, ...span }: Span, now: number): string {
  switch (state) {
    case 'timed-out':
    case 'cancelled':
    case 'abandoned':
      return state.replace('-', ' ')
    case 'backoff': {
      const due = span.kind === 'code' ? span.retryAt : attempts.at(-1)?.retryAt
      return due === undefined ? '' : `again ${tookText(due - now)} later`
    }
    case 'running':
    case 'waiting':
    case 'ok':
    case 'failed':
      return ''
    default:
      return state satisfies never
  }
}
