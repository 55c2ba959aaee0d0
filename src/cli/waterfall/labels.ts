import { heardText } from '../../inspect/heard.ts'
import type { Moment, Span } from '../../inspect/span.ts'
import type { Timeline } from '../../inspect/timeline.ts'
import { tookText } from '../times.ts'

/** What a span is called, and what it is. */
export interface Label {
  readonly name: string
  readonly told: string
}

/** `now`, on the wall clock: how much is left of what is waited for. */
export function labelOf(span: Span, { newest }: Pick<Timeline, 'newest'>, now: number): Label {
  const moment = { at: now, elapsed: newest.elapsed + now - newest.at }
  const told = toldOf(span)
  const name = span.id === '' ? span.kind : span.id
  const state = stateText(span, moment)
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
      const events = [...new Set(span.on.map(heardText))].join(' | ')
      const { due, begun } = span
      return `wait ${events}${due === undefined ? '' : ` ${tookText(due - begun.elapsed)}`}`
    }
    case 'child':
      return `run ${span.workflow}`
    case 'send':
      return `send ${[...new Set(span.events.map(({ name }) => name))].join(', ')}`
    case 'code':
      return `attempt ${span.attempt} failed`
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
function stateText(span: Span, now: Moment): string {
  const { state } = span
  switch (state) {
    case 'timed-out':
    case 'cancelled':
    case 'abandoned':
      return state.replace('-', ' ')
    case 'backoff':
    case 'waiting': {
      const left = leftOf(span, now)
      if (left === undefined) return ''
      if (left <= 0) return 'due'
      return state === 'backoff' ? `again in ${tookText(left)}` : `${tookText(left)} left`
    }
    case 'running':
    case 'ok':
    case 'failed':
      return ''
    default:
      return state satisfies never
  }
}

function leftOf(span: Span, now: Moment): number | undefined {
  switch (span.kind) {
    case 'sleep':
      return span.due - (span.clock === 'wall' ? now.at : now.elapsed)
    case 'start':
      return span.due - now.at
    case 'step':
      return minus(span.attempts.at(-1)?.retryAt, now)
    case 'code':
      return minus(span.retryAt, now)
    case 'wait':
    case 'child':
    case 'gather':
      return minus(span.due, now)
    case 'queue':
    case 'send':
      return undefined
    default:
      return span satisfies never
  }
}

const minus = (due: number | undefined, { elapsed }: Moment): number | undefined =>
  due === undefined ? undefined : due - elapsed
