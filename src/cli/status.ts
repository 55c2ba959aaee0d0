import type { RunStatus } from '../../journal/lifecycle.ts'
import type { Looks, Style } from './looks.ts'

/** How a status is shown: never by its colour alone. */
export interface StatusLook {
  readonly mark: string
  readonly style: Style
}

const LOOKS: { readonly [Status in RunStatus]: readonly [mark: string, ascii: string, Style] } = {
  scheduled: ['◌', 'o', 'cyan'],
  running: ['●', '*', 'cyan'],
  paused: ['‖', '=', 'yellow'],
  completed: ['✓', 'v', 'green'],
  failed: ['✗', 'X', 'red'],
  cancelled: ['⊘', '/', 'yellow'],
  skipped: ['↷', '>', 'yellow'],
  parked: ['!', '!', 'magenta'],
}

export function statusLook(status: RunStatus, { ascii }: Pick<Looks, 'ascii'>): StatusLook {
  const [mark, plain, style] = LOOKS[status]
  return { mark: ascii ? plain : mark, style }
}
