import type { Span, SpanState } from '../../inspect/span.ts'
import type { Looks, Style } from '../looks.ts'

/** What a cell of a lane shows. */
export type Ink = 'running' | 'backoff' | 'waiting' | 'queued' | 'late' | 'failed'

const INKS: {
  readonly [Each in Ink]: readonly [mark: string, ascii: string, Style, told: string]
} = {
  running: ['█', '#', 'green', 'running'],
  queued: ['·', '.', 'dim', 'not begun'],
  backoff: ['░', '~', 'yellow', 'backoff'],
  waiting: ['─', '-', 'blue', 'sleeping or waiting'],
  late: ['▒', '=', 'dim', 'late: not applied'],
  failed: ['✗', 'x', 'red', 'failed'],
}

const MARKS: { readonly [State in SpanState]: readonly [mark: string, ascii: string, Style] } = {
  running: ['●', '*', 'cyan'],
  waiting: ['◌', 'o', 'cyan'],
  backoff: ['↻', '~', 'yellow'],
  ok: ['✓', 'v', 'green'],
  failed: ['✗', 'X', 'red'],
  'timed-out': ['○', 't', 'yellow'],
  cancelled: ['⊘', '/', 'yellow'],
  abandoned: ['·', '.', 'dim'],
}

export interface Look {
  readonly mark: string
  readonly style: Style
}

export function inkLook(
  ink: Ink,
  { ascii }: Pick<Looks, 'ascii'>,
): Look & { readonly told: string } {
  const [mark, plain, style, told] = INKS[ink]
  return { mark: ascii ? plain : mark, style, told }
}

export function markOf({ state }: Pick<Span, 'state'>, { ascii }: Pick<Looks, 'ascii'>): Look {
  const [mark, plain, style] = MARKS[state]
  return { mark: ascii ? plain : mark, style }
}
