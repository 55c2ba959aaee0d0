import type { Span } from '../../inspect/span.ts'
import type { Stretch } from './scale.ts'
import type { Ink } from './span-look.ts'

/** A part of a lane in one ink; later ones lie above earlier ones. */
export interface Stroke extends Stretch {
  readonly ink: Ink
}

/** What is to be drawn of a span, up to now if it is open. */
export function strokesOf(span: Span, now: number): Stroke[] {
  const { kind, begun, ended, attempts, state } = span
  const [from, to] = [begun.at, ended?.at ?? now]
  switch (kind) {
    case 'step': {
      const first = attempts[0]?.begun.at ?? from
      const idle: Stroke[] = [{ from: first, to, ink: 'backoff' }]
      const runs = attempts.flatMap((attempt): Stroke[] => {
        const end = attempt.ended?.at ?? now
        const { late } = attempt
        const own: Stroke = { from: attempt.begun.at, to: end, ink: 'running' }
        return late === undefined
          ? [own]
          : [{ ...own, from: end, to: late.when.at, ink: 'late' }, own]
      })
      const last = runs.at(-1)
      const isBroken = state === 'failed' && last !== undefined
      return [
        ...(attempts.length > 1 || state === 'backoff' ? idle : []),
        ...runs,
        ...(isBroken ? [{ from: last.to, to: last.to, ink: 'failed' } as const] : []),
      ]
    }
    case 'child':
    case 'send':
      return [
        { from, to, ink: kind === 'send' ? 'running' : 'waiting' },
        ...(state === 'failed' ? [{ from: to, to, ink: 'failed' } as const] : []),
      ]
    case 'sleep':
    case 'wait':
      return [{ from, to, ink: 'waiting' }]
    case 'code':
      return [
        { from, to, ink: 'backoff' },
        { from, to: from, ink: 'failed' },
      ]
    case 'start':
    case 'queue':
    case 'gather':
      return [{ from, to, ink: 'queued' }]
    default:
      return kind satisfies never
  }
}
